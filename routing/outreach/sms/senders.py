"""What is known of the telephones that write to us, asked for a whole burst of them at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Row, exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from db.models import (
    Base,
    Case,
    Company,
    CompanyPhone,
    Contact,
    ElderPhone,
    Order,
    Rating,
    ServiceItem,
    SmsMessage,
    Worker,
)
from routing.orders.policy import OrderState
from routing.outreach.sms.texts import RATING

ASKED_WITHIN: Final = timedelta(days=7)
"""A reply that comes later is put before a person: after a week there was another visit, and nobody is sure any more.
Orders that nobody scored are closed after as long."""
RATEABLE: Final = tuple(s.value for s in (OrderState.DONE, OrderState.RATED, OrderState.DISPUTED, OrderState.CLOSED))
SAID_WITHIN: Final = timedelta(hours=1)
"""So long the answer to "which order" speaks of the score that was given before it."""
ANSWERS_WITHIN: Final = timedelta(days=1)
ANSWER: Final = "answer-"
"""Keys of our answers begin so."""


@dataclass(frozen=True)
class Asked:
    """A question for a score that went to this telephone by SMS, from our number `number_to`, and the order that it is
    about. `answered`: the order was scored before, whoever did it and how."""

    order_id: int
    message_id: int
    scale: str
    number_to: str
    number: str
    elder_id: int
    item: str
    answered: bool


@dataclass(frozen=True)
class Sender:
    """A telephone. `elders` are those whose own it is, `cared_for` those of whom it is a relative's, `companies` those
    it may answer for; `works`: a worker or company has it; `answers` it got from us lately; `undecided` is its last
    message that a person should read for want of knowing which order it speaks of, or another reason."""

    index: bytes
    elders: frozenset[int] = frozenset()
    cared_for: frozenset[int] = frozenset()
    companies: frozenset[int] = frozenset()
    works: bool = False
    asked: tuple[Asked, ...] = ()
    answers: int = 0
    undecided: int | None = None

    @property
    def is_known(self) -> bool:
        """Tell whether it is an elder's, a relative's, a worker's or a company's."""
        return self.works or bool(self.elders or self.cared_for or self.companies)


def senders(session: Session, indexes: Collection[bytes], now: datetime) -> dict[bytes, Sender]:
    """Look up telephones by their blind indexes: four statements, however many they are.

    It holds until one of them is acted on: of two messages of one telephone the second asks anew.
    """
    whose: dict[str, dict[bytes, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in session.execute(
        union_all(
            select(literal("elder"), ElderPhone.number_index, ElderPhone.elder_id)
            .where(ElderPhone.number_index.in_(indexes)),
            select(literal("relative"), Contact.number_index, Contact.elder_id)
            .where(Contact.number_index.in_(indexes)),
            select(literal("company"), Company.phone_index, Company.id)
            .where(Company.phone_index.in_(indexes), Company.active),
            select(literal("works"), Company.phone_index, Company.id).where(Company.phone_index.in_(indexes)),
            select(literal("company"), CompanyPhone.number_index, CompanyPhone.company_id)
            .where(CompanyPhone.number_index.in_(indexes)),
            select(literal("works"), Worker.phone_index, Worker.id).where(Worker.phone_index.in_(indexes)),
        )
    ):  # fmt: skip
        kind, index, number = row
        whose[kind][index].add(number)
    asked = _asked(session, indexes, now)
    answers = _answers(session, indexes, now)
    undecided = _undecided(session, indexes, now)
    return {
        index: Sender(
            index, frozenset(whose["elder"][index]), frozenset(whose["relative"][index]),
            frozenset(whose["company"][index]), bool(whose["works"][index]), tuple(asked[index]),
            answers.get(index, 0), undecided.get(index),
        )
        for index in indexes
    }  # fmt: skip


def spoken_of(session: Session, known: Collection[Sender]) -> list[Base]:
    """Read the services, companies and workers of what these telephones were asked about: three statements for all.

    Whoever holds the list spares each order three look-ups of what the one before had, too.
    """
    orders = {each.order_id for sender in known for each in sender.asked}
    held = list[Base]()
    for kind, column in ((ServiceItem, Order.item_id), (Company, Order.company_id), (Worker, Order.worker_id)):
        theirs = select(column).where(Order.id.in_(orders))
        held += session.scalars(select(kind).where(kind.id.in_(theirs))) if orders else ()
    return held


def _asked(session: Session, indexes: Collection[bytes], now: datetime) -> dict[bytes, list[Asked]]:
    """Give the orders whose score these telephones were asked for, whether a report of delivery has come or not:
    whoever answers has got the question."""
    # A score by telephone or at the desk answers the question too: the next SMS is then about another order.
    rated = exists().where(Rating.order_id == Order.id)
    query = (
        select(
            SmsMessage.number_index, SmsMessage.order_id, SmsMessage.id, SmsMessage.scale, SmsMessage.number_to,
            Order.number, Order.elder_id, ServiceItem.name, rated.label("answered"),
        )
        .join(Order, SmsMessage.order_id == Order.id)
        .join(ServiceItem, Order.item_id == ServiceItem.id)
        .where(SmsMessage.number_index.in_(indexes), SmsMessage.direction == "out", SmsMessage.attempts > 0)
        .where(SmsMessage.question.startswith(RATING), SmsMessage.created_at > now - ASKED_WITHIN)
        .where(Order.state.in_(RATEABLE))
        .order_by(SmsMessage.id)
    )  # fmt: skip
    found = defaultdict[bytes, list[Asked]](list)
    for row in session.execute(query):
        if row.order_id is not None:
            asked = Asked(
                row.order_id, row.id, row.scale, row.number_to, row.number, row.elder_id, row.name, row.answered
            )
            found[row.number_index].append(asked)
    return found


def _answers(session: Session, indexes: Collection[bytes], now: datetime) -> dict[bytes, int]:
    """Count what we answered of late."""
    query = (
        select(SmsMessage.number_index, func.count())
        .where(SmsMessage.number_index.in_(indexes), SmsMessage.key.startswith(ANSWER))
        .where(SmsMessage.created_at > now - ANSWERS_WITHIN)
        .group_by(SmsMessage.number_index)
    )
    return _pairs(session.execute(query).all())


def _undecided(session: Session, indexes: Collection[bytes], now: datetime) -> dict[bytes, int]:
    """Give the last message of each that is unclear and that nobody has dealt with yet."""
    query = (
        select(SmsMessage.number_index, func.max(SmsMessage.id))
        .join(Case, Case.sms_id == SmsMessage.id)
        .where(SmsMessage.number_index.in_(indexes), SmsMessage.direction == "in", SmsMessage.state == "unclear")
        .where(SmsMessage.created_at > now - SAID_WITHIN, Case.kind == "sms", Case.state == "open")
        .group_by(SmsMessage.number_index)
    )
    return _pairs(session.execute(query).all())


def _pairs(rows: Sequence[Row[bytes, int]]) -> dict[bytes, int]:
    return {row[0]: row[1] for row in rows}
