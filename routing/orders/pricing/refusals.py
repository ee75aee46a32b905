"""What is refused of a price, with the words for whoever gave it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from routing.orders.pricing.reasons import Value

_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "price.negative": "a price of {given:yuan} yuan is negative: give what one unit costs",
        "price.too_high": "a price of {given:yuan} yuan for one unit is above the bound of {most:yuan} yuan: "
        "check the decimal point",
        "price.zero": "a price of 0 yuan makes it free for everybody: if that is meant, give it again and say sure",
        "price.jump": "the price would go from {before:yuan} to {given:yuan} yuan: if that is meant, give it again "
        "and say sure",
        "quantity.order": "the least ({smallest}), the usual ({usual}) and the most ({largest}) must be 1 or more and "
        "in this order",
        "quantity.too_large": "a most of {given} is above the bound of {most}: give less",
        "quantity.quarters": "{given} minutes is no whole quarter of an hour: give 15, 30, 45, 60 and so on",
        "quantity.refused": "{given} of {item} cannot be ordered: give {smallest} to {largest} pieces",
        "quantity.refused.hour": "{given} minutes of {item} cannot be ordered: give {smallest} to {largest} minutes, "
        "in quarters of an hour",
        "quantity.parts": "{given} cannot be ordered: give whole pieces, or hours in quarters as 1.25",
        "share.out_of_range": "an elder's share of {given} % is not between 0 and 100",
        "quota.of_nothing": "who pays 100 % has no quota: leave it empty, or give a smaller share",
        "quota.none": "a quota of {given:yuan} yuan covers nothing: give more than 0, or no quota for no bound",
        "quota.too_high": "a quota of {given:yuan} yuan a month is above the bound of {most:yuan} yuan: "
        "check the decimal point",
        "class.code": "{given} is no code of a class: 2 to 20 small letters, digits and _, beginning with a letter",
        "class.name": "a class has a name of 1 to {most} characters: give one that people know",
        "class.in_use": "{elders} elders are of this class and would pay all after {last}: give them another class "
        "first, or say sure",
        "days.past": "{given} is past, and what was ordered then is settled: begin today ({today}) or later",
        "days.far": "{given} is more than three years ahead: check the year",
        "days.order": "the last day, {last}, is before the first, {first}: give them the other way round",
    }
)
_CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "price.negative": "价格 {given:yuan} 元是负数：请填写每单位的收费。",
        "price.too_high": "单价 {given:yuan} 元超过上限 {most:yuan} 元：请检查小数点。",
        "price.zero": "价格 0 元等于对所有人免费：如果确实如此，请勾选“确认无误”再保存。",
        "price.jump": "价格将从 {before:yuan} 元变成 {given:yuan} 元，变化很大：如果确实如此，请勾选“确认无误”再保存。",
        "quantity.order": "最少 {smallest}、默认 {usual}、最多 {largest} 应当不小于 1，并且依次递增。",
        "quantity.too_large": "最多 {given} 超过上限 {most}：请改小。",
        "quantity.quarters": "{given} 分钟不是整刻钟：请填 15、30、45、60 等。",
        "quantity.refused": "{item}不能订 {given} 次：请填 {smallest} 到 {largest} 次。",
        "quantity.refused.hour": "{item}不能订 {given:hours} 小时：请填 {smallest:hours} 到 {largest:hours} 小时，"
        "以一刻钟（0.25 小时）为单位。",
        "quantity.parts": "不能订 {given}：请填整次数；按小时的填 1.25 这样的整刻钟。",
        "share.out_of_range": "自付比例 {given}% 不在 0 到 100 之间：请改正。",
        "quota.of_nothing": "全部自付的类别没有额度：请留空，或者改小自付比例。",
        "quota.none": "每月额度 {given:yuan} 元等于没有：请填大于 0 的数；不限额请留空。",
        "quota.too_high": "每月额度 {given:yuan} 元超过上限 {most:yuan} 元：请检查小数点。",
        "class.code": "类别代码要用 2 到 20 个小写字母、数字或下划线，以字母开头。",
        "class.name": "类别名称要有 1 到 {most} 个字。",
        "class.in_use": "还有 {elders} 位老人属于这个类别，{last} 以后要全部自付：请先给他们换类别；"
        "如果确实如此，请勾选“确认无误”再停用。",
        "days.past": "{given} 已经过去，当时的订单不能再改：请从今天（{today}）或以后开始。",
        "days.far": "{given} 在三年以后：请检查年份。",
        "days.order": "截止日期 {last} 早于开始日期 {first}：请对调。",
    }
)


@dataclass(frozen=True)
class Absurd:
    """What is wrong with what was given."""

    code: str
    values: tuple[tuple[str, Value], ...] = ()

    def words(self, language: str = "en") -> str:
        """Say it to whoever gave it, and what to do."""
        table = _CHINESE if language.startswith("zh") else _ENGLISH
        return table[self.code].format(**{name: _Shown(value) for name, value in self.values})


class _Shown:
    """A value that writes fen as yuan, and minutes as hours, where the text asks for it."""

    def __init__(self, value: Value) -> None:
        self._value = value

    def __format__(self, spec: str) -> str:
        if spec == "hours":
            return f"{int(self._value) / 60:g}"
        return yuan(int(self._value)) if spec == "yuan" else str(self._value)


def yuan(fen: int) -> str:
    """Write fen as yuan: 1250 is 12.50, -5 is -0.05."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def absurd(code: str, **values: Value) -> Absurd:
    """Make a refusal. Raises KeyError for a code without words."""
    _ENGLISH[code], _CHINESE[code]
    return Absurd(code, tuple(values.items()))
