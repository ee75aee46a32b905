"""Which question a reply answers: by the order's number if it is written, else by what was asked of this telephone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ElderPhone, Order, Rating, SmsMessage
from routing.orders.policy import OrderState
from routing.outreach.sms.texts import RATING_QUESTION

ASKED_WITHIN = timedelta(days=7)
"""A reply that comes later is put before a person."""
_RATEABLE = tuple(s.value for s in (OrderState.DONE, OrderState.RATED, OrderState.DISPUTED, OrderState.CLOSED))
_CODE = re.compile(r"(?<!\d)(\d{6,12})(?!\d)")


@dataclass(frozen=True)
class Question:
    """An order that this telephone may speak of. `answered`: it was rated by SMS before."""

    order_id: int
    number: str
    elder_id: int
    answered: bool


@dataclass(frozen=True)
class Tie:
    """What a reply is tied to, what is left of its text, and between which orders it must be asked."""

    question: Question | None
    text: str
    candidates: tuple[Question, ...] = ()


def tie(session: Session, number_index: bytes, text: str, now: datetime) -> Tie:
    """Tie a reply to an order: the one that it names, else the one open question, else the one that was answered last
    (the elder changes her word), else the one order that waits for a score. Two that fit: nothing is tied."""
    asked = _asked(session, number_index, now)
    served = _served(session, number_index, now)
    known = {question.order_id: question for question in (*served, *asked)}
    code = _CODE.search(text)
    if code:
        named = [question for question in known.values() if question.number == code[1]]
        rest = text[: code.start()] + " " + text[code.end() :]
        return Tie(named[0] if named else None, rest if named else text)
    for group in (
        [question for question in asked if not question.answered],
        [question for question in asked if question.answered],
        [question for question in served if not question.answered],
    ):
        if len(group) == 1:
            return Tie(group[0], text)
        if group:
            return Tie(None, text, tuple(group))
    return Tie(None, text)


def _asked(session: Session, number_index: bytes, now: datetime) -> list[Question]:
    """Give the orders whose score this telephone was asked for by SMS."""
    query = (
        select(Order)
        .join(SmsMessage, SmsMessage.order_id == Order.id)
        .where(SmsMessage.number_index == number_index, SmsMessage.direction == "out")
        .where(SmsMessage.question == RATING_QUESTION, SmsMessage.state.in_(("sending", "sent", "delivered")))
        .where(SmsMessage.created_at > now - ASKED_WITHIN, Order.state.in_(_RATEABLE))
        .order_by(Order.id)
    )
    return _questions(session, session.scalars(query).unique().all())


def _served(session: Session, number_index: bytes, now: datetime) -> list[Question]:
    """Give the orders done lately for the elders of this telephone, and not rated yet."""
    query = (
        select(Order)
        .join(ElderPhone, ElderPhone.elder_id == Order.elder_id)
        .where(ElderPhone.number_index == number_index, Order.state == OrderState.DONE.value)
        .where(Order.updated_at > now - ASKED_WITHIN)
        .order_by(Order.id)
    )
    return _questions(session, session.scalars(query).unique().all())


def _questions(session: Session, orders: Sequence[Order]) -> list[Question]:
    # A score by telephone or at the desk answers the question too: the next SMS is then about another order.
    rated = select(Rating.order_id).where(Rating.order_id.in_([order.id for order in orders]))
    answered = set(session.scalars(rated)) if orders else set()
    return [Question(order.id, order.number, order.elder_id, order.id in answered) for order in orders]
