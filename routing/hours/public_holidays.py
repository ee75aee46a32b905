"""China's public holidays and the working days that make up for them, from a library that holds the decrees.

The State Council announces each year in the November before. Beyond the years that the library knows, days count as
plain weekdays: nothing is guessed, and `known_until` says so to whoever looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from chinese_calendar import holidays, workdays

from routing.hours.policy import DayKind, SpecialDay

_NAMES = {
    "New Year's Day": "元旦", "Spring Festival": "春节", "Tomb-sweeping Day": "清明节", "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节", "Mid-autumn Festival": "中秋节", "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}  # fmt: skip


@cache
def special_days(country: str) -> Mapping[date, SpecialDay]:
    """Give all days that are known of a country (ISO 3166); of any but China, none."""
    if country != "CN":
        return MappingProxyType({})
    off = {day: SpecialDay(DayKind.HOLIDAY, _NAMES.get(name, name)) for day, name in holidays.items()}
    at_work = {day: SpecialDay(DayKind.MAKE_UP, _NAMES.get(name, name)) for day, name in workdays.items()}
    return MappingProxyType(off | at_work)


def known_until(country: str) -> date | None:
    """Give the last date for which they are known; None where a country has none in the first place."""
    days = special_days(country)
    return date(max(days).year, 12, 31) if days else None
