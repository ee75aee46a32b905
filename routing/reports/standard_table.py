"""The report on GB/T 33358's figures: each with its limit, over the whole period, and over its worst 24 hours. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy

from routing.reports.standard import (
    CONNECT_GOAL,
    WINDOW_SECONDS,
    Numbers,
    Window,
    met,
    rolling,
    worst_window,
)
from routing.reports.tables import Column, Kind, Picture, Table, Value, share

_FIGURES = (
    Column("figure", Kind.WORD, "report_figure"), Column("limit", Kind.SHARE),
    Column("of"), Column("good"), Column("share", Kind.SHARE), Column("met", Kind.WORD, "report_met"),
    Column("worst", Kind.SHARE), Column("worst_of"), Column("worst_from", Kind.TEXT), Column("worst_to", Kind.TEXT),
    Column("worst_met", Kind.WORD, "report_met"),
)  # fmt: skip
_COURSE = (
    Column("until", Kind.TEXT), Column("in_time_share", Kind.SHARE), Column("connect_share", Kind.SHARE),
    Column("sms_share", Kind.SHARE),
)  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """Something that a figure is of: the seconds in which each came, in their order, and whether each was good."""

    seconds: Numbers
    good: Numbers


def figures_table(
    counted: dict[str, Counted], *, begin: int, end: int, when: Callable[[int], str]
) -> tuple[Table, dict[str, Window | None]]:
    """Draw up one row for each figure, over the period and its worst 24 hours; `when` writes a second since 1970."""
    rows: list[tuple[Value, ...]] = []
    worst: dict[str, Window | None] = {}
    for name, each in counted.items():
        in_period = numpy.asarray(each.good)[numpy.searchsorted(numpy.asarray(each.seconds), begin) :]
        of, good = len(in_period), int(in_period.sum())
        overall = share(good, of)
        window = worst[name] = worst_window(each.seconds, each.good, begin=begin, end=end)
        rows.append(
            (
                name, CONNECT_GOAL, of, good, overall, met(overall),
                window.share if window else None, window.of if window else 0,
                when(window.end - WINDOW_SECONDS) if window else "", when(window.end) if window else "",
                met(window.share if window else None),
            )
        )  # fmt: skip
    return Table("figures", _FIGURES, tuple(rows)), worst


def course_table(counted: dict[str, Counted], marks: Sequence[datetime], when: Callable[[int], str]) -> Table:
    """Draw up the shares over the 24 hours that end at each mark."""
    at = [int(mark.timestamp()) for mark in marks]
    courses = [rolling(each.seconds, each.good, at=at) for each in counted.values()]
    rows = tuple((when(second), *shares) for second, *shares in zip(at, *courses, strict=True))
    codes = [column.code for column in _COURSE[1:]]
    return Table("course", _COURSE, rows, picture=Picture(lines=tuple(codes), goal=CONNECT_GOAL))
