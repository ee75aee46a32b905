"""Keeps the work of companies by day: whatever changes an order or makes an offer is counted in the same transaction.

Dispatch weighs hundreds of companies while somebody waits; counting their orders anew takes a database more than half
of the time of a decision. What is counted here is written once, as the unit of work commits, and in one order for all,
so that no two of them wait for each other. `recount` finds what is wrong, if ever, and puts it right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Date, bindparam, delete, event, select, text
from sqlalchemy.orm import Session, SessionTransaction, attributes, sessionmaker

from db.models import CompanyDay, Offer, Order

COUNTED = ("accepted", "visiting", "done", "rated", "closed")
"""States of an order in which it is work of its company on the day on which it is due."""
_STACK = "elderline_company_days"  # In a session: what is to be added, one count for each savepoint.
_ADD = text(
    "INSERT INTO company_days (company_id, day, orders, offers) VALUES (:company, :day, :orders, :offers)"
    " ON CONFLICT (day, company_id) DO UPDATE"
    " SET orders = company_days.orders + excluded.orders, offers = company_days.offers + excluded.offers"
).bindparams(bindparam("day", type_=Date))


class Slot(NamedTuple):
    """What is counted: `what` is orders or offers. In the order in which rows are written."""

    day: date
    company_id: int
    what: str


class Difference(NamedTuple):
    """A count that was not as a recount found it."""

    slot: Slot
    kept: int
    found: int


Counts = Counter[Slot]


def keep_counts(factory: sessionmaker[Session], zone: ZoneInfo) -> None:
    """Have every session of `factory` count what it changes; `zone` tells which day it is."""

    def after_flush(session: Session, _context: object) -> None:
        _stack(session)[-1].update(_changes(session, zone))

    event.listen(factory, "after_flush", after_flush)
    event.listen(factory, "before_commit", _before_commit)
    event.listen(factory, "after_transaction_create", _savepoint_begins)
    event.listen(factory, "after_transaction_end", _transaction_ends)


def recount(session: Session, zone: ZoneInfo, since: date, *, repair: bool) -> list[Difference]:
    """Compare the counts of `since` and the days after it with the orders and offers, which nobody changes meanwhile.

    With `repair` they are put right, and days before that, which nobody asks for any more, are taken away.
    """
    if session.connection().dialect.name == "postgresql":
        # Whoever has counted and not committed yet is waited for; whoever has not counted yet does it afterwards.
        session.execute(text("LOCK TABLE company_days IN SHARE ROW EXCLUSIVE MODE"))
    begin = datetime.combine(since, time(), zone)
    found: Counts = Counter()
    orders = select(Order.company_id, Order.due_at).where(Order.due_at >= begin, Order.state.in_(COUNTED))
    offers = select(Offer.company_id, Offer.offered_at).where(Offer.offered_at >= begin)
    for what, query in (("orders", orders), ("offers", offers)):
        for company_id, at in session.execute(query):
            if company_id is not None:
                found[Slot(at.astimezone(zone).date(), company_id, what)] += 1
    kept: Counts = Counter()
    for row in session.execute(select(CompanyDay.day, CompanyDay.company_id, CompanyDay.orders, CompanyDay.offers)):
        if row.day >= since:
            kept[Slot(row.day, row.company_id, "orders")] = row.orders
            kept[Slot(row.day, row.company_id, "offers")] = row.offers
    wrong = [
        Difference(slot, kept[slot], found[slot])
        for slot in sorted(found.keys() | kept.keys())
        if kept[slot] != found[slot]
    ]
    if repair:
        session.execute(delete(CompanyDay).where(CompanyDay.day < since))
        _write(session, Counter({each.slot: each.found - each.kept for each in wrong}))
    return wrong


def _stack(session: Session) -> list[Counts]:
    stack: list[Counts] = session.info.setdefault(_STACK, [Counter()])
    return stack


def _before_commit(session: Session) -> None:
    """Add to the days, or within a savepoint to what the transaction around it has counted."""
    session.flush()
    stack = _stack(session)
    counted = stack[-1]
    if len(stack) > 1:
        stack[-2].update(counted)
    elif counted:
        _write(session, counted)
    stack[-1] = Counter()


def _savepoint_begins(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        _stack(session).append(Counter())


def _transaction_ends(session: Session, transaction: SessionTransaction) -> None:
    """What was rolled back with it was never counted."""
    if transaction.nested:
        _stack(session).pop()
    elif transaction.parent is None:
        session.info.pop(_STACK, None)


def _write(session: Session, counted: Counts) -> None:
    rows: dict[tuple[date, int], dict[str, Any]] = {}
    for slot in sorted(counted):
        if counted[slot]:
            row = {"day": slot.day, "company": slot.company_id, "orders": 0, "offers": 0}
            rows.setdefault((slot.day, slot.company_id), row)[slot.what] = counted[slot]
    if rows:
        session.connection().execute(_ADD, list(rows.values()))


def _changes(session: Session, zone: ZoneInfo) -> Counts:
    """Tell what this flush adds and takes away, while what was there before is still known."""
    counts: Counts = Counter()
    for each in session.new:
        counts.update(_slots(each, zone))
    for each in session.dirty:
        if isinstance(each, (Order, Offer)):
            counts.update(_slots(each, zone))
            counts.subtract(Counter(_slots(each, zone, before=True)))
    for each in session.deleted:
        counts.subtract(Counter(_slots(each, zone, before=True)))
    return counts


def _slots(row: object, zone: ZoneInfo, *, before: bool = False) -> Iterator[Slot]:
    """Give where a row counts as it is, or as it was `before` this flush."""
    if not isinstance(row, (Order, Offer)) or (company_id := _value(row, "company_id", before)) is None:
        return
    if isinstance(row, Offer):
        yield Slot(_value(row, "offered_at", before).astimezone(zone).date(), company_id, "offers")
    elif _value(row, "state", before) in COUNTED:
        yield Slot(_value(row, "due_at", before).astimezone(zone).date(), company_id, "orders")


def _value(row: Order | Offer, name: str, before: bool) -> Any:
    was = attributes.get_history(row, name).deleted if before else ()
    return was[0] if was else getattr(row, name)
