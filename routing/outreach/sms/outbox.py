"""The outbox of SMS: what is to be sent stands in the database, is claimed first, and is sent at most once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from threading import Event

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import SmsMessage
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.numbers import why_not
from routing.outreach.reach import NumberIndex
from routing.outreach.sms import texts
from routing.outreach.sms.bursts import Bursts
from routing.outreach.sms.carrier import Carrier, HandOver
from routing.outreach.sms.claims import Claims
from routing.outreach.sms.encoding import Alphabet, write
from routing.outreach.sms.parts import apply_report
from routing.outreach.sms.policy import SmsKind, SmsRules, goes_at
from routing.outreach.sms.reports import DeliveryReport, state_after
from routing.outreach.sms.texts import MOST_PARTS, scale_of
from routing.outreach.standing import is_forbidden
from routing.writing import insert_once

LASTS = timedelta(hours=24)
"""A message that could not be handed over within this time is no news any more, unless its own deadline is earlier."""
REPORTS_A_BURST = 50
"""Delivery reports that are written in one unit of work."""
_KINDS = (
    ("answer-", SmsKind.ANSWER), ("sms-assigned-", SmsKind.WORK), ("sms-cancelled-", SmsKind.WORK),
    ("sms-taken-back-", SmsKind.WORK), ("sms-offer-", SmsKind.WORK),
    ("offer-answer-", SmsKind.WORK), ("sms-late-", SmsKind.WORK),
)  # fmt: skip
"""By the beginning of the key, which names the cause."""


@dataclass(frozen=True)
class Sent:
    """What a round of sending did."""

    accepted: int = 0
    waiting: int = 0
    failed: int = 0
    expired: int = 0


class Sms:
    """Queues messages, and hands over what is queued."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        carrier: Carrier | None,
        number_index: NumberIndex,
        *,
        rules: SmsRules | None = None,
        plain: Alphabet = Alphabet.GSM7,
        sender: str = "",
        country: str = "CN",
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`carrier` None: another process sends. `plain` is the alphabet of texts that it can hold, `sender` our number
        that they come from, to which answers go; to numbers outside `country` nothing is sent. `ticks` is monotonic, in
        seconds."""
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._carrier = carrier
        self._number_index = number_index
        self._plain = plain
        self._rules = rules
        self._sender = sender[:40]
        self._country = country
        self._ticks = ticks
        self._reading = reading
        self._reports = Bursts[tuple[int, DeliveryReport], str](self._note_reports, REPORTS_A_BURST)
        self._claims = Claims(unit_of_work, reading, clock, rules, _wants_nothing)

    def queue(
        self,
        key: str,
        number: str,
        text: str,
        *,
        elder_id: int | None = None,
        order_id: int | None = None,
        question: str = "",
        deadline: datetime | None = None,
    ) -> int:
        """Queue a message, once per key, and give its id. `number` is E.164. Raises Invalid for a text too long."""
        with self._unit_of_work() as session:
            return self.enqueue(
                session, key=key, number=number, text=text, elder_id=elder_id, order_id=order_id, question=question,
                deadline=deadline,
            ).id  # fmt: skip

    def enqueue(
        self,
        session: Session,
        *,
        key: str,
        number: str,
        text: str,
        elder_id: int | None = None,
        order_id: int | None = None,
        question: str = "",
        deadline: datetime | None = None,
        in_spite_of_opt_out: bool = False,
        kind: SmsKind | None = None,
        first: bool = False,
    ) -> SmsMessage:
        """Queue a message within a unit of work, once per key: it is sent only if what caused it is written.

        A number that opted out gets nothing (but the word that it did, and that help comes): the message is written as
        failed, also if it opts out before the message goes. So is a message to a number that is short, foreign or dear.
        `kind` unset is told by the key and the text. `first`: nobody can have queued it before, for the caller holds
        the row that `key` is named after; it is not looked for, and is written with the unit of work. Raises Invalid
        when the text is empty or takes more than `MOST_PARTS` parts.
        """
        text = text.replace("\0", "")  # No telephone shows it, and PostgreSQL keeps none.
        written = write(text, self._plain)
        if not text or len(written.parts) > MOST_PARTS:
            raise Invalid(f"an SMS has 1 to {MOST_PARTS} parts, and this one {len(written.parts) if text else 0}")
        if kind is None:
            kind = SmsKind.URGENT if in_spite_of_opt_out else kind_of(key, text)
        index, now = self._number_index(number), self._clock()
        no_number = why_not(number, self._country)
        opted_out = kind is not SmsKind.URGENT and has_opted_out(session, index, elder_id=elder_id, question=question)
        refused = no_number or ("opted out" if opted_out else "")
        message = SmsMessage(
            key=key, direction="out", number=number, number_index=index, text=text,
            state="failed" if refused else "queued", understood=refused, elder_id=elder_id,
            order_id=order_id, question=question, scale=scale_of(question),
            deadline=min(deadline or now + LASTS, now + LASTS), attempts=0,
            created_at=now, kind=kind.value, parts=len(written.parts), alphabet=written.alphabet.value,
            number_to=self._sender,
        )  # fmt: skip
        if first:
            session.add(message)
            return message
        kept, _new = insert_once(session, message, SmsMessage.key == key)
        return kept

    def goes_at(self, now: datetime) -> datetime:
        """Give the moment from which a message goes that waits for the hours allowed, as a question: now, or later."""
        return goes_at(SmsKind.NOTICE, self._rules, now) if self._rules is not None else now

    def send_due(self, limit: int = 50, at_once: int = 1, within: float = inf) -> Sent:
        """Hand over what is queued, at most `limit` messages, oldest first, `at_once` at the same time; after `within`
        seconds no further one is begun, for a slow gateway may take ten for each.

        Each message is claimed and the claim committed before the carrier hears of it; a process that dies in between
        leaves a message that is failed later, and never sent again. A carrier that takes nothing,
        or does not answer, ends the round: the others are not burnt on it. Where another process has the link to the
        carrier, only what is over is ended.
        """
        expired, failed = self._claims.expire(), self._claims.fail_abandoned()
        if self._carrier is None:
            return Sent(failed=failed, expired=expired)
        carrier, trouble, over = self._carrier, Event(), self._ticks() + within

        def send(message_id: int) -> HandOver | None:
            late = trouble.is_set() or self._ticks() >= over
            message = None if late else self._claims.claim(message_id)
            if message is None:
                return None
            receipt = carrier.hand_over(message)
            self._claims.settle(message_id, receipt)
            if receipt.outcome in (HandOver.NOT_TAKEN, HandOver.UNKNOWN):
                trouble.set()
            return receipt.outcome

        waiting = self._claims.waiting(limit)
        if at_once > 1 and len(waiting) > 1:
            with ThreadPoolExecutor(at_once, thread_name_prefix="sms-sender") as senders:
                outcomes = list(senders.map(send, waiting))
        else:
            outcomes = [send(each) for each in waiting]
        failed += sum(outcomes.count(each) for each in (HandOver.REFUSED, HandOver.UNKNOWN))
        return Sent(outcomes.count(HandOver.ACCEPTED), outcomes.count(HandOver.NOT_TAKEN), failed, expired)

    def report(self, message_id: int, report: DeliveryReport) -> str:
        """Note a delivery report, and give the message's state. One that is late or repeated changes nothing, nor does
        one for a message that was never handed over. Raises NotFound.

        Of each message there come two or more: what changes nothing is not written, and what several threads bring at
        the same moment is written in one unit of work.
        """
        with self._reading() as session:
            message = _outgoing(session.get(SmsMessage, message_id), message_id)
            if state_after(message.state, report) == message.state:
                return message.state
        return self._reports.do((message_id, report))

    def _note_reports(self, burst: Sequence[tuple[int, DeliveryReport]]) -> Sequence[str | Exception]:
        ids = {message_id for message_id, _report in burst}
        query = select(SmsMessage).where(SmsMessage.id.in_(ids)).order_by(SmsMessage.id).with_for_update()
        outcomes = list[str | Exception]()
        with self._unit_of_work() as session:
            messages = {each.id: each for each in session.scalars(query)}
            for message_id, report in burst:
                message = messages.get(message_id)
                if message is None:
                    outcomes.append(_no_such(message_id))
                    continue
                apply_report(message, report)
                outcomes.append(message.state)
        return outcomes


def _outgoing(message: SmsMessage | None, message_id: int) -> SmsMessage:
    if message is None or message.direction != "out":
        raise _no_such(message_id)
    return message


def _no_such(message_id: int) -> NotFound:
    return NotFound(f"there is no outgoing message {message_id}")


def kind_of(key: str, text: str) -> SmsKind:
    """Tell how pressing a message is by its cause; the answer to a cry for help is so by its words."""
    if text == texts.help_comes():
        return SmsKind.URGENT
    return next((kind for begin, kind in _KINDS if key.startswith(begin)), SmsKind.NOTICE)


def has_opted_out(
    session: Session, number_index: bytes, channel: str = "sms", *, elder_id: int | None = None, question: str = ""
) -> bool:
    """Tell whether the number wants nothing by this channel; or, of a question, whether its elder wants none."""
    return is_forbidden(session, number_index, channel, elder_id=elder_id, asks=bool(question))


def _wants_nothing(session: Session, row: SmsMessage) -> bool:
    return has_opted_out(session, row.number_index, elder_id=row.elder_id, question=row.question)
