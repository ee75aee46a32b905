"""The history of calls as the forecast wants it, and its reading from a file's lines. Pure.

A day is 48 counts, one for each half hour of local time. Half hours that a clock change drops or doubles count as they
are: a quiet hour of the night, and China has none.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import TypeVar

HALF_HOURS = 48
HALF_HOUR_SECONDS = 1800.0
_FAULTS_SHOWN = 5
_COUNT_MOST = 1e7
_Read = TypeVar("_Read")

Day = tuple[float, ...]
"""Calls by half hour of local time, 48 of them."""
History = Mapping[date, Day]


class HistoryError(ValueError):
    """A file of calls cannot be used; the text names the first bad rows and why."""


def count(moments: Iterable[datetime], zone: tzinfo) -> dict[date, Day]:
    """Count the beginnings of calls (aware times) by local day and half hour."""
    return _days((moment.astimezone(zone), 1.0) for moment in moments)


def read_history(lines: Iterable[str], zone: tzinfo) -> dict[date, Day]:
    """Read CSV with a head line and the columns ``time`` and ``calls``: the beginning of an interval of at most 30 min.

    A time is ISO 8601 (2026-03-02T09:30 or with an offset; without one it is local). Raises HistoryError.
    """

    def moment(text: str) -> datetime:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo is None else at.astimezone(zone)

    rows = _rows(lines, ("time", "calls"))
    return _days(_each(rows, lambda row: (moment(row["time"].strip()), _number(row["calls"]))))


def read_profile(lines: Iterable[str]) -> Day:
    """Read CSV with the columns ``time`` (as 09:30) and ``calls``, one day of any scale. Raises HistoryError."""

    def interval(row: dict[str, str]) -> tuple[datetime, float]:
        return datetime.strptime(row["time"].strip(), "%H:%M"), _number(row["calls"])  # noqa: DTZ007  # a time of day

    days = _days(_each(_rows(lines, ("time", "calls")), interval))
    (profile,) = days.values()
    if not sum(profile):
        raise HistoryError("the profile has no calls")
    return profile


def scaled(day: Day, calls: float) -> Day:
    """Give the same course of the day with `calls` in all."""
    total = sum(day)
    return tuple(calls * each / total for each in day) if total else day


def label(half_hour: int) -> str:
    """Name a half hour by its beginning, as 09:30."""
    return f"{half_hour // 2:02d}:{half_hour % 2 * 30:02d}"


def _days(counts: Iterable[tuple[datetime, float]]) -> dict[date, Day]:
    days: dict[date, list[float]] = {}
    for at, calls in counts:
        days.setdefault(at.date(), [0.0] * HALF_HOURS)[at.hour * 2 + at.minute // 30] += calls
    return {day: tuple(days[day]) for day in sorted(days)}


def _rows(lines: Iterable[str], columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(lines, strict=True)
    try:
        head = [name.strip().lstrip("\ufeff").lower() for name in reader.fieldnames or ()]
        missing = [name for name in columns if name not in head]
        if missing:
            raise HistoryError(f"the head line lacks {' and '.join(missing)}; it must be: {','.join(columns)}")
        reader.fieldnames = head
        return [(reader.line_num, {key: value or "" for key, value in row.items() if key}) for row in reader]
    except csv.Error as error:
        raise HistoryError(f"row {reader.line_num}: {error}") from error


def _each(rows: list[tuple[int, dict[str, str]]], read: Callable[[dict[str, str]], _Read]) -> list[_Read]:
    if not rows:
        raise HistoryError("there is no row after the head line")
    good: list[_Read] = []
    faults: list[str] = []
    for line, row in rows:
        try:
            good.append(read(row))
        except (ValueError, OverflowError) as error:
            faults.append(f"row {line}: {error}")
    if faults:
        more = f"; and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        raise HistoryError("; ".join(faults[:_FAULTS_SHOWN]) + more)
    return good


def _number(text: str) -> float:
    value = float(text)
    if not 0 <= value <= _COUNT_MOST:
        raise ValueError(f"calls must be a number from 0 to {_COUNT_MOST:.0f}, not {text.strip()[:20]!r}")
    return value
