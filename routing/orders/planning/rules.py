"""Calendar rules of plans: a checked part of RFC 5545, told in words when it is wrong. Pure.

A rule says on which dates; the times of day are beside it. What is refused is refused with what to write instead.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from routing.errors import Invalid

FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
MOST_INTERVAL = {"DAILY": 366, "WEEKLY": 52, "MONTHLY": 24, "YEARLY": 10}
MOST_COUNT = 1_000
TIMES_A_DAY = 4
"""A plan makes at most so many orders a day: three meals and one thing more."""
APART = timedelta(minutes=30)
"""Two times of one day are at least so far apart: nearer ones are a slip of the pen."""
_LONGEST_RULE = 300  # Characters, as the column has it.
_SOON_YEARS = 9
"""A rule that gives no date within so many years gives none: the 29th of February comes every eight at the least."""
_LONGEST_MONTHS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ORDINAL = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_TOO_FINE = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])")


class BadRule(Invalid):
    """A rule, or a time of day, that no plan can have; the text says what to write instead."""

    code = "bad_rule"


@dataclass(frozen=True)
class Rule:
    """A checked rule. `parts` are the arguments of dateutil's rrule, without its begin, its end and its count."""

    text: str
    frequency: str
    interval: int
    count: int | None
    until: date | None
    parts: tuple[tuple[str, Any], ...]

    @property
    def month_days(self) -> tuple[int, ...]:
        return tuple(dict(self.parts).get("bymonthday", ()))


def read_rule(text: str) -> Rule:
    """Check a rule as FREQ=WEEKLY;BYDAY=MO,TH. Raises BadRule with a sentence for whoever wrote it."""
    given = _given(text)
    frequency = given.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise BadRule(f"say how often: FREQ is one of {', '.join(FREQUENCIES)}; not {frequency[:20] or 'nothing'!r}")
    interval = _number("INTERVAL", given.pop("INTERVAL", "1"), 1, MOST_INTERVAL[frequency])
    count = _number("COUNT", given.pop("COUNT"), 1, MOST_COUNT) if "COUNT" in given else None
    until = _until(given.pop("UNTIL")) if "UNTIL" in given else None
    if count is not None and until is not None:
        raise BadRule("give COUNT or UNTIL, not both: one of them ends the rule")
    parts: dict[str, Any] = {}
    for name, value in given.items():
        read = _PARTS.get(name)
        if read is None:
            why = "times of day are beside the rule" if name in _TOO_FINE else f"only {_KNOWN} are understood"
            raise BadRule(f"{name[:20]} cannot stand in a rule: {why}")
        parts[name.lower()] = read(frequency, value)
    if "bysetpos" in parts and not {"byday", "bymonthday"} & set(parts):
        raise BadRule("BYSETPOS chooses among the days of BYDAY or BYMONTHDAY: give one of them, too")
    if "bysetpos" in parts and frequency in ("DAILY", "WEEKLY"):
        raise BadRule("BYSETPOS chooses among the days of a month or year: write FREQ=MONTHLY or FREQ=YEARLY")
    if not any(abs(day) <= _LONGEST_MONTHS[month] for day in parts.get("bymonthday", (1,)) for month in _months(parts)):
        raise BadRule("there is no such day in these months: look at BYMONTHDAY and BYMONTH")
    if "byday" in parts:
        parts["byweekday"] = parts.pop("byday")
    normal = ";".join(f"{name}={value}" for name, value in _given(text).items())
    return Rule(normal, frequency, interval, count, until, tuple(parts.items()))


def read_times(text: str) -> tuple[time, ...]:
    """Read times of day as 11:30,17:30, in order. Raises BadRule."""
    times = []
    for part in filter(None, (each.strip() for each in re.split(r"[,，、; ]+", text))):
        found = _TIME.fullmatch(part)
        if found is None:
            raise BadRule(f"write times of day as 11:30,17:30; not {part[:20]!r}")
        times.append(time(int(found[1]), int(found[2])))
    times.sort()
    if not 1 <= len(times) <= TIMES_A_DAY:
        raise BadRule(f"a plan has one to {TIMES_A_DAY} times of day, this one {len(times)}")
    gaps = (datetime.combine(date.min, b) - datetime.combine(date.min, a) for a, b in zip(times, times[1:]))  # noqa: B905, RUF007  # Pairs.
    if any(gap < APART for gap in gaps):
        raise BadRule(f"times of one day are at least {APART.seconds // 60} minutes apart")
    return tuple(times)


def write_times(times: tuple[time, ...]) -> str:
    """Write what `read_times` reads."""
    return ",".join(f"{each:%H:%M}" for each in times)


def check_begins(rule: Rule, starts_on: date) -> None:
    """See that the rule gives a date at all. Raises BadRule."""
    if rule.until is not None and rule.until < starts_on:
        raise BadRule(f"the rule ends on {rule.until}, before it begins on {starts_on}")
    if next(dates(rule, starts_on, starts_on, _years_on(starts_on, _SOON_YEARS)), None) is None:
        raise BadRule("this rule gives no date: there is no such day, or it ends before the first")


def dates(rule: Rule, starts_on: date, first: date, last: date) -> Iterator[date]:
    """Give the dates of a rule from the first to the last, in order, each once."""
    last = min(last, rule.until) if rule.until is not None else last
    begin = _begin(rule, starts_on, first)
    # dateutil looks for a first date until the year 9999, day by day: half a minute for a rule that has none.
    if rule.frequency == "DAILY" and not any(_fits(rule, day) for day in _steps(begin, last, rule.interval)):
        return
    # A count and an end together are none of RFC 5545's: with a count, which is bounded itself, we stop by ourselves.
    end = {"count": rule.count} if rule.count is not None else {"until": datetime.combine(last, time())}
    found = rrule(
        FREQUENCIES[rule.frequency], dtstart=datetime.combine(begin, time()), interval=rule.interval, **end,
        **_anchored(rule, starts_on),
    )  # fmt: skip
    for each in found:
        if each.date() > last:
            return
        if each.date() >= first:
            yield each.date()


def days_that_are_not(rule: Rule, first: date, last: date) -> Iterator[tuple[date, int]]:
    """Give, as the last day of their month, the months of a rule for the 29th, 30th or 31st that have no such day.

    RFC 5545 leaves such dates out (section 3.3.10), and so do we; but whoever looks at a plan shall be told.
    """
    late = [day for day in rule.month_days if day > 28]
    months = dict(rule.parts).get("bymonth")
    if not late or "byweekday" in dict(rule.parts) or rule.count is not None or rule.interval != 1:
        return
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        length = calendar.monthrange(year, month)[1]
        for day in late:
            ends = date(year, month, length)
            if day > length and (months is None or month in months) and first <= ends <= last:
                yield ends, day
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _steps(first: date, last: date, interval: int) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range(0, (last - first).days + 1, interval))


def _fits(rule: Rule, day: date) -> bool:
    """Tell whether a date is one of a daily rule's, apart from its interval."""
    parts = dict(rule.parts)
    length = calendar.monthrange(day.year, day.month)[1]
    return (
        day.month in _months(parts)
        and bool({day.day, day.day - length - 1} & set(parts.get("bymonthday", (day.day,))))
        and day.weekday() in {each.weekday for each in parts.get("byweekday", (weekday(day.weekday()),))}
    )


def _months(parts: Mapping[str, Any]) -> Iterable[int]:
    months: Iterable[int] = parts.get("bymonth", range(1, 13))
    return months


def _anchored(rule: Rule, starts_on: date) -> dict[str, Any]:
    """Give the parts, with those that RFC 5545 takes from the first date where the rule does not say."""
    parts = dict(rule.parts)
    if not {"byweekday", "bymonthday"} & set(parts):
        if rule.frequency == "WEEKLY":
            parts["byweekday"] = weekday(starts_on.weekday())
        elif rule.frequency in ("MONTHLY", "YEARLY"):
            parts["bymonthday"] = starts_on.day
    if rule.frequency == "YEARLY" and "bymonth" not in parts and "byweekday" not in parts:
        parts["bymonth"] = starts_on.month
    return parts


def _begin(rule: Rule, starts_on: date, first: date) -> date:
    """Begin near the first date that is asked for, whole intervals after the real begin: a plan of years ago costs no
    more than one of today. With a count every date counts, from the first."""
    if rule.count is not None or first <= starts_on:
        return starts_on
    if rule.frequency in ("DAILY", "WEEKLY"):
        step = timedelta(days=rule.interval * (7 if rule.frequency == "WEEKLY" else 1))
        return starts_on + step * max(0, (first - starts_on) // step - 1)
    return starts_on


def _years_on(day: date, years: int) -> date:
    return day + timedelta(days=366 * years)


def _given(text: str) -> dict[str, str]:
    text = "".join(text.split()).upper().removeprefix("RRULE:")
    if not text or len(text) > _LONGEST_RULE:
        raise BadRule(f"a rule is written as FREQ=WEEKLY;BYDAY=MO,TH, in at most {_LONGEST_RULE} characters")
    given: dict[str, str] = {}
    for part in text.rstrip(";").split(";"):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not (name and equals and value):
            raise BadRule(f"{part[:20]!r} is no part of a rule: write NAME=VALUE, with semicolons between")
        if name in given:
            raise BadRule(f"{name[:20]} stands twice in the rule")
        given[name] = value
    return given


def _number(name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7 and least <= int(text) <= most):
        raise BadRule(f"{name} is a number from {least} to {most}; not {text[:20]!r}")
    return int(text)


def _until(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # A date, without any zone.
    except ValueError:
        raise BadRule(f"UNTIL is the last date, as UNTIL=20261231; not {text[:20]!r}") from None


def _signed(name: str, text: str, most: int, *, negative: bool = True) -> tuple[int, ...]:
    found = []
    for part in text.split(","):
        digits = part.removeprefix("-") if negative else part
        found.append(_number(name, digits.removeprefix("+"), 1, most) * (-1 if digits != part else 1))
    return tuple(dict.fromkeys(found))


def _byday(frequency: str, text: str) -> tuple[Any, ...]:
    found = []
    for part in text.split(","):
        day = _ORDINAL.fullmatch(part)
        if day is None:
            raise BadRule(f"BYDAY names days as MO,TH or, in a month, 1MO and -1FR; not {part[:20]!r}")
        if day[1] and frequency not in ("MONTHLY", "YEARLY"):
            raise BadRule(f"{part} is a day of a month: with FREQ={frequency} write {day[2]}")
        found.append(weekday(_WEEKDAYS.index(day[2]), int(day[1]) if day[1] else None))
    return tuple(dict.fromkeys(found))


def _bymonthday(frequency: str, text: str) -> tuple[int, ...]:
    if frequency == "WEEKLY":
        raise BadRule("a week has no days of the month: write FREQ=MONTHLY with BYMONTHDAY")
    return _signed("BYMONTHDAY", text, 31)


def _wkst(_frequency: str, text: str) -> int:
    if text not in _WEEKDAYS:
        raise BadRule(f"WKST is one of {', '.join(_WEEKDAYS)}")
    return _WEEKDAYS.index(text)


_PARTS: dict[str, Callable[[str, str], Any]] = {
    "BYDAY": _byday,
    "BYMONTHDAY": _bymonthday,
    "BYMONTH": lambda _frequency, text: _signed("BYMONTH", text, 12, negative=False),
    "BYSETPOS": lambda _frequency, text: _signed("BYSETPOS", text, 31),
    "WKST": _wkst,
}
_KNOWN = ", ".join(("FREQ", "INTERVAL", "COUNT", "UNTIL", *_PARTS))
