"""Which question a reply answers: by the order's number if it is written, else by what was asked of this telephone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from db.models import Order, Rating, SmsMessage
from routing.orders.policy import OrderState
from routing.outreach.reply_letters import plain
from routing.outreach.scales import USUAL
from routing.outreach.sms.senders import ASKED_WITHIN, RATEABLE, Sender

CORRECTED_WITHIN = timedelta(days=1)
"""So long "I mistyped" speaks of the reply before it, and not of another question that is open."""
_SHORTEST_SENDER = 4
"""Digits of a number of ours by which it may be told."""
_CODE = re.compile(r"(?:订?单号?|订单|编号)?[:：]? ?(?<!\d)(?P<code>\d{6,12})(?!\d)(?: ?号?单)?")
_NOTHING = re.compile(r"[\s,，。.;；:：、!！的是那个单]*")


@dataclass(frozen=True)
class Question:
    """An order that this telephone may speak of. `answered`: it was rated before; `asked_id` is the message that asked,
    None if it was not asked by SMS; `own`: the telephone is the elder's, and not a relative's."""

    order_id: int
    number: str
    elder_id: int
    answered: bool
    scale: str = USUAL
    item: str = ""
    asked_id: int | None = None
    own: bool = True


@dataclass(frozen=True)
class Tie:
    """What a reply is tied to, what is left of its text, and between which orders it must be asked."""

    question: Question | None
    text: str
    candidates: tuple[Question, ...] = ()
    named: bool = False
    """The order's number stands in the text."""

    @property
    def only_names(self) -> bool:
        """Tell whether the text says which order it is about, and nothing of it."""
        return self.named and _NOTHING.fullmatch(self.text) is not None

    @property
    def scale(self) -> str:
        """The scale on which to read it: of the one question, or of all if it is the same."""
        scales = {each.scale for each in ((self.question,) if self.question else self.candidates)}
        return scales.pop() if len(scales) == 1 else USUAL


def tie(session: Session, sender: Sender, text: str, now: datetime, to: str = "") -> Tie:
    """Tie a reply to an order: the one that it names, else the one open question, else the one that was answered last
    (the elder changes her word), else the one order that waits for a score. Two that fit: nothing is tied.

    `to` is our number that it was sent to: a question that went out from another of ours is not answered by it. What
    a relative writes unasked counts only for an order that is named; unnamed it makes the choice between two.
    """
    asked = _asked(sender, to)
    seen = plain(text)
    if _CODE.search(seen):
        return _named(seen, text, (*_open_ones(session, sender, now), *asked))
    for group in (
        [question for question in asked if not question.answered],
        [question for question in asked if question.answered],
    ):
        if len(group) == 1:
            return Tie(group[0], text)
        if group:
            return Tie(None, text, tuple(group))
    open_ones = {each.order_id: each for each in _open_ones(session, sender, now) if not each.answered}
    waiting = tuple(sorted(open_ones.values(), key=lambda each: each.order_id))
    if len(waiting) == 1 and waiting[0].own:
        return Tie(waiting[0], text)
    return Tie(None, text, waiting if any(each.own for each in waiting) else ())


def _named(seen: str, text: str, questions: Sequence[Question]) -> Tie:
    """Tie a reply to the order whose number is written in it, if that is one of these."""
    known = {question.order_id: question for question in questions}
    for code in _CODE.finditer(seen):
        named = [question for question in known.values() if question.number == code["code"]]
        if named:
            return Tie(named[0], f"{seen[: code.start()]} , {seen[code.end() :]}", named=True)
    return Tie(None, text)


def _open_ones(session: Session, sender: Sender, now: datetime) -> list[Question]:
    """Give what was done lately for those whom this telephone may speak for; the elders' own come last."""
    cared = _served(session, sender.cared_for, now, own=False)
    return cared + _served(session, sender.elders, now, own=True)


def answered_last(session: Session, sender: Sender, now: datetime, to: str = "") -> Question | None:
    """Give the order that this telephone's last understood reply scored, if that was within `CORRECTED_WITHIN`."""
    query = (
        select(SmsMessage.order_id)
        .where(SmsMessage.number_index == sender.index, SmsMessage.direction == "in")
        .where(SmsMessage.state == "understood", SmsMessage.order_id.is_not(None))
        .where(SmsMessage.created_at > now - CORRECTED_WITHIN)
        .order_by(SmsMessage.id.desc())
        .limit(1)
    )
    order_id = session.scalar(query)
    if order_id is None:
        return None
    asked = [each for each in _asked(sender, to) if each.order_id == order_id]
    if asked:
        return asked[0]
    found = _questions(session, session.scalars(_orders().where(Order.id == order_id)).all(), own=True)
    return found[0] if found else None


def _orders() -> Select[Order]:
    return select(Order).options(selectinload(Order.item)).where(Order.state.in_(RATEABLE))


def _asked(sender: Sender, to: str) -> list[Question]:
    """Give the orders whose score this telephone was asked for by SMS from the number that it writes to."""
    if not sender.asked:
        return []
    ours = _sent_to({each.number_to for each in sender.asked}, to)
    asked = {each.order_id: each for each in sender.asked if each.number_to in ours}
    return [
        Question(
            each.order_id, each.number, each.elder_id, each.answered, each.scale, each.item, each.message_id,
            each.elder_id in sender.elders,
        )
        for _order_id, each in sorted(asked.items())
    ]  # fmt: skip


def _sent_to(senders: Set[str], to: str) -> Set[str]:
    """Give those of our numbers that asked this telephone which a reply to `to` answers. Carriers write our number in
    forms of their own (+8612349, 106912349); one in a form that fits none tells nothing, and then all are meant."""
    digits = re.sub(r"\D", "", to)
    same = {each for each in senders if each == to}
    if not same and len(digits) >= _SHORTEST_SENDER:
        same = {each for each in senders if each and _ends_alike(each.lstrip("+"), digits)}
    usual = senders & {""}
    return same | usual or senders


def _ends_alike(one: str, other: str) -> bool:
    return one.endswith(other) or other.endswith(one)


def _served(session: Session, elders: Collection[int], now: datetime, *, own: bool) -> list[Question]:
    """Give the orders done lately, and not rated yet, for these elders."""
    if not elders:
        return []
    query = (
        _orders()
        .where(Order.elder_id.in_(elders), Order.state == OrderState.DONE.value)
        .where(Order.updated_at > now - ASKED_WITHIN)
        .order_by(Order.id)
    )
    return _questions(session, session.scalars(query).all(), own=own)


def _questions(session: Session, orders: Sequence[Order], *, own: bool) -> list[Question]:
    answered = _answered(session, orders)
    return [
        Question(each.id, each.number, each.elder_id, each.id in answered, item=each.item.name, own=own)
        for each in orders
    ]


def _answered(session: Session, orders: Sequence[Order]) -> set[int]:
    # A score by telephone or at the desk answers the question too: the next SMS is then about another order.
    rated = select(Rating.order_id).where(Rating.order_id.in_([order.id for order in orders]))
    return set(session.scalars(rated)) if orders else set()
