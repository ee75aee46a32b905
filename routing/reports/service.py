"""How callers were served: what is counted of calls, and the report by half hour, day and month. Pure.

docs/reports.md has every definition with its source. A call counts where it began, however long it lasted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from routing.reports.tables import Column, Kind, Picture, Table, Value, mean, share

ANSWER_SECONDS = 15.0
"""GB/T 33358-2016: a call is to be answered within 15 seconds."""
SOS_SECONDS = (15.0, 60.0)
"""NENA-STA-020.1: 90 % within 15 s; TSA KPIs: 97.5 % within 60 s."""
GOAL = 0.95
"""GB/T 33358-2016: connect rate."""


@dataclass(frozen=True)
class Served:
    """What became of the calls that began in an interval. All are counts, so that two intervals add up; waits and talks
    are in whole milliseconds, so that they add up exactly."""

    calls: int = 0
    """Calls that came in."""
    self_served: int = 0
    """Of these, those that were served by keys and needed nobody."""
    left: int = 0
    """Of these, callers who left before they asked for a person."""
    offered: int = 0
    """Of these, callers who were to be connected with a person. They are answered, abandoned, promised or waiting."""
    answered: int = 0
    in_time: int = 0
    """Of the answered, those within `ANSWER_SECONDS` from when they asked for a person."""
    abandoned: int = 0
    promised: int = 0
    """Callers who were to be called back instead: they asked for it, or left a message."""
    waiting: int = 0
    """Callers who wait now."""
    answered_wait_ms: int = 0
    longest_wait_ms: int = 0
    """Of the answered and the abandoned."""
    talks: int = 0
    """Answered calls that are over."""
    talk_ms: int = 0
    wrap_up_ms: int = 0
    """Time in wrap-up of all agents; counted where it ended."""
    callbacks: int = 0
    """Call-backs that were promised in the interval."""
    kept: int = 0
    """Of these, those in which the person was reached, or called again before."""
    broken: int = 0
    """Of these, those that were given up."""
    sos: int = 0
    sos_answered: int = 0
    sos_15: int = 0
    sos_60: int = 0

    def __add__(self, other: Served) -> Served:
        return Served(
            *(
                max(self.longest_wait_ms, other.longest_wait_ms) if each.name == "longest_wait_ms"
                else getattr(self, each.name) + getattr(other, each.name)
                for each in fields(Served)
            )
        )  # fmt: skip


COLUMNS = (
    Column("interval", Kind.TEXT),
    Column("calls"), Column("self_served"), Column("left"), Column("offered"), Column("answered"), Column("abandoned"),
    Column("promised"), Column("waiting"),
    Column("in_time"), Column("in_time_share", Kind.SHARE), Column("connect_share", Kind.SHARE),
    Column("abandon_share", Kind.SHARE),
    Column("wait_mean", Kind.SECONDS), Column("wait_longest", Kind.SECONDS),
    Column("talk_mean", Kind.SECONDS), Column("aht", Kind.SECONDS),
    Column("callbacks"), Column("kept"), Column("broken"),
    Column("sos"), Column("sos_answered"), Column("sos_15", Kind.SHARE), Column("sos_60", Kind.SHARE),
)  # fmt: skip
_PICTURE = Picture(lines=("in_time_share", "connect_share"), bars=("offered", "abandoned"), goal=GOAL)


def service_table(rows: list[tuple[str, Served]], total: Served) -> Table:
    """Draw up the table, with its total."""
    return Table(
        "service", COLUMNS, tuple(_row(label, counted) for label, counted in rows), _row("", total), _PICTURE
    )  # fmt: skip


def facts(total: Served) -> Mapping[str, Value]:
    """Give the figures that a mail tells at once."""
    figures = dict(zip((column.code for column in COLUMNS), _row("", total), strict=True))
    names = ("offered", "answered", "abandoned", "in_time_share", "connect_share", "wait_mean", "wait_longest", "sos")
    return {name: figures[name] for name in names}


def _row(label: str, of: Served) -> tuple[Value, ...]:
    handled = of.talk_ms + of.wrap_up_ms
    return (
        label, of.calls, of.self_served, of.left, of.offered, of.answered, of.abandoned, of.promised, of.waiting,
        of.in_time, share(of.in_time, of.offered), share(of.answered, of.offered), share(of.abandoned, of.offered),
        mean(of.answered_wait_ms / 1000, of.answered), of.longest_wait_ms / 1000 if of.offered else None,
        mean(of.talk_ms / 1000, of.talks), mean(handled / 1000, of.talks),
        of.callbacks, of.kept, of.broken,
        of.sos, of.sos_answered, share(of.sos_15, of.sos), share(of.sos_60, of.sos),
    )  # fmt: skip
