"""What follows an attempt, within a unit of work: another one, an SMS that asks instead, or a person's list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import CallAttempt, Callback, Elder, Offer, Order, OrderEscalation, SmsMessage
from routing.orders.offers import still_asked
from routing.orders.policy import OrderState
from routing.outreach.consent import Channel, Purpose, Why, purpose_of
from routing.outreach.policy import ELDER_KINDS, ONE_TRY, CallRules, Span, Then, Tried, after_attempt
from routing.outreach.reach import NumberIndex, number_for_sms
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms
from routing.outreach.standing import permission, rest_of

log = structlog.get_logger(__name__)

OFFER_RETRY = timedelta(minutes=2)
"""A company has ten minutes to answer: it is rung again sooner than an elder."""
SMS_ANSWERED_WITHIN = timedelta(hours=24)
"""Who has not answered the SMS by then is put on a person's list."""
ASKED = frozenset({OrderState.DONE.value, OrderState.ACCEPTED.value, OrderState.VISITING.value})
"""States of an order that there is something to ask about: how it was, or whether anybody came."""


class Following:
    """Decides by the policy, and writes it down."""

    def __init__(self, sms: Sms, number_index: NumberIndex, rules: CallRules) -> None:
        self._sms = sms
        self.number_index = number_index
        self.rules = rules

    def settled_meanwhile(self, session: Session, row: Callback) -> str:
        """Say why the call is not needed any more, if so."""
        if row.kind == "offer":
            offer = session.get(Offer, int(row.reference))
            return "" if offer is not None and still_asked(session, offer) else "offer_gone"
        if row.kind == "after_service":
            order = session.get(Order, int(row.reference))
            return "" if order is not None and order.state in ASKED else "rated_already"
        if row.kind == "overdue":
            level = session.get(OrderEscalation, int(row.reference))
            if level is None or level.taken_at is not None or level.version != level.order.version:
                return "moved_on"
        return ""

    def follow(self, session: Session, row: Callback, outcome: str, now: datetime) -> None:
        """Do what follows an attempt. The row is locked, or on SQLite the whole database is."""
        row.last_outcome, row.updated_at, row.claimed_until = outcome, now, None
        self.note_attempt(session, row, outcome)
        settled = self.settled_meanwhile(session, row) if outcome != "answered" else ""
        refused = self._refused(session, row, now) if outcome != "answered" else ""
        before = [each for each in self._tried(session, row) if each[0] != row.attempts]
        follow = after_attempt(
            outcome, row.attempts, now, self._rules_of(row), before=[tried for _, tried in before],
            rest=self._rest(session, row),
        )  # fmt: skip
        if settled or refused:
            row.state = "cancelled"
            row.last_outcome = settled or refused
        elif follow.then is Then.WAIT:
            row.state = "answered"
        elif follow.then is Then.RETRY and follow.due_at is not None:
            row.state, row.due_at = "due", follow.due_at
        else:
            self.give_up(session, row, now)
        log.info("callbacks.settled", cause=row.cause, state=row.state, reason=settled or refused or follow.reason)

    def give_up(self, session: Session, row: Callback, now: datetime) -> None:
        """Ask by SMS what nobody could ask by telephone, and who cannot be asked so is for a person's list. An offer
        simply runs out, and goes to the next company."""
        if row.kind != "after_service" or row.order_id is None or row.elder_id is None:
            self.end(row, "failed", row.last_outcome, now)
            return
        order, elder = session.get_one(Order, row.order_id), session.get_one(Elder, row.elder_id)
        number = number_for_sms(elder) or row.number
        may = permission(
            session, Purpose.SURVEY, Channel.SMS, number_index=self.number_index(number), elder_id=elder.id, now=now,
            rules=self.rules,
        )  # fmt: skip
        row.updated_at, row.claimed_until = now, None
        if may.why is Why.GONE:
            self.end(row, "cancelled", may.why.value, now)
        elif order.state != OrderState.DONE.value or not may.allowed:
            row.state = "listed"  # Whether anybody came at all is not asked by a scale from 1 to 5.
        elif (at := self._sms.goes_at(now)) > now:  # Not queued until then: the elder may be heard meanwhile.
            row.state, row.due_at = "asking", at
        else:
            row.state = "failed"
            self._sms.enqueue(
                session, key=_key(order.id), number=number, elder_id=elder.id, order_id=order.id,
                question=texts.RATING_QUESTION, text=texts.rate(order.item.name, order.number),
            )  # fmt: skip

    def look_again(self, session: Session, row: Callback, now: datetime) -> bool:
        """Look at one that was asked by SMS, or is on the list: what is settled ends, what got no answer is for a
        person. Give whether anything changed."""
        before = row.state
        if self.settled_meanwhile(session, row):
            self.end(row, "done", "rated_already", now)
        elif row.state == "asking" and row.due_at <= now:
            self.give_up(session, row, now)
        elif row.state == "failed" and row.order_id is not None:
            sent = session.scalar(select(SmsMessage.state).where(SmsMessage.key == _key(row.order_id)))
            if sent in (None, "failed", "expired") or row.updated_at < now - SMS_ANSWERED_WITHIN:
                row.state, row.updated_at = "listed", now
        return row.state != before

    def end(self, row: Callback, state: str, outcome: str, now: datetime) -> None:
        """Write that a call is over."""
        row.state, row.last_outcome, row.updated_at, row.claimed_until = state, outcome, now, None

    def note_attempt(self, session: Session, row: Callback, outcome: str) -> None:
        """Write down how the current attempt went."""
        session.execute(
            update(CallAttempt)
            .where(CallAttempt.callback_id == row.id, CallAttempt.attempt == row.attempts)
            .values(outcome=outcome)
        )

    def _tried(self, session: Session, row: Callback) -> list[tuple[int, Tried]]:
        query = select(CallAttempt).where(CallAttempt.callback_id == row.id).order_by(CallAttempt.attempt)
        return [(each.attempt, Tried(each.at, each.outcome)) for each in session.scalars(query)]

    def _refused(self, session: Session, row: Callback, now: datetime) -> str:
        """Say by which word of theirs they are left in peace, if they gave it while it rang."""
        if row.kind not in ELDER_KINDS:
            return ""
        may = permission(
            session, purpose_of(row.kind), Channel.CALL, number_index=self.number_index(row.number),
            elder_id=row.elder_id, now=now, rules=self.rules,
        )  # fmt: skip
        return may.why.value if may.why in (Why.GONE, Why.OPTED_OUT, Why.WITHDRAWN) else ""

    def _rest(self, session: Session, row: Callback) -> Span | None:
        if row.elder_id is None or row.kind not in ELDER_KINDS:
            return None
        return rest_of(session.scalar(select(Elder.rest).where(Elder.id == row.elder_id)) or "")

    def _rules_of(self, row: Callback) -> CallRules:
        if row.kind in ONE_TRY:
            return replace(self.rules, attempts=1, spread=False)
        if row.kind in ELDER_KINDS:
            return self.rules
        return replace(
            self.rules, hours=(time.min, time.max), retry=min(OFFER_RETRY, self.rules.retry), spread=False
        )  # fmt: skip


def _key(order_id: int) -> str:
    return f"sms-rate-{order_id}"
