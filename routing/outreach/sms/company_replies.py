"""Answers of companies to offers, by SMS from a number that we know: the same command as the key on the telephone.

What could be two things is asked back; what speaks of something else is left to whoever reads the other messages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Offer, Order, SmsMessage
from routing.calls.messages import Message
from routing.orders.errors import MoveRefused, NotQualified, OfferGone
from routing.orders.views import OrderView
from routing.outreach.ratings import Reading, ReplyKind, read
from routing.outreach.sms import company_texts as says
from routing.outreach.sms.company_words import CompanyWord, Said, read_answer
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.questions import tie
from routing.outreach.sms.senders import Sender
from routing.outreach.sms.texts import moment

STILL_SPOKEN_OF = timedelta(hours=24)
"""An answer without a number that comes later than this after the offer does not speak of it any more."""
MOST_A_DAY = 200
"""Answers that one telephone gets from us in a day: a company has a hundred orders, an elder never so many."""
_KEY = "offer-answer-"


class Answering(Protocol):
    """Takes a company's answer to an offer within a unit of work (routing.orders.dispatch.Dispatch)."""

    def answer_within(
        self, session: Session, offer_id: int, accept: bool, messages: list[Message], *, actor: str, channel: str,
        reason_code: str = "", key: str = "",
    ) -> OrderView:  # fmt: skip
        """Take it. Raises OfferGone, NotQualified and MoveRefused, before anything is written."""


@dataclass(frozen=True)
class CompanyAnswer:
    """How a message was understood, and what is written back; empty: nothing, for it was said before."""

    reading: Reading
    state: str
    text: str = ""


class CompanyReplies:
    """Reads what companies write, and acts on it."""

    def __init__(self, dispatch: Answering, sms: Sms, clock: Callable[[], datetime], zone: ZoneInfo) -> None:
        self._dispatch = dispatch
        self._sms = sms
        self._clock = clock
        self._zone = zone

    def answer(
        self, session: Session, message: SmsMessage, sender: Sender, messages: list[Message]
    ) -> CompanyAnswer | None:
        """Act on a message if it answers an offer, and write back; None: it is about something else. `messages` are to
        be published."""
        answer = self._answered(session, message, sender, messages)
        if answer is not None and answer.text and message.number.startswith("+") and self._may_write(session, message):
            self._sms.enqueue(
                session, key=f"{_KEY}{message.id}", number=message.number, text=answer.text, order_id=message.order_id
            )
        return answer

    def _answered(
        self, session: Session, message: SmsMessage, sender: Sender, messages: list[Message]
    ) -> CompanyAnswer | None:
        word = read_answer(message.text) if sender.companies else CompanyWord(Said.OTHER)
        if word.said is Said.OTHER or read(message.text).kind in (ReplyKind.SOS, ReplyKind.OPT_OUT):
            return None
        now = self._clock()
        waiting = _waiting(session, sender.companies, now)
        if word.number:
            return self._named(session, message, messages, word, sender, waiting)
        return self._unnamed(session, message, messages, word, sender, waiting)

    def _named(  # noqa: PLR0917  # What an answer is made of.
        self, session: Session, message: SmsMessage, messages: list[Message], word: CompanyWord,
        sender: Sender, waiting: Sequence[Offer],
    ) -> CompanyAnswer | None:  # fmt: skip
        """A text that names an order: the number says which offer, or that it is no offer of theirs."""
        named = session.scalars(
            select(Offer).join(Order).where(Offer.company_id.in_(sender.companies), Order.number == word.number)
            .order_by(Offer.id.desc()).limit(1)
        ).first()  # fmt: skip
        if named is None:
            elses = tie(session, sender, message.text, self._clock()).question
            return _unclear(waiting) if waiting and elses is None else None
        if word.said is Said.UNCLEAR:
            return _unclear([named]) if named in waiting else None
        return self._act(session, message, messages, word, named)

    def _unnamed(  # noqa: PLR0917  # As above.
        self, session: Session, message: SmsMessage, messages: list[Message], word: CompanyWord,
        sender: Sender, waiting: Sequence[Offer],
    ) -> CompanyAnswer | None:  # fmt: skip
        """A text that names none: it must be the one offer that waits, and no score that somebody was asked for."""
        tied = tie(session, sender, message.text, self._clock())
        asked = [each for each in (tied.question, *tied.candidates) if each is not None and not each.answered]
        if asked and read(tied.text).kind is ReplyKind.SCORE:
            if not waiting or word.said is Said.UNCLEAR:
                return None
            text = says.offer_or_score(waiting[0].order.number, asked[0].number)
            return CompanyAnswer(_reading(word), "unclear", text)
        if word.said is Said.UNCLEAR:
            return _unclear(waiting) if waiting else None
        if len(waiting) > 1:
            return CompanyAnswer(_reading(word), "unclear", says.which([each.order.number for each in waiting]))
        meant = waiting[0] if waiting else _last(session, sender.companies, self._clock())
        return self._act(session, message, messages, word, meant) if meant is not None else None

    def _act(
        self, session: Session, message: SmsMessage, messages: list[Message], word: CompanyWord, offer: Offer
    ) -> CompanyAnswer:
        """Give the answer, and say what became of it. What was answered so before is not said again."""
        order, accept = offer.order, word.said is Said.ACCEPT
        told_before = _spoke_of(session, message, order.id)
        if offer.state in ("accepted", "declined"):
            message.order_id = order.id
            same = (offer.state == "accepted") is accept
            text = "" if same else says.already_yours(order.number) if not accept else self._over(session, offer)
            return CompanyAnswer(_reading(word, order.number), "understood", text)
        try:
            view = self._dispatch.answer_within(
                session, offer.id, accept, messages, actor=f"company:{offer.company_id}", channel="sms",
                reason_code=word.reason or "", key=f"sms-{message.id}",
            )  # fmt: skip
        except NotQualified:
            text = says.not_qualified(order.number)
        except (OfferGone, MoveRefused):
            text = "" if told_before else self._over(session, offer)
        else:
            when = moment(view.due_at.astimezone(self._zone), self._clock().astimezone(self._zone))
            text = says.accepted(order.number, when) if accept else says.declined(order.number)
        # Only now: a row that refers to the order keeps others from locking it, and two would wait for each other.
        message.order_id = order.id
        return CompanyAnswer(_reading(word, order.number), "understood", text)

    def _may_write(self, session: Session, message: SmsMessage) -> bool:
        """Two machines that answer each other stop somewhere."""
        lately = SmsMessage.created_at > self._clock() - timedelta(days=1)
        same = (SmsMessage.number_index == message.number_index, SmsMessage.key.startswith(_KEY), lately)
        return (session.scalar(select(func.count()).where(*same)) or 0) < MOST_A_DAY

    def _over(self, session: Session, offer: Offer) -> str:
        """Say who has the order now, if a company has it."""
        order = session.get_one(Order, offer.order_id, populate_existing=True)
        winner = order.company if order.company_id not in (None, offer.company_id) else None
        return says.taken(order.number, winner.name) if winner else says.over(order.number)


def _waiting(session: Session, companies: Collection[int], now: datetime) -> Sequence[Offer]:
    """Give the offers that wait for an answer of these companies, the oldest first."""
    query = select(Offer).where(Offer.company_id.in_(companies), Offer.state == "open", Offer.expires_at > now)
    return session.scalars(query.order_by(Offer.id)).all()


def _last(session: Session, companies: Collection[int], now: datetime) -> Offer | None:
    """Give the offer that an answer without a number may still speak of, though it does not wait any more."""
    query = select(Offer).where(Offer.company_id.in_(companies), Offer.offered_at > now - STILL_SPOKEN_OF)
    return session.scalars(query.order_by(Offer.id.desc()).limit(1)).first()


def _spoke_of(session: Session, message: SmsMessage, order_id: int) -> bool:
    """Tell whether this telephone has written of the order before."""
    before = select(SmsMessage.id).where(
        SmsMessage.number_index == message.number_index, SmsMessage.direction == "in", SmsMessage.id != message.id,
        SmsMessage.order_id == order_id,
    )  # fmt: skip
    return session.scalar(before.limit(1)) is not None


def _unclear(offers: Sequence[Offer]) -> CompanyAnswer:
    numbers = [each.order.number for each in offers]
    return CompanyAnswer(Reading(ReplyKind.UNCLEAR, None, "an answer to an offer"), "unclear", says.unclear(numbers))


def _reading(word: CompanyWord, number: str = "") -> Reading:
    """Keep how it was read beside the message, for people."""
    why = f": {word.reason.value}" if word.reason else ""
    return Reading(ReplyKind.REMARK, None, f"offer {number or 'not named'}, {word.said.value}{why}")
