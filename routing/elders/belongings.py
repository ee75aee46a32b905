"""What belongs to an elder: every table with a key of elders, found in the models, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Table, UniqueConstraint, and_, select
from sqlalchemy.orm import Session

from db.models import Base

_BETWEEN_RECORDS: Final = frozenset({"elder_merges", "elder_search_keys"})
"""Tables about two records, which belong to neither; and what is made anew from a record whenever it changes."""

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Belonging:
    """A column of a table that says whose a row is."""

    table: Table
    owner: Column[Any]

    @property
    def name(self) -> str:
        """As calls.elder_id."""
        return f"{self.table.name}.{self.owner.name}"

    @property
    def key(self) -> tuple[Column[Any], ...]:
        """The columns that name a row, beside its owner."""
        return tuple(column for column in self.table.primary_key.columns if column is not self.owner)

    @property
    def once(self) -> tuple[tuple[Column[Any], ...], ...]:
        """For each rule that an elder has something once: the columns beside the owner that must not come twice.

        Rules for some rows only (partial indexes) are not among them: whoever merges decides these before.
        """
        rules = [list(each.columns) for each in self.table.constraints if isinstance(each, UniqueConstraint)]
        rules += [list(each.columns) for each in self.table.indexes if each.unique and not _is_partial(each)]
        rules.append(list(self.table.primary_key.columns))
        return tuple(
            tuple(column for column in rule if column is not self.owner) for rule in rules if self.owner in rule
        )


def belongings() -> Iterator[Belonging]:
    """Give each column that says which elder a row belongs to."""
    for table in Base.metadata.sorted_tables:
        if table.name in _BETWEEN_RECORDS:
            continue
        for column in table.columns:
            if any(key.column.table.name == "elders" for key in column.foreign_keys):
                yield Belonging(table, column)


def rows_of(session: Session, what: Belonging, elder_id: int) -> list[Key]:
    """Give the keys of an elder's rows."""
    return [tuple(row) for row in session.execute(select(*_or_owner(what)).where(what.owner == elder_id))]


def already_there(session: Session, what: Belonging, gone: int, kept: int) -> set[Key]:
    """Give the keys of those rows of `gone` that `kept` has already, and may have once."""
    found: set[Key] = set()
    mine, theirs = what.table, what.table.alias()
    for rule in what.once:
        same = and_(True, *(mine.c[column.name] == theirs.c[column.name] for column in rule))
        query = select(*_or_owner(what)).where(
            what.owner == gone, select(1).where(theirs.c[what.owner.name] == kept, same).exists()
        )
        found |= {tuple(row) for row in session.execute(query)}
    return found


def give(session: Session, what: Belonging, keys: list[Key], before: int, after: int) -> None:
    """Let rows of one elder belong to another."""
    for key in keys:
        session.execute(what.table.update().where(what.owner == before, _is(what, key)).values({what.owner: after}))


def _or_owner(what: Belonging) -> tuple[Column[Any], ...]:
    return what.key or (what.owner,)


def _is(what: Belonging, key: Key) -> Any:
    """The condition that a row has this key; a table with one row an elder has no further one."""
    return and_(True, *(column == value for column, value in zip(what.key, key, strict=False)))


def _is_partial(index: Any) -> bool:
    return any(options.get("where") is not None for options in index.dialect_options.values())
