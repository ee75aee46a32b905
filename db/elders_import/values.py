"""Cells to values: dates, yes and no, classes, identity numbers. Each function raises Unfit with the reason's key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any


class Unfit(ValueError):
    """A cell does not hold what its column is for."""

    def __init__(self, why: str, **values: Any) -> None:
        super().__init__(why)
        self.why = why
        self.values = values


_OLDEST = 1890
_LONGEST_CODE = 40
_PERSONAL_CODE = re.compile(r"[1-9]\d{16}[\dXx]|1[3-9]\d{9}")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?|(\d{2})(\d{2})?)(?:[ T]00:00(?::00)?)?")
_REST = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~～至到]\s*(\d{1,2}):(\d{2})")
_LONGEST_REST = 8 * 60
"""Minutes; routing.outreach.policy says why."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]")
_YES = frozenset({"是", "y", "yes", "true", "1", "√", "有", "对"})
_NO = frozenset({"否", "n", "no", "false", "0", "×", "x", "无", "不"})
CHOICES: dict[str, dict[str, str]] = {
    "sex": {"女": "female", "female": "female", "f": "female", "男": "male", "male": "male", "m": "male",
            "未知": "unknown", "unknown": "unknown"},
    "hearing": {"正常": "normal", "normal": "normal", "重听": "weak", "弱": "weak", "听力弱": "weak", "weak": "weak",
                "聋": "deaf", "失聪": "deaf", "deaf": "deaf"},
    "payer_class": {"政府购买": "assisted", "特困": "assisted", "assisted": "assisted", "补贴": "subsidised",
                    "部分补贴": "subsidised", "subsidised": "subsidised", "自费": "self_paid",
                    "self_paid": "self_paid"},
    "language": {"中文": "zh-CN", "汉语": "zh-CN", "普通话": "zh-CN", "zh-cn": "zh-CN", "英语": "en", "english": "en",
                 "en": "en"},
    "state": {"在册": "active", "正常": "active", "active": "active", "迁出": "moved", "moved": "moved",
              "注销": "deregistered", "deregistered": "deregistered", "去世": "deceased", "死亡": "deceased",
              "已故": "deceased", "deceased": "deceased"},
}  # fmt: skip
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def line(text: str, limit: int) -> str:
    """A line of text of at most `limit` characters, its white space made single."""
    plain = " ".join(_CONTROLS.sub(" ", text).split())
    if len(plain) > limit:
        raise Unfit("too_long", limit=limit)
    return plain


def code(text: str) -> str:
    """A registration number. It is stored unencrypted, and so is no identity or mobile number."""
    found = line(text, _LONGEST_CODE)
    if not found:
        raise Unfit("empty")
    if _PERSONAL_CODE.fullmatch(found):
        raise Unfit("code_personal")
    return found


def choice(field: str, text: str) -> str:
    """One of the words of a field."""
    try:
        return CHOICES[field][text.strip().lower()]
    except KeyError:
        raise Unfit("choice", choices="、".join(CHOICES[field])) from None


def payer_class(text: str, classes: Mapping[str, str]) -> str:
    """The code of a class that elders may be of: by its code, its name, or a word that registers use for it."""
    word = text.strip().lower()
    code = classes.get(word) or CHOICES["payer_class"].get(word)
    if code is None or code not in classes.values():
        raise Unfit("choice", choices="、".join(classes))
    return code


def rest(text: str) -> str:
    """Hours of rest, as 12:30-14:00; the Chinese colon and dashes too."""
    found = _REST.fullmatch(text.strip().replace("：", ":"))
    hours = [int(each) for each in found.groups()] if found else []
    if not hours or max(hours[0], hours[2]) > 23 or max(hours[1], hours[3]) > 59:
        raise Unfit("rest")
    begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if not 0 < (end - begin) % 1440 <= _LONGEST_REST:
        raise Unfit("rest")
    return f"{hours[0]:02}:{hours[1]:02}-{hours[2]:02}:{hours[3]:02}"


def yes_or_no(text: str) -> bool:
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unfit("yes_no")


def day(text: str, today: date) -> date:
    """A day: 1944-01-05, 1944/1/5, 1944.1.5, 19440105, 1944年1月5日, or only year and month (then the first)."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise Unfit("date")
    year, month, of_month, month_2, of_month_2 = found.groups()
    try:
        value = date(int(year), int(month or month_2 or 1), int(of_month or of_month_2 or 1))
    except ValueError:
        raise Unfit("date") from None
    if value.year < _OLDEST or value > today:
        raise Unfit("date")
    return value


def degrees(text: str, limit: float) -> float:
    """A coordinate between -limit and limit."""
    try:
        value = float(text)
    except ValueError:
        raise Unfit("coordinate") from None
    if not -limit <= value <= limit:
        raise Unfit("coordinate")
    return value


def identity(text: str, today: date) -> str:
    """An identity number of 18 characters (GB 11643: birth date within, check digit after ISO 7064 MOD 11-2), or of 15
    digits, as they were before 1999."""
    number = text.strip().upper()
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]|[1-9][0-9]{14}", number):
        raise Unfit("identity")
    try:
        day(number[6:14] if len(number) == 18 else f"19{number[6:12]}", today)
    except Unfit:
        raise Unfit("identity") from None
    if len(number) == 18:
        total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
        if _CHECKS[total % 11] != number[17]:
            raise Unfit("identity")
    return number


def born(identity_number: str) -> date:
    """The birth date within a valid identity number."""
    digits = identity_number[6:14] if len(identity_number) == 18 else f"19{identity_number[6:12]}"
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def sex_of(identity_number: str) -> str:
    """The sex within a valid identity number: odd is male."""
    digit = identity_number[16] if len(identity_number) == 18 else identity_number[14]
    return "male" if int(digit) % 2 else "female"
