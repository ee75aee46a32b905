"""Calls that are owed: claimed in the database before anything dials, settled once, never forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from db.models import Callback, Order, SmsMessage
from db.session import UnitOfWork
from routing.calls.messages import PlaceCall
from routing.errors import NotFound
from routing.outreach.claiming import Claiming
from routing.outreach.following import ASKED, SMS_ANSWERED_WITHIN, Following
from routing.outreach.owing import CLAIMING, owe
from routing.outreach.pacing import Pace
from routing.outreach.policy import ELDER_KINDS, CallRules, within_hours
from routing.outreach.reach import NumberIndex
from routing.outreach.sms.outbox import Sms
from routing.writing import one_at_a_time

log = structlog.get_logger(__name__)

TALK_LASTS = timedelta(minutes=15)
"""A flow that answered and did not finish within this time has died; its call counts as not reached."""


@dataclass(frozen=True)
class CallbackView:
    """A call that is owed, as it stands."""

    id: int
    cause: str
    kind: str
    flow: str
    reference: str
    state: str
    due_at: datetime
    attempts: int
    last_outcome: str
    elder_id: int | None
    order_id: int | None
    number: str = field(repr=False)


class Callbacks:
    """Owes, claims and settles calls."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        place_call: Callable[[PlaceCall], None],
        sms: Sms,
        number_index: NumberIndex,
        rules: CallRules,
        ring_seconds: float,
        lines: int,
        pace: Callable[[], Pace] | None = None,
        not_elders: Collection[str] = (),
        country: str = "CN",
    ) -> None:
        """`pace` tells how many calls may be made more; `lines` bounds them anyway. `not_elders`: see `Claiming`."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._place_call = place_call
        self._rules = rules
        self._pace = pace
        self._following = Following(sms, number_index, rules)
        self._claiming = Claiming(
            self._following, ring_seconds=ring_seconds, lines=lines, not_elders=not_elders, country=country
        )

    def owe(
        self,
        cause: str,
        *,
        kind: str,
        flow: str,
        reference: str,
        number: str,
        due_at: datetime | None = None,
        elder_id: int | None = None,
        order_id: int | None = None,
    ) -> CallbackView:
        """Owe a call, once per cause; calls to elders keep to the hours. An empty `flow`: a person makes the call."""
        now = self._clock()
        due_at = due_at or now
        if kind in ELDER_KINDS and flow:
            due_at = within_hours(due_at, self._rules)  # The elder's rest is looked at when it comes due.
        with self._unit_of_work() as session:
            return _view(
                owe(
                    session, now, cause=cause, kind=kind, flow=flow, reference=reference, number=number,
                    due_at=due_at, elder_id=elder_id, order_id=order_id,
                )
            )  # fmt: skip

    def get(self, cause: str) -> CallbackView:
        """Give one call that is or was owed. Raises NotFound."""
        with self._unit_of_work() as session:
            return _view(_by_cause(session, cause))

    def dial_due(self, room: int | None = None) -> int:
        """Claim what is due and have it dialled; give how many. `room`: lines that may be taken, if fewer are free."""
        to_elders = to_messages = None
        if self._pace is not None:
            pace = self._pace()
            room, to_elders = pace.others if room is None else min(room, pace.others), pace.room
            to_messages = pace.messages
        calls = self.claim_due(room, to_elders, to_messages)
        for call in calls:
            try:
                self._place_call(call)
            except Exception:  # Nobody knows whether the router has it: the claim runs out, and then it is tried again.
                log.exception("callbacks.not_placed", cause=call.cause)
        return len(calls)

    def claim_due(
        self, room: int | None = None, to_elders: int | None = None, to_messages: int | None = None
    ) -> tuple[PlaceCall, ...]:
        """Claim calls that are due, for as many lines as are free; once claimed no other claim gets them. `to_messages`
        bounds, within `to_elders`, those of group messages.

        Each attempt has a cause of its own, ``<cause>.<attempt>``, so that the router dials each once. What is settled
        meanwhile is cancelled here, and what may not be dialled now is put off. Nothing due: nothing is locked.
        """
        now = self._clock()
        with self._reading() as session:
            if not self._claiming.due(session, room, to_elders, now, to_messages=to_messages):
                return ()
        with self._unit_of_work() as session:
            one_at_a_time(session, CLAIMING)  # Two who count the free lines at once would both take them.
            due = self._claiming.due(session, room, to_elders, now, to_messages=to_messages)
            return tuple(call for each in due if (call := self._claiming.claim(session, each, now)) is not None)

    def settle(self, attempt_cause: str, outcome: str) -> None:
        """Note how an attempt went: answered, busy, no_answer, refused, failed, expired, withdrawn or
        unknown.

        Repeated, late or for another attempt than the current one: changes nothing. An unknown cause too.
        """
        cause, _, attempt = attempt_cause.rpartition(".")
        now = self._clock()
        with self._unit_of_work() as session:
            row = session.scalar(select(Callback).where(Callback.cause == cause).with_for_update())
            if row is None or row.state != "dialling" or str(row.attempts) != attempt:
                return
            self._following.follow(session, row, outcome, now)

    def begin(self, cause: str) -> None:
        """The flow has the answered call. Raises NotFound."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = _by_cause(session, cause)
            if row.state in ("due", "dialling"):
                self._following.end(row, "answered", "answered", now)
                self._following.note_attempt(session, row, "answered")

    def finish(self, cause: str, reached: bool) -> None:
        """The flow is over. Not reached (an answering machine, or hung up before an answer): as if nobody answered.

        Raises NotFound.
        """
        now = self._clock()
        with self._unit_of_work() as session:
            row = _by_cause(session, cause)
            if row.state not in ("due", "dialling", "answered"):
                return
            if reached:
                self._following.end(row, "done", row.last_outcome, now)
                self._following.note_attempt(session, row, "done")
            else:
                self._following.follow(session, row, "not_reached", now)

    def sweep(self, limit: int = 100) -> int:
        """Take up claims that ran out, talks that never finished and questions by SMS that nobody answered; give how
        many."""
        now = self._clock()
        left = ((Callback.state == "dialling") & (Callback.claimed_until < now)) | (
            (Callback.state == "answered") & (Callback.updated_at < now - TALK_LASTS)
        )
        return self._take_up(left, limit, now) + self._look_again(limit, now)

    def _take_up(self, left: ColumnElement[bool], limit: int, now: datetime) -> int:
        with self._reading() as session:
            if not session.scalar(select(exists().where(left))):
                return 0
        with self._unit_of_work() as session:
            query = select(Callback).where(left).order_by(Callback.id).limit(limit)
            stale = session.scalars(query.with_for_update(skip_locked=True)).all()
            for row in stale:
                self._following.follow(session, row, "unknown", now)
            return len(stale)

    def _look_again(self, limit: int, now: datetime) -> int:
        """What was asked by SMS or waits for a person: is it settled, or has the time for an answer run out?"""
        mine = (Callback.kind == "after_service") & (Callback.order_id == Order.id)
        on_its_way = exists().where(
            SmsMessage.order_id == Callback.order_id, SmsMessage.question != "", SmsMessage.direction == "out",
            SmsMessage.state.not_in(("failed", "expired")),
        )  # fmt: skip
        due = or_(
            Callback.state.in_(("failed", "asking", "listed")) & Order.state.not_in(ASKED),
            (Callback.state == "asking") & (Callback.due_at <= now),
            (Callback.state == "failed") & ((Callback.updated_at < now - SMS_ANSWERED_WITHIN) | ~on_its_way),
        )
        query = select(Callback.id).where(mine, due).order_by(Callback.id).limit(limit)
        with self._reading() as session:
            found = session.scalars(query).all()
        changed = 0
        for callback_id in found:
            with self._unit_of_work() as session:
                row = session.get(Callback, callback_id, with_for_update=True)
                if row is not None and row.state in ("failed", "asking", "listed"):
                    changed += self._following.look_again(session, row, now)
        return changed


def _by_cause(session: Session, cause: str) -> Callback:
    row = session.scalar(select(Callback).where(Callback.cause == cause).with_for_update())
    if row is None:
        raise NotFound(f"no call is owed for {cause}")
    return row


def _view(row: Callback) -> CallbackView:
    return CallbackView(
        row.id, row.cause, row.kind, row.flow, row.reference, row.state, row.due_at, row.attempts, row.last_outcome,
        row.elder_id, row.order_id, row.number,
    )  # fmt: skip
