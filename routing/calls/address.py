"""How an elder is addressed: surname and form of address, as in 王奶奶."""

from __future__ import annotations

# The compound surnames of the Hundred Family Surnames (百家姓) that are still borne by many, and a few more.
_COMPOUND = frozenset({
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛",
    "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容",
    "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "令狐", "呼延", "西门", "南郭", "东郭",
    "百里", "拓跋", "轩辕", "第五", "纳兰",
})  # fmt: skip
OLD_FROM = 70
"""Years of age from which 奶奶 and 爷爷 are said unasked. The younger, and those of unknown age, are 女士 and 先生."""


def surname(name: str) -> str:
    """Give the surname of a Chinese name of two to four characters; empty for other forms (阿依古丽·买买提)."""
    name = name.strip()
    if not 2 <= len(name) <= 4 or not all("\u3400" <= letter <= "\u9fff" for letter in name):
        return ""
    return name[:2] if len(name) > 2 and name[:2] in _COMPOUND else name[:1]


def form_of_address(sex: str, age: int | None) -> str:
    """Choose the form of address from sex (female, male or unknown) and age in years; empty when sex is not known."""
    old = age is not None and age >= OLD_FROM
    if sex == "female":
        return "奶奶" if old else "女士"
    if sex == "male":
        return "爷爷" if old else "先生"
    return ""
