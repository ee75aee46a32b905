"""What came of asking, counted by the database: three grouped queries, however many orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from db.models import Callback, Company, Order, OrderEvent, Rating, ServiceItem, SmsMessage
from routing.orders.policy import OrderState
from routing.outreach.ratings import ReplyKind
from routing.outreach.responses.policy import Counts
from routing.outreach.sms.texts import RATING

GROUPS = ("week", "kind", "company")
_TAKEN = ("sent", "delivered")
_Row = tuple[Any, str, int]


def count(session: Session, bounds: Sequence[datetime], group: str) -> dict[Any, Counts]:
    """Count what was asked, or done, from the first bound to the last, by `group`: the number of the week (the bounds'
    own), the code of a kind of service, or that of a company ("" where there is none)."""
    found: dict[Any, dict[str, int]] = defaultdict(lambda: {each.name: 0 for each in fields(Counts)})
    for part in (_calls, _questions, _orders):
        for key, name, number in part(session, bounds, group):
            found[key][name] += number
    return {key: Counts(**counted) for key, counted in found.items()}


def _calls(session: Session, bounds: Sequence[datetime], group: str) -> Iterator[_Row]:
    scored = _rated(Callback.order_id, Rating.channel == "call", Rating.score.is_not(None))
    parts = {
        "call_asked": Callback.attempts > 0,
        "call_answered": and_(Callback.attempts > 0, Callback.state == "done"),
        "call_scored": and_(Callback.attempts > 0, scored),
    }
    where = (Callback.kind == "after_service", Callback.order_id == Order.id)
    yield from _grouped(session, bounds, group, at=Callback.created_at, parts=parts, where=where)


def _questions(session: Session, bounds: Sequence[datetime], group: str) -> Iterator[_Row]:
    reply = aliased(SmsMessage)
    tied = (reply.answers == SmsMessage.id, reply.direction == "in")
    is_score = reply.understood.contains(f'"kind": "{ReplyKind.SCORE.value}"', autoescape=True)
    scored = exists().where(*tied, reply.state == "understood", is_score)
    understood = exists().where(*tied, reply.state == "understood")
    answered = exists().where(*tied)
    opted_out = and_(SmsMessage.state == "failed", SmsMessage.attempts == 0)
    parts = {
        "sms_asked": ~opted_out,
        "sms_sent": SmsMessage.state.in_(_TAKEN),
        "sms_delivered": SmsMessage.state == "delivered",
        "sms_answered": answered,
        "sms_scored": scored,
        "sms_unclear": and_(answered, ~understood),
    }
    where = (
        SmsMessage.direction == "out",
        SmsMessage.question.startswith(RATING, autoescape=True),
        SmsMessage.order_id == Order.id,
    )
    yield from _grouped(session, bounds, group, at=SmsMessage.created_at, parts=parts, where=where)


def _orders(session: Session, bounds: Sequence[datetime], group: str) -> Iterator[_Row]:
    again = aliased(OrderEvent)
    first = ~exists().where(
        again.order_id == OrderEvent.order_id, again.to_state == OrderState.DONE.value, again.id < OrderEvent.id
    )
    parts: dict[str, ColumnElement[bool]] = {
        "done": literal(1) == 1,
        "confirmed": _rated(Order.id, (Rating.score.is_not(None)) | (Rating.done.is_not(None))),
    }
    where = (OrderEvent.to_state == OrderState.DONE.value, OrderEvent.order_id == Order.id, first)
    yield from _grouped(session, bounds, group, at=OrderEvent.at, parts=parts, where=where)


def _rated(order_id: Any, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Rating.order_id == order_id, *more)


def _grouped(
    session: Session, bounds: Sequence[datetime], group: str, *, at: Any, parts: dict[str, ColumnElement[bool]],
    where: tuple[ColumnElement[bool], ...],
) -> Iterator[_Row]:  # fmt: skip
    """Count rows by group, once for each part: a part is a condition."""
    week = case(*((at < bound, number) for number, bound in enumerate(bounds[1:])), else_=len(bounds) - 2)
    key: Any = {"week": week, "kind": ServiceItem.kind, "company": func.coalesce(Company.code, "")}[group]
    # The conditions first, by row, and the sums over them: PostgreSQL sums no subquery that looks at the row outside.
    rows = (
        select(key.label("key"), *(case((condition, 1), else_=0).label(name) for name, condition in parts.items()))
        .select_from(Order)
        .join(ServiceItem, ServiceItem.id == Order.item_id)
        .outerjoin(Company, Company.id == Order.company_id)
        .where(*where, at >= bounds[0], at < bounds[-1])
        .subquery()
    )
    sums = [cast(func.sum(rows.c[name]), Integer) for name in parts]
    for found, *numbers in session.execute(select(rows.c.key, *sums).group_by(rows.c.key)):
        yield from ((found, name, number) for name, number in zip(parts, numbers, strict=True))
