"""Which column holds what: headers in Chinese and English, as registers name them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_NAMES: dict[str, tuple[str, ...]] = {
    "code": ("编号", "登记号", "登记编号", "老人编号", "档案号", "档案编号",
             "code", "registration number", "elder code"),
    "name": ("姓名", "老人姓名", "name", "full name", "elder name"),
    "sex": ("性别", "sex", "gender"),
    "birth_date": ("出生日期", "出生年月", "出生年月日", "生日", "birth date", "date of birth", "birthday"),
    "identity_number": ("身份证", "身份证号", "身份证号码", "证件号码", "identity number", "id card", "id number"),
    "phone": ("电话", "联系电话", "电话号码", "手机", "手机号", "手机号码", "移动电话", "固定电话", "固话",
              "座机", "家庭电话", "phone", "phones", "phone number",
              "telephone", "mobile", "mobile phone", "landline", "home phone"),
    "one_key_phone": ("一键通", "一键呼叫", "一键呼叫电话", "一键通号码", "one key phone", "sos phone"),
    "form_of_address": ("称呼", "form of address"),
    "address": ("地址", "住址", "家庭住址", "居住地址", "现住址", "address", "home address"),
    "landmarks": ("地标", "附近标志", "怎么找", "landmarks"),
    "way_in": ("进门方式", "钥匙", "备用钥匙", "way in", "key holder"),
    "rest": ("午休", "午休时间", "休息时间", "勿扰时间", "rest", "rest hours"),
    "one_key_place": ("一键通位置", "一键呼叫位置", "呼叫器位置", "one key place", "device place"),
    "district": ("街道", "所属街道", "区县", "辖区", "社区", "所属社区", "district", "subdistrict"),
    "latitude": ("纬度", "latitude"),
    "longitude": ("经度", "longitude"),
    "health_notes": ("健康状况", "健康备注", "健康情况", "病史", "health", "health notes"),
    "hearing": ("听力", "听力情况", "hearing"),
    "dialect": ("方言", "dialect"),
    "language": ("语言", "language"),
    "payer_class": ("付费类别", "补贴类别", "服务类别", "payer class"),
    "frail": ("体弱", "是否体弱", "失能", "是否失能", "frail"),
    "lives_alone": ("独居", "是否独居", "lives alone"),
    "straight_to_person": ("直接人工", "是否直接转人工", "直转人工", "straight to person"),
    "state": ("状态", "人员状态", "state", "status"),
    "contact_name": ("联系人", "联系人姓名", "紧急联系人", "紧急联系人姓名", "家属", "家属姓名",
                     "contact", "contact name"),
    "contact_relation": ("联系人关系", "与老人关系", "关系", "紧急联系人关系", "家属关系",
                         "contact relation", "relation"),
    "contact_phone": ("联系人电话", "紧急联系人电话", "家属电话", "联系人手机", "contact phone", "contact number"),
}  # fmt: skip
_REQUIRED = ("code", "name", "phone")
_REPEATED = frozenset({"phone", "one_key_phone", "contact_name", "contact_relation", "contact_phone"})
_HEADER_ROWS = 10
_REMARKS = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】")


class MissingColumns(ValueError):
    """The file lacks columns that must be there; the text lists them, and the headers that were read."""


@dataclass(frozen=True)
class Column:
    """One column of the file: where it is, what it holds, and what the file calls it."""

    at: int
    field: str
    header: str
    turn: int
    """Which contact it belongs to, from 1; for phones which phone."""


@dataclass(frozen=True)
class Header:
    """The header row and what it means. `row` counts from 1, as spreadsheets do."""

    row: int
    columns: tuple[Column, ...]
    ignored: tuple[str, ...]
    """Headers that mean nothing to us."""


def find_header(rows: Sequence[Sequence[str]]) -> Header:
    """Find the header in the first rows: registers often have a title above it. Raises MissingColumns."""
    headers = [_read(at, row) for at, row in enumerate(rows[:_HEADER_ROWS], 1)]
    best = max(headers, key=lambda header: len({column.field for column in header.columns}), default=None)
    known = {column.field for column in best.columns} if best else set()
    missing = [name for name in _REQUIRED if name not in known]
    if best is None or missing:
        wanted = "、".join(f"{_NAMES[name][0]} ({_NAMES[name][-1]})" for name in missing or _REQUIRED)
        seen = "、".join(header for header in rows[best.row - 1] if header)[:200] if best else ""
        raise MissingColumns(
            f"缺少列：{wanted}；读到的表头：{seen or '无'} / columns are missing, see the list before this"
        )
    return best


def _read(row_number: int, row: Sequence[str]) -> Header:
    columns, ignored, turns = [], [], dict.fromkeys(_NAMES, 0)
    for at, header in enumerate(row):
        if not header.strip():
            continue
        field, turn = _field(header)
        if field is None or (field not in _REPEATED and turns[field]):
            ignored.append(header.strip())
            continue
        turns[field] = turn or turns[field] + 1
        columns.append(Column(at, field, header.strip(), turns[field]))
    return Header(row_number, tuple(columns), tuple(ignored))


def _field(header: str) -> tuple[str | None, int]:
    """Give the field that a header names, and its number: ``联系人2电话`` is contact_phone, 2."""
    plain = _plain(header)
    digits = re.findall(r"\d+", plain)
    return _FIELDS.get(re.sub(r"\d+", "", plain)), int(digits[0][:2]) if digits else 0


def _plain(header: str) -> str:
    """Leave out what does not matter: width, case, spaces, ``*`` of required columns, remarks in brackets."""
    text = _REMARKS.sub("", unicodedata.normalize("NFKC", header).lower())
    return re.sub(r"[\s_\-*:：.、/]", "", text)


_FIELDS = {_plain(name): field for field, names in _NAMES.items() for name in names}
