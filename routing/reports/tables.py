"""What every report is: tables of typed cells. Page, sheets, pictures, API and mail all show these. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

Value = str | int | float | None
"""What a cell holds: a text or word, a count, seconds, a share from 0 to 1, a score, or fen. None: there is none."""


class Kind(StrEnum):
    """What the cells of a column are, and so how they are written."""

    TEXT = "text"
    """As it is: a name, a day, a time of day."""
    NAME = "name"
    """As it is, or its English name where the column knows one and the reader reads English."""
    WORD = "word"
    """A code that has a word in each language."""
    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "share"
    """0 to 1, written in per cent."""
    SCORE = "score"
    FEN = "fen"
    RATE = "rate"
    """A number with one place behind the point, as calls per 1,000 elders."""


@dataclass(frozen=True)
class Column:
    """`code` names the column in every language and in the API; `words`: the group of words of a column of words."""

    code: str
    kind: Kind = Kind.COUNT
    words: str = ""
    english: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Of a column of names: what they are in English."""


@dataclass(frozen=True)
class Picture:
    """What of a table is drawn: lines of shares above, bars of counts below; each may be empty."""

    lines: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    goal: float | None = None
    """A share that the lines are held to."""


@dataclass(frozen=True)
class Table:
    """Rows of one kind. The first column says what the row is of; `total` is the last row, if there is one."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    total: tuple[Value, ...] | None = None
    picture: Picture | None = None

    def as_objects(self) -> list[dict[str, Value]]:
        """Give the rows by the codes of their columns, without the total."""
        return [self.as_object(row) for row in self.rows]

    def as_object(self, row: tuple[Value, ...]) -> dict[str, Value]:
        """Give one row by the codes of the columns."""
        return {column.code: value for column, value in zip(self.columns, row, strict=True)}


@dataclass(frozen=True)
class Report:
    """One report from `first` to `last`, both local days included, as the database stood at `made_at`."""

    name: str
    first: date
    last: date
    by: str
    made_at: datetime
    tables: tuple[Table, ...]
    facts: Mapping[str, Value] = field(default_factory=dict)
    """What no row holds, by a code: figures with a limit, and when something was worst."""


def share(part: int, of: int) -> float | None:
    """Give a share, 0 to 1; None of nothing."""
    return part / of if of else None


def mean(total: float, of: int) -> float | None:
    """Give a mean; None of nothing."""
    return total / of if of else None
