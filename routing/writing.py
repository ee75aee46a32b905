"""Writing once: rows with an idempotency key, whoever else writes the same at the same moment."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import Base

Row = TypeVar("Row", bound=Base)


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
