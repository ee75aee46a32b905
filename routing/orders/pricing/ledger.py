"""The ledger of quotas: what orders take of an elder's month, and give back. Within the unit of work of the order.

The month's row is locked before it is read (`taken`), so that of two orders at once the second sees what the first
took; and each line has a unique cause, so that nothing is taken or given back twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import cast

from sqlalchemy import Connection, Executable, Table, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.models import Order, QuotaEntry, QuotaMonth

_MONTHS = cast(Table, QuotaMonth.__table__)
_ENTRIES = cast(Table, QuotaEntry.__table__)


@dataclass(frozen=True)
class Account:
    """An elder's month as one of a class of payers. Whoever changes class in a month has the new class's quota."""

    elder_id: int
    month: str
    payer_class: str


def month_of(day: date) -> str:
    """Write the month of a local day, as 2026-03."""
    return f"{day:%Y-%m}"


def taken(connection: Connection, account: Account) -> int:
    """Give what was taken of the month, in fen, and keep everybody else from it until this unit of work ends."""
    row = connection.scalar(_lock(connection.dialect.name), _named(account) | {"taken_fen": 0})
    return int(row or 0)


def take(connection: Connection, account: Account, order_id: int, amount_fen: int, at: datetime) -> None:
    """Take so much for an order that was just placed; the month was locked with `taken`."""
    _book(connection, account, order_id, f"placed:{order_id}", amount_fen, at)


def give_back(session: Session, order: Order, why: str, amount_fen: int, at: datetime) -> bool:
    """Give back so much of what an order took; False if it was given back for this cause before, or never taken."""
    entry = session.scalars(
        select(QuotaEntry).where(QuotaEntry.order_id == order.id).order_by(QuotaEntry.id).limit(1)
    ).one_or_none()
    if entry is None or amount_fen <= 0:
        return False
    account = Account(entry.elder_id, entry.month, entry.payer_class)
    return _book(session.connection(), account, order.id, f"{why}:{order.id}", -amount_fen, at)


def release(session: Session, order: Order, at: datetime) -> bool:
    """Give back all that an order still holds, once: it is cancelled, and nobody comes. The order is locked."""
    held = session.scalar(select(func.sum(QuotaEntry.amount_fen)).where(QuotaEntry.order_id == order.id))
    return give_back(session, order, "released", int(held or 0), at)


def _book(  # noqa: PLR0917  # A line of the ledger has so many columns.
    connection: Connection, account: Account, order_id: int, cause: str, amount_fen: int, at: datetime
) -> bool:
    """Write a line and the month's sum, unless there is a line of this cause."""
    line = _named(account) | {"order_id": order_id, "cause": cause, "amount_fen": amount_fen, "at": at}
    if connection.scalar(_line(connection.dialect.name), line) is None:
        return False
    where = {f"of_{name}": value for name, value in _named(account).items()}
    connection.execute(_SUM, where | {"change": amount_fen})
    return True


def _named(account: Account) -> dict[str, object]:
    return {"elder_id": account.elder_id, "month": account.month, "payer_class": account.payer_class}


# Statements are made once: making one takes longer than SQLite needs to answer it.
_SUM = (
    update(_MONTHS)
    .where(_MONTHS.c.elder_id == bindparam("of_elder_id"), _MONTHS.c.month == bindparam("of_month"))
    .where(_MONTHS.c.payer_class == bindparam("of_payer_class"))
    .values(taken_fen=_MONTHS.c.taken_fen + bindparam("change"))
)


@cache
def _lock(dialect: str) -> Executable:
    """Make the month's row, or lock the one that is there, and read it: one statement on either database."""
    new = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(_MONTHS)
    same = new.on_conflict_do_update(
        index_elements=["elder_id", "month", "payer_class"], set_={"taken_fen": _MONTHS.c.taken_fen}
    )
    return same.returning(_MONTHS.c.taken_fen)


@cache
def _line(dialect: str) -> Executable:
    new = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(_ENTRIES)
    return new.on_conflict_do_nothing(index_elements=["cause"]).returning(_ENTRIES.c.id)
