"""The outbox of SMS: what is to be sent stands in the database, is claimed first, and is sent at most once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, CursorResult, exists, select, update
from sqlalchemy.orm import Session

from db.models import SmsMessage
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.outreach.reach import NumberIndex
from routing.outreach.sms.carrier import Carrier, HandOver, OutgoingSms, Receipt
from routing.outreach.sms.reports import DeliveryReport, state_after
from routing.outreach.sms.texts import MOST_PARTS, parts, scale_of
from routing.outreach.standing import is_forbidden
from routing.writing import insert_once

log = structlog.get_logger(__name__)

LASTS = timedelta(hours=24)
"""A message that could not be handed over within this time is no news any more, unless its own deadline is earlier."""
CLAIM_LASTS = timedelta(minutes=2)
"""Longer than any hand-over takes: what is claimed for longer belongs to a sender that died in the middle."""


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
        carrier: Carrier,
        number_index: NumberIndex,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._carrier = carrier
        self._number_index = number_index

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
    ) -> SmsMessage:
        """Queue a message within a unit of work, once per key: it is sent only if what caused it is written.

        A number that opted out gets nothing (but the word that it did): the message is written as failed.
        Raises Invalid when the text is empty or takes more than `MOST_PARTS` parts.
        """
        if not text or parts(text) > MOST_PARTS:
            raise Invalid(f"an SMS has 1 to {MOST_PARTS} parts, and this one {parts(text) if text else 0}")
        index, now = self._number_index(number), self._clock()
        opted_out = not in_spite_of_opt_out and has_opted_out(session, index, elder_id=elder_id, question=question)
        message = SmsMessage(
            key=key, direction="out", number=number, number_index=index, text=text,
            state="failed" if opted_out else "queued", understood="opted out" if opted_out else "", elder_id=elder_id,
            order_id=order_id, question=question, scale=scale_of(question),
            deadline=min(deadline or now + LASTS, now + LASTS), attempts=0,
            created_at=now,
        )  # fmt: skip
        kept, _new = insert_once(session, message, SmsMessage.key == key)
        return kept

    def send_due(self, limit: int = 50) -> Sent:
        """Hand over what is queued, at most `limit` messages, oldest first.

        Each message is claimed and the claim committed before the carrier hears of it; a process that dies in between
        leaves a message that is failed later, and never sent again. A carrier that takes nothing,
        or does not answer, ends the round: the others are not burnt on it.
        """
        expired, failed = self._expire(), self._fail_abandoned()
        accepted = waiting = 0
        for message_id in self._queued(limit):
            message = self._claim(message_id)
            if message is None:
                continue
            receipt = self._carrier.hand_over(message)
            self._settle(message_id, receipt)
            accepted += receipt.outcome is HandOver.ACCEPTED
            waiting += receipt.outcome is HandOver.NOT_TAKEN
            failed += receipt.outcome in (HandOver.REFUSED, HandOver.UNKNOWN)
            if receipt.outcome in (HandOver.NOT_TAKEN, HandOver.UNKNOWN):
                break
        return Sent(accepted, waiting, failed, expired)

    def report(self, message_id: int, report: DeliveryReport) -> str:
        """Note a delivery report, and give the message's state. One that is late or repeated changes nothing, nor does
        one for a message that was never handed over. Raises NotFound."""
        with self._unit_of_work() as session:
            message = session.get(SmsMessage, message_id, with_for_update=True)
            if message is None or message.direction != "out":
                raise NotFound(f"there is no outgoing message {message_id}")
            after = state_after(message.state, report)
            if message.attempts and after != message.state:
                log.info("sms.reported", message_id=message_id, before=message.state, after=after)
                message.state = after
                message.understood = f"the carrier reports: {report.value}" if after in ("failed", "expired") else ""
            return message.state

    def _queued(self, limit: int) -> list[int]:
        with self._reading() as session:
            query = select(SmsMessage.id).where(SmsMessage.direction == "out", SmsMessage.state == "queued")
            return list(session.scalars(query.order_by(SmsMessage.created_at, SmsMessage.id).limit(limit)))

    def _claim(self, message_id: int) -> OutgoingSms | None:
        now = self._clock()
        with self._unit_of_work() as session:
            claimed = session.execute(
                update(SmsMessage)
                .where(SmsMessage.id == message_id, SmsMessage.state == "queued")
                .values(state="sending", attempts=SmsMessage.attempts + 1, sent_at=now)
            )
            if _rows(claimed) != 1:
                return None
            row = session.get_one(SmsMessage, message_id)
            return OutgoingSms(str(row.id), row.number, row.text)

    def _settle(self, message_id: int, receipt: Receipt) -> None:
        state = {HandOver.ACCEPTED: "sent", HandOver.NOT_TAKEN: "queued"}.get(receipt.outcome, "failed")
        if state != "sent":
            log.warning("sms.not_sent", message_id=message_id, outcome=receipt.outcome.value, detail=receipt.detail)
        with self._unit_of_work() as session:
            session.execute(
                update(SmsMessage)
                .where(SmsMessage.id == message_id, SmsMessage.state == "sending")
                .values(state=state, understood="" if state == "sent" else receipt.detail, sent_at=self._clock())
            )

    def _expire(self) -> int:
        late = (SmsMessage.state == "queued") & (SmsMessage.deadline < self._clock())
        return self._end(late, "expired")

    def _fail_abandoned(self) -> int:
        abandoned = (SmsMessage.state == "sending") & (SmsMessage.sent_at < self._clock() - CLAIM_LASTS)
        return self._end(abandoned, "failed", understood="unknown: the sender died between claim and answer")

    def _end(self, which: ColumnElement[bool], state: str, **more: str) -> int:
        """Bring the messages to an end, if there are any: only then is it worth SQLite's one write lock."""
        with self._reading() as session:
            if not session.scalar(select(exists().where(which))):
                return 0
        with self._unit_of_work() as session:
            return _rows(session.execute(update(SmsMessage).where(which).values(state=state, **more)))


def has_opted_out(
    session: Session, number_index: bytes, channel: str = "sms", *, elder_id: int | None = None, question: str = ""
) -> bool:
    """Tell whether the number wants nothing by this channel; or, of a question, whether its elder wants none."""
    return is_forbidden(session, number_index, channel, elder_id=elder_id, asks=bool(question))


def _rows(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
