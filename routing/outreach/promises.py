"""Promised call-backs in the database: one open promise for each person, which outlives every process and Redis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog
from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import Callback, Elder
from db.session import UnitOfWork
from routing.calls.messages import CaseOpened, Message
from routing.calls.promise_book import PromiseState
from routing.calls.records import RecordError, Ticket, TicketStage, from_json, to_json
from routing.errors import Conflict
from routing.orders.cases import open_case
from routing.outreach.consent import Purpose, Why
from routing.outreach.reach import NumberIndex, number_for_sms
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms
from routing.outreach.standing import barred
from routing.writing import insert_once

log = structlog.get_logger(__name__)

KIND = "promise"
_MOST = 10_000
"""Open promises that the router takes up at once; more than any queue has ever held."""


class PromisedAlready(Conflict):
    """This person has been promised a call that was not made yet."""

    code = "promised_already"


class NotCalledBack(Conflict):
    """No call may be promised to this person: they, or the number, are on the list of whom never to call."""

    code = "never_call"


class PromiseRegister:
    """Writes and reads promises. The router is the one who decides what becomes of them."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        sms: Sms,
        number_index: NumberIndex,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._sms = sms
        self._number_index = number_index

    def make(self, promise: Ticket) -> None:
        """Write a promise down, once. Raises PromisedAlready when its person waits for another call of ours, and
        NotCalledBack when nobody may call them: nothing is promised that will not be kept."""
        with self._unit_of_work() as session:
            if self._barred(session, promise) is not Why.ALLOWED:
                raise NotCalledBack("this number, or its elder, is not to be called")
            self._row(session, promise)

    def open_for(self, number: str | None, elder_id: int | None) -> Ticket | None:
        """Give the open promise of a person, found by telephone (E.164) or by who they are."""
        with self._reading() as session:
            row = session.scalar(_open(self._number_index(number) if number else None, elder_id))
            return None if row is None else _ticket(row)

    def kept(self) -> tuple[Ticket, ...]:
        """Give the promises that are open, the oldest first."""
        with self._reading() as session:
            query = select(Callback).where(Callback.kind == KIND, Callback.state == PromiseState.DUE.value)
            rows = session.scalars(query.order_by(Callback.id).limit(_MOST))
            return tuple(ticket for row in rows if (ticket := _ticket(row)) is not None)

    def write(self, promise: Ticket, state: PromiseState, outcome: str) -> None:
        """Note how a promise stands. A closed one stays as it is, and so does one whose person has another."""
        opened: CaseOpened | None = None
        now = self._clock()
        with self._unit_of_work() as session:
            try:
                row = self._row(session, promise)
            except PromisedAlready:
                log.warning("promises.second_one_dropped", promise=promise.ticket_id)
                return
            if row.state != PromiseState.DUE.value:
                return
            row.attempts, row.last_outcome, row.updated_at = promise.dials, outcome[:20], now
            row.due_at = datetime.fromtimestamp(max(promise.not_before, promise.joined_at), UTC)
            row.place = _place(promise)
            row.state = state.value
            if state is PromiseState.FAILED:
                opened = self._give_up(session, row, promise, now, outcome)
        if opened:
            self._publish(opened)

    def barred(self, promise: Ticket) -> str:
        """Say why this person must not be called now, whatever the hour; empty: they may be. Their word that they want
        no such calls does not count, for they asked for this one themselves."""
        with self._reading() as session:
            why = self._barred(session, promise)
        return "" if why is Why.ALLOWED else why.value

    def cancel(self, promise_id: str, outcome: str) -> None:
        """The person does not want the call any more."""
        with self._unit_of_work() as session:
            row = session.scalar(select(Callback).where(Callback.cause == promise_id).with_for_update())
            if row is not None and row.kind == KIND and row.state == PromiseState.DUE.value:
                row.state, row.last_outcome, row.updated_at = PromiseState.CANCELLED.value, outcome, self._clock()

    def _barred(self, session: Session, promise: Ticket) -> Why:
        return barred(
            session, Purpose.SERVICE, number_index=self._number_index(promise.number), elder_id=promise.elder_id,
            now=self._clock(),
        )  # fmt: skip

    def _row(self, session: Session, promise: Ticket) -> Callback:
        now, due_at = self._clock(), datetime.fromtimestamp(max(promise.not_before, promise.joined_at), UTC)
        row = Callback(
            cause=promise.ticket_id, kind=KIND, flow="", reference=promise.instead_of, number=promise.number,
            number_index=self._number_index(promise.number), place=_place(promise), elder_id=promise.elder_id,
            order_id=promise.order_id, state=PromiseState.DUE.value, due_at=due_at, attempts=promise.dials,
            created_at=now, updated_at=now, last_outcome="",
        )  # fmt: skip
        try:
            kept, _new = insert_once(session, row, Callback.cause == promise.ticket_id)
        except IntegrityError as error:
            if session.scalar(_open(row.number_index, promise.elder_id)) is None:
                raise  # It is something else that the row breaks.
            raise PromisedAlready("this person has been promised a call already") from error
        return kept

    def _give_up(
        self, session: Session, row: Callback, promise: Ticket, now: datetime, outcome: str
    ) -> CaseOpened | None:
        """Nobody answered, or nobody may be called: leave it to a person, who must close the case. Who was called hears
        of it by SMS."""
        is_barred = outcome in list(Why)
        if not is_barred:
            elder = session.get(Elder, row.elder_id) if row.elder_id is not None else None
            self._sms.enqueue(
                session, key=f"sms-{row.cause}", number=(number_for_sms(elder) if elder else None) or row.number,
                elder_id=row.elder_id, order_id=row.order_id, text=texts.tried_to_call(),
            )  # fmt: skip
        note = f"not called: {outcome}" if is_barred else f"{promise.dials} calls were not answered"
        _case, opened = open_case(
            session, now, key=row.cause, kind="callback", elder_id=row.elder_id, order_id=row.order_id,
            call_id=promise.promised_in or None, note=note,
        )  # fmt: skip
        return opened


def _open(number_index: bytes | None, elder_id: int | None) -> Select[Callback]:
    """Ask for the open promise of a person, by what is known of them; of nobody, there is none."""
    ways: list[ColumnElement[bool]] = [false()]
    if number_index is not None:
        ways.append(Callback.number_index == number_index)
    if elder_id is not None:
        ways.append(Callback.elder_id == elder_id)
    query = select(Callback).where(Callback.kind == KIND, Callback.state == PromiseState.DUE.value, or_(*ways))
    return query.order_by(Callback.id).limit(1)


def _place(promise: Ticket) -> str:
    return to_json(replace(promise, number=""))


def _ticket(row: Callback) -> Ticket | None:
    """Give the promise as it waits: with nobody on the line and no agent."""
    try:
        stored = from_json(Ticket, row.place or "")
    except RecordError as error:
        log.error("promises.unreadable", promise=row.cause, error=str(error))  # noqa: TRY400  # It says it all.
        return None
    return replace(
        stored, number=row.number, stage=TicketStage.HELD, node="", channel="", offered_to=None, promised=True,
        call_id=stored.promised_in, not_before=row.due_at.timestamp(), dials=row.attempts, answer_by=0.0,
    )  # fmt: skip
