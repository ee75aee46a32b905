"""Calls that are owed: claimed in the database before anything dials, settled once, never forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import CursorResult, exists, func, select, update
from sqlalchemy.orm import Session

from db.models import Callback, Elder, Offer, Order, OrderEscalation
from db.session import UnitOfWork
from routing.calls.messages import PlaceCall
from routing.errors import NotFound
from routing.orders.offers import still_asked
from routing.orders.policy import OrderState
from routing.outreach.owing import owe
from routing.outreach.policy import ELDER_KINDS, CallRules, Then, after_attempt, within_hours
from routing.outreach.reach import NumberIndex, number_for_sms
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms, has_opted_out
from routing.writing import one_at_a_time

log = structlog.get_logger(__name__)

DIAL_WITHIN = timedelta(seconds=30)
"""The router dials within this time or not at all, so that a claim that ran out is surely not dialled any more."""
MARGIN = timedelta(seconds=30)
"""Between the longest ring and the end of a claim: for the report of the outcome."""
TALK_LASTS = timedelta(minutes=15)
"""A flow that answered and did not finish within this time has died; its call counts as not reached."""
OFFER_RETRY = timedelta(minutes=2)
"""A company has ten minutes to answer: it is rung again sooner than an elder."""
_CLAIMING = 0x63616C6C  # "call" in ASCII.


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
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._place_call = place_call
        self._sms = sms
        self._number_index = number_index
        self._rules = rules
        self._ring_seconds = ring_seconds
        self._lines = lines

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
            due_at = within_hours(due_at, self._rules)
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
        calls = self.claim_due(room)
        for call in calls:
            try:
                self._place_call(call)
            except Exception:  # Nobody knows whether the router has it: the claim runs out, and then it is tried again.
                log.exception("callbacks.not_placed", cause=call.cause)
        return len(calls)

    def claim_due(self, room: int | None = None) -> tuple[PlaceCall, ...]:
        """Claim calls that are due, for as many lines as are free; once claimed no other claim gets them.

        Each attempt has a cause of its own, ``<cause>.<attempt>``, so that the router dials each once. What is settled
        meanwhile is cancelled here, and what came out of the hours allowed is put off. Nothing due: nothing is locked.
        """
        now = self._clock()
        with self._reading() as session:
            if not self._due(session, room, now):
                return ()
        with self._unit_of_work() as session:
            one_at_a_time(session, _CLAIMING)  # Two who count the free lines at once would both take them.
            due = self._due(session, room, now)
            return tuple(call for each in due if (call := self._claim(session, each, now)) is not None)

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
            self._follow(session, row, outcome, now)

    def begin(self, cause: str) -> None:
        """The flow has the answered call. Raises NotFound."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = _by_cause(session, cause)
            if row.state in ("due", "dialling"):
                row.state, row.last_outcome, row.updated_at, row.claimed_until = "answered", "answered", now, None

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
                row.state, row.updated_at, row.claimed_until = "done", now, None
            else:
                self._follow(session, row, "not_reached", now)

    def sweep(self, limit: int = 100) -> int:
        """Take up claims that ran out and talks that never finished; give how many."""
        now = self._clock()
        left = ((Callback.state == "dialling") & (Callback.claimed_until < now)) | (
            (Callback.state == "answered") & (Callback.updated_at < now - TALK_LASTS)
        )
        with self._reading() as session:
            if not session.scalar(select(exists().where(left))):
                return 0
        with self._unit_of_work() as session:
            query = select(Callback).where(left).order_by(Callback.id).limit(limit)
            stale = session.scalars(query.with_for_update(skip_locked=True)).all()
            for row in stale:
                self._follow(session, row, "unknown", now)
            return len(stale)

    def _due(self, session: Session, room: int | None, now: datetime) -> list[int]:
        """Give the ids of the calls that are due, as many as there are lines for."""
        dialling = select(func.count()).where(Callback.state == "dialling", Callback.claimed_until >= now)
        free = self._lines - (session.scalar(dialling) or 0)
        free = free if room is None else min(free, room)
        query = select(Callback.id).where(Callback.state == "due", Callback.due_at <= now, Callback.flow != "")
        return list(session.scalars(query.order_by(Callback.due_at, Callback.id).limit(max(free, 0))))

    def _claim(self, session: Session, callback_id: int, now: datetime) -> PlaceCall | None:
        row = session.get_one(Callback, callback_id)
        allowed = within_hours(now, self._rules) if row.kind in ELDER_KINDS else now
        settled = self._settled_meanwhile(session, row)
        expires = now + DIAL_WITHIN
        until = expires + timedelta(seconds=self._ring_seconds) + MARGIN
        changes: dict[str, object] = {"state": "dialling", "attempts": Callback.attempts + 1, "claimed_until": until}
        if settled:
            changes = {"state": "cancelled", "last_outcome": settled}
        elif allowed > now:
            changes = {"due_at": allowed}
        claimed = session.execute(
            update(Callback)
            .where(Callback.id == row.id, Callback.state == "due", Callback.attempts == row.attempts)
            .values(updated_at=now, **changes)
        )
        if settled or allowed > now or not isinstance(claimed, CursorResult) or claimed.rowcount != 1:
            return None
        session.refresh(row)
        return PlaceCall(
            f"{row.cause}.{row.attempts}", row.number, row.flow, row.reference, self._ring_seconds, expires.timestamp()
        )

    def _settled_meanwhile(self, session: Session, row: Callback) -> str:
        """Say why the call is not needed any more, if so."""
        if row.kind == "offer":
            offer = session.get(Offer, int(row.reference))
            return "" if offer is not None and still_asked(session, offer) else "offer_gone"
        if row.kind == "after_service":
            order = session.get(Order, int(row.reference))
            if order is None or order.state != OrderState.DONE.value:
                return "rated_already"
            if has_opted_out(session, self._number_index(row.number), "call"):
                return "opted_out"
        if row.kind == "overdue":
            level = session.get(OrderEscalation, int(row.reference))
            if level is None or level.taken_at is not None or level.version != level.order.version:
                return "moved_on"
        return ""

    def _follow(self, session: Session, row: Callback, outcome: str, now: datetime) -> None:
        """Do what follows an attempt. The row is locked, or on SQLite the whole database is."""
        row.last_outcome, row.updated_at = outcome, now
        settled = self._settled_meanwhile(session, row) if outcome != "answered" else ""
        follow = after_attempt(outcome, row.attempts, now, self._rules_of(row))
        if settled:
            row.state = "cancelled"
        elif follow.then is Then.WAIT:
            row.state = "answered"
        elif follow.then is Then.RETRY and follow.due_at is not None:
            row.state, row.due_at = "due", follow.due_at
        else:
            row.state = "failed"
            self._give_up(session, row)
        row.claimed_until = None
        log.info("callbacks.settled", cause=row.cause, state=row.state, reason=follow.reason)

    def _rules_of(self, row: Callback) -> CallRules:
        if row.kind in ELDER_KINDS:
            return self._rules
        if row.kind == "overdue":  # The next duty phone is rung instead.
            return replace(self._rules, attempts=1)
        return replace(self._rules, hours=(time.min, time.max), retry=min(OFFER_RETRY, self._rules.retry))

    def _give_up(self, session: Session, row: Callback) -> None:
        """Ask by SMS what nobody could ask by telephone. An offer simply runs out, and goes to the next company."""
        if row.kind != "after_service" or row.order_id is None or row.elder_id is None:
            return
        order, elder = session.get_one(Order, row.order_id), session.get_one(Elder, row.elder_id)
        self._sms.enqueue(
            session, key=f"sms-rate-{order.id}", number=number_for_sms(elder) or row.number, elder_id=elder.id,
            order_id=order.id, question=texts.RATING_QUESTION, text=texts.rate(order.item.name, order.number),
        )  # fmt: skip


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
