"""The outbox's rows: which may go, who sends which, and how each ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import ColumnElement, CursorResult, exists, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import SmsMessage
from db.session import UnitOfWork
from routing.outreach.sms.carrier import HandOver, OutgoingSms, Receipt
from routing.outreach.sms.parts import note_parts
from routing.outreach.sms.policy import SentToday, SmsKind, SmsRules, day_begins, may_go
from routing.writing import one_at_a_time

log = structlog.get_logger(__name__)

CLAIM_LASTS = timedelta(minutes=2)
"""Longer than any hand-over takes: what is claimed for longer belongs to a sender that died in the middle."""
ABANDONED: Final = "unknown: the sender died between claim and answer"
_COUNTING: Final = 0x736D7364
"""Names the count of a day among the things that one decides at a time."""


class Claims:
    """Claims and ends messages. Without `rules` nothing waits and nothing is limited."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        rules: SmsRules | None,
        wants_nothing: Callable[[Session, SmsMessage], bool],
    ) -> None:
        """`wants_nothing` tells whether a number opted out: it may have done so since the message was queued."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._rules = rules
        self._wants_nothing = wants_nothing

    def waiting(self, limit: int) -> list[int]:
        """Give the messages that may go now, as far as is known, the oldest first."""
        now = self._clock()
        with self._reading() as session:
            query = select(SmsMessage.id).where(SmsMessage.direction == "out", SmsMessage.state == "queued")
            query = query.where(or_(SmsMessage.not_before.is_(None), SmsMessage.not_before <= now))
            return list(session.scalars(query.order_by(SmsMessage.created_at, SmsMessage.id).limit(limit)))

    def claim(self, message_id: int) -> OutgoingSms | None:
        """Claim a message; the claim is committed when this returns. None: another has it, or it must wait, or it may
        not go at all."""
        now = self._clock()
        with self._unit_of_work() as session:
            if self._rules is not None and (self._rules.a_day or self._rules.a_number):
                one_at_a_time(session, _COUNTING)
            row = session.get(SmsMessage, message_id, with_for_update=True)
            if row is None or row.state != "queued" or (row.not_before is not None and row.not_before > now):
                return None  # Another has it, or it is held back since we looked.
            if not self._may_go(session, row, now):
                return None
            row.state, row.attempts, row.sent_at, row.not_before = "sending", row.attempts + 1, now, None
            wanted = partial(self._still_wanted, row)
            return OutgoingSms(str(row.id), row.number, row.text, wanted)

    def settle(self, message_id: int, receipt: Receipt) -> None:
        """Write how a hand-over ended: also of a claim that was taken for abandoned meanwhile."""
        state = {HandOver.ACCEPTED: "sent", HandOver.NOT_TAKEN: "queued"}.get(receipt.outcome, "failed")
        if state != "sent":
            log.warning("sms.not_sent", message_id=message_id, outcome=receipt.outcome.value, detail=receipt.detail)
        now = self._clock()
        why = f"unknown: {receipt.detail}" if receipt.outcome is HandOver.UNKNOWN else receipt.detail
        with self._unit_of_work() as session:
            row = session.get_one(SmsMessage, message_id, with_for_update=True)
            given_up = row.state == "failed" and row.understood == ABANDONED
            if row.state == "sending" or (given_up and state == "sent"):
                row.state, row.understood, row.sent_at = state, "" if state == "sent" else why, now
            note_parts(session, row, receipt.ids, now)

    def expire(self) -> int:
        """End what is too late to be news; give how many."""
        late = (SmsMessage.state == "queued") & (SmsMessage.deadline < self._clock())
        return self._end(late, "expired")

    def fail_abandoned(self) -> int:
        """End what was claimed by a sender that died; give how many. A claim of the future is one from before the
        clock was set back."""
        now = self._clock()
        old = (SmsMessage.sent_at < now - CLAIM_LASTS) | (SmsMessage.sent_at > now + CLAIM_LASTS)
        return self._end((SmsMessage.state == "sending") & old, "failed", understood=ABANDONED)

    def _may_go(self, session: Session, row: SmsMessage, now: datetime) -> bool:
        kind = SmsKind(row.kind) if row.kind else SmsKind.NOTICE
        if kind is not SmsKind.URGENT and self._wants_nothing(session, row):
            row.state, row.understood = "failed", "opted out"
            return False
        if self._rules is None:
            return True
        allowed = may_go(kind, self._sent_today(session, row, now), row.deadline, self._rules, now)
        if allowed.at is None:
            row.state, row.understood = "failed", allowed.reason
            log.warning("sms.not_allowed", message_id=row.id, reason=allowed.reason)
        elif allowed.at > now:
            row.not_before, row.understood = allowed.at, allowed.reason
            log.info("sms.waits", message_id=row.id, reason=allowed.reason)
        return allowed.at == now

    def _still_wanted(self, row: SmsMessage) -> bool:
        """Tell whether a claimed message may still go. While the database is away the claim's own look counts."""
        if row.kind == SmsKind.URGENT:
            return True
        try:
            with self._reading() as session:
                return not self._wants_nothing(session, row)  # Whom it goes to is as it was at the claim.
        except SQLAlchemyError as error:
            log.warning("sms.not_looked_again", message_id=row.id, error=type(error).__name__)
            return True

    def _sent_today(self, session: Session, row: SmsMessage, now: datetime) -> SentToday:
        """Count what was handed over, or may have been, since local midnight."""
        if self._rules is None or not (self._rules.a_day or self._rules.a_number):
            return SentToday(0, 0)
        today = (
            (SmsMessage.direction == "out")
            & (SmsMessage.attempts > 0)
            & SmsMessage.state.in_(("sending", "sent", "delivered", "failed", "expired"))
            & (SmsMessage.sent_at >= day_begins(now, self._rules.zone))
        )
        count = select(func.count()).select_from(SmsMessage).where(today)
        number = session.scalar(count.where(SmsMessage.number_index == row.number_index)) if self._rules.a_number else 0
        everyone = session.scalar(count) if self._rules.a_day else 0
        return SentToday(number or 0, everyone or 0)

    def _end(self, which: ColumnElement[bool], state: str, **more: str) -> int:
        """Bring the messages to an end, if there are any: only then is it worth SQLite's one write lock."""
        with self._reading() as session:
            if not session.scalar(select(exists().where(which))):
                return 0
        with self._unit_of_work() as session:
            ended = session.execute(update(SmsMessage).where(which).values(state=state, **more))
            return ended.rowcount if isinstance(ended, CursorResult) else 0
