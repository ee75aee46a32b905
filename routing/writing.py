"""Writing once: rows with an idempotency key, whoever else writes the same at the same moment."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import Base

Row = TypeVar("Row", bound=Base)


def one_at_a_time(session: Session, what: int) -> None:
    """Let nobody else who asks for the same `what` (any number below 2^63) go on until this unit of work is over.

    For decisions that rest on more than the rows they change, such as a count. Ask before reading anything. SQLite
    has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(what)))


def insert_new(session: Session, row: Row) -> tuple[Row, bool]:
    """Insert `row`, of which it is known that nobody wrote it before; it is an error if somebody did."""
    session.add(row)
    session.flush()
    return row, True


def insert_once(session: Session, row: Row, same: ColumnElement[bool]) -> tuple[Row, bool]:
    """Insert `row`, or give the row that `same` finds; the flag tells whether it is new.

    The look first spares the common repeat an error; the unique constraint of the key decides between two writers.
    """
    kind = type(row)
    before = session.scalar(select(kind).where(same))
    if before is not None:
        return before, False
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        before = session.scalar(select(kind).where(same))
        if before is None:  # Not the key, but something else that the row breaks.
            raise
        return before, False
    return row, True
