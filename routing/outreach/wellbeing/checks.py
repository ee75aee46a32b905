"""The daily calls: begun once a day, followed whatever became of them, and told to people who must know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import structlog
from sqlalchemy import ColumnElement, String, cast, exists, select
from sqlalchemy.orm import Session, selectinload

from db.models import Callback, Elder, LookIn, WellBeingCheck, WellBeingEnrolment
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.cases import open_case
from routing.outreach.owing import cancel, owe
from routing.outreach.reach import number_for_call
from routing.outreach.wellbeing.enrolments import pauses_of
from routing.outreach.wellbeing.looking_in import ask_next, note
from routing.outreach.wellbeing.policy import (
    Due,
    Enrolled,
    Heard,
    Looked,
    Then,
    Today,
    WellBeingRules,
    after_call,
    due,
    stuck,
)
from routing.outreach.wellbeing.views import Asked, Check, asked_view, cause_of, check_view
from routing.writing import insert_once

log = structlog.get_logger(__name__)

KIND = "wellbeing"
FLOW = "well_being"
A_ROUND = 200
"""Elders that one sweep takes on; the next comes within seconds."""
URGENT = timedelta(minutes=15)
"""By when a person has seen to whoever did not answer, or asked to be called."""
_OVER = ("failed", "done", "cancelled", "listed")
_NOT_WANTED = frozenset({"never_call", "no_consent", "gone", "opted_out", "withdrawn"})
"""Words of the claim for whoever may not be called."""


class WellBeing:
    """Begins and follows them. Safe to run at any time, by any number of processes: the day's row is the claim."""

    def __init__(
        self, *, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime],
        publish: Callable[[Message], None], rules: WellBeingRules,
    ) -> None:  # fmt: skip
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._rules = rules

    def sweep(self) -> int:
        """Begin what is due, and follow what is over; give how many."""
        begun = sum(self._begin(each) for each in self._due(A_ROUND))
        followed = sum(self._follow(each) for each in self._over(A_ROUND))
        return begun + followed + sum(self._followed_up(each) for each in self._asked_and_over(A_ROUND))

    def of_call(self, check_id: int) -> Check:
        """Give the check that an automatic call is about. Raises NotFound."""
        with self._reading() as session:
            return check_view(_check(session, check_id))

    def answered(self, check_id: int, heard: Heard, call_id: str) -> bool:
        """Settle a check by what the elder pressed: well, call me, person or SOS; give whether that was news.

        Raises NotFound. Who answers after it became an alarm is written into the case.
        """
        now = self._clock()
        opened: list[Message] = []
        with self._unit_of_work() as session:
            row = _locked(session, check_id)
            if row.state == "alarm":
                note(session, row, now, "wellbeing.late_answer", heard.value)
                return False
            if row.state != "calling":
                return False
            row.state, row.settled_at, row.reason = heard.value, now, heard.value
            if heard is Heard.CALL_ME:
                self._open_case(session, row, "asks to be called", opened, call_id=call_id)
        self._tell(opened)
        return True

    def asked(self, look_in_id: int) -> Asked:
        """Give the call to a contact. Raises NotFound."""
        with self._reading() as session:
            row = _look_in(session, look_in_id)
            return asked_view(row, _check(session, row.check_id))

    def looked(self, look_in_id: int, answer: Looked) -> None:
        """Note what a relative or neighbour said, and go on from there. Said again it changes nothing. Raises
        NotFound."""
        now = self._clock()
        with self._unit_of_work() as session:
            check_id = _look_in(session, look_in_id).check_id
            check = _locked(session, check_id)
            row = _look_in(session, look_in_id, lock=True)
            if row.answer:
                return
            row.answer, row.answered_at = answer.value, now
            note(session, check, now, "look_in.said", f"contact:{row.contact_id} {answer.value}")
            if check.looking_in == "asking":
                ask_next(session, check, now, self._rules)

    def of_day(self, day: date, limit: int = 500) -> tuple[Check, ...]:
        """Give the checks of a day: alarms first, then who asks for us, then what goes on."""
        with self._reading() as session:
            query = select(WellBeingCheck).where(WellBeingCheck.day == day)
            loud = (WellBeingCheck.state.not_in(("alarm", "missed")), WellBeingCheck.state != "call_me")
            rows = session.scalars(query.order_by(*loud, WellBeingCheck.state, WellBeingCheck.id).limit(limit))
            return tuple(map(check_view, rows))

    def of_elder(self, elder_id: int, limit: int = 14) -> tuple[Check, ...]:
        """Give an elder's checks, the latest first."""
        with self._reading() as session:
            query = select(WellBeingCheck).where(WellBeingCheck.elder_id == elder_id)
            return tuple(map(check_view, session.scalars(query.order_by(WellBeingCheck.day.desc()).limit(limit))))

    def _due(self, limit: int) -> Sequence[int]:
        """Elders whose time has come today and who have no row for it; the policy decides in the claim."""
        local = self._clock().astimezone(self._rules.zone)
        same = WellBeingCheck.elder_id == WellBeingEnrolment.elder_id
        known = exists().where(same, WellBeingCheck.day == local.date())
        with self._reading() as session:
            query = (
                select(WellBeingEnrolment)
                .join(Elder, Elder.id == WellBeingEnrolment.elder_id)
                .where(WellBeingEnrolment.active_elder_id.is_not(None), Elder.state == "active", ~known)
                .where(WellBeingEnrolment.at <= f"{local:%H:%M}", WellBeingEnrolment.starts_on <= local.date())
                .order_by(WellBeingEnrolment.at, WellBeingEnrolment.id)
            )
            found = []
            for row in session.scalars(query):
                if self._decide(session, row).today in (Today.CALL, Today.TOO_LATE):
                    found.append(row.elder_id)
                if len(found) == limit:
                    break
            return found

    def _decide(self, session: Session, row: WellBeingEnrolment) -> Due:
        now = self._clock()
        pauses = pauses_of(session, row.elder_id, now.astimezone(self._rules.zone).date())
        enrolled = Enrolled(
            time.fromisoformat(row.at), row.rule, row.starts_on, row.enrolled_at,
            [(pause.first, pause.last) for pause in pauses],
        )  # fmt: skip
        return due(enrolled, now, self._rules)

    def _begin(self, elder_id: int) -> bool:
        """Claim an elder's day and owe the first call, in one unit of work; give whether this was the first to."""
        now, opened = self._clock(), list[Message]()
        with self._unit_of_work() as session:
            active = select(WellBeingEnrolment).where(WellBeingEnrolment.active_elder_id == elder_id)
            enrolment = session.scalar(active.with_for_update())
            found = self._decide(session, enrolment) if enrolment is not None else None
            if found is None or found.today not in (Today.CALL, Today.TOO_LATE):
                return False  # Ended or paused a moment ago.
            key = f"wellbeing-{elder_id}-{found.day.isoformat()}"
            row = WellBeingCheck(key=key, elder_id=elder_id, day=found.day, state="calling", first_at=now)
            row, new = insert_once(session, row, WellBeingCheck.key == key)
            if not new:
                return False
            number = self._number(session, elder_id)
            if found.today is Today.TOO_LATE or number is None:
                why = "no number to call" if number is None else f"not called since {found.at:%H:%M}: we stood still"
                row.state, row.settled_at, row.reason = "missed", now, why
                self._open_case(session, row, why, opened)
            else:
                self._call(session, row, number, now)
        self._tell(opened)
        return True

    def _call(self, session: Session, row: WellBeingCheck, number: str, due_at: datetime) -> None:
        row.attempts += 1
        owe(
            session, self._clock(), cause=cause_of(row.key, row.attempts), kind=KIND, flow=FLOW, reference=str(row.id),
            number=number, due_at=due_at, elder_id=row.elder_id,
        )  # fmt: skip

    def _follow(self, check_id: int) -> bool:
        """Do what follows a call that is over without an answer."""
        now, opened = self._clock(), list[Message]()
        with self._unit_of_work() as session:
            row = _locked(session, check_id)
            call = session.scalar(select(Callback).where(Callback.cause == cause_of(row.key, row.attempts)))
            if row.state != "calling" or call is None or not self._is_over(call, now):
                return False
            heard = _heard(call)
            row.rang += heard in (Heard.NO_ANSWER, Heard.NO_KEY)
            row.no_key += heard is Heard.NO_KEY
            following = after_call(heard, row.rang, row.first_at, now, self._rules)
            if call.state == "due":
                cancel(session, call.cause, now)
                following = after_call(heard, row.rang, row.first_at, row.first_at + self._rules.within, self._rules)
            number = self._number(session, row.elder_id)
            row.reason = following.reason
            if following.then is Then.AGAIN and number is not None and following.due_at is not None:
                self._call(session, row, number, following.due_at)
            elif following.then is Then.LEAVE:
                row.state, row.settled_at, row.reason = "left", now, call.last_outcome
            else:
                self._alarm(session, row, now, opened)
        self._tell(opened)
        return True

    def _alarm(self, session: Session, row: WellBeingCheck, now: datetime, opened: list[Message]) -> None:
        row.state, row.settled_at = "alarm", now
        picked_up = f"; picked up without a key {row.no_key} times" if row.no_key else ""
        self._open_case(session, row, f"{row.reason}{picked_up}", opened)
        ask_next(session, row, now, self._rules)

    def _open_case(
        self, session: Session, row: WellBeingCheck, why: str, opened: list[Message], *, call_id: str = ""
    ) -> None:
        now = self._clock()
        case, told = open_case(
            session, now, key=row.key, kind=KIND, elder_id=row.elder_id, call_id=call_id or None, due_at=now + URGENT,
            note=why,
        )  # fmt: skip
        row.case_id = case.id
        session.flush()
        if told:
            opened.append(told)

    def _over(self, limit: int) -> Sequence[int]:
        cause = WellBeingCheck.key + "-" + cast(WellBeingCheck.attempts, String)
        query = select(WellBeingCheck.id).join(Callback, Callback.cause == cause)
        query = query.where(WellBeingCheck.state == "calling", self._may_be_over())
        with self._reading() as session:
            return session.scalars(query.order_by(WellBeingCheck.id).limit(limit)).all()

    def _asked_and_over(self, limit: int) -> Sequence[int]:
        query = select(LookIn.id).join(Callback, Callback.cause == LookIn.cause)
        with self._reading() as session:
            query = query.where(LookIn.answer == "", self._may_be_over())
            return session.scalars(query.order_by(LookIn.id).limit(limit)).all()

    def _followed_up(self, look_in_id: int) -> bool:
        """A contact did not answer, or pressed no key: the next one."""
        with self._unit_of_work() as session:
            cancel(session, _look_in(session, look_in_id).cause, self._clock())
        self.looked(look_in_id, Looked.NO_ANSWER)
        return True

    def _may_be_over(self) -> ColumnElement[bool]:
        waiting_long = (Callback.state == "due") & (Callback.due_at <= self._clock() - self._rules.within)
        return Callback.state.in_(_OVER) | waiting_long

    def _is_over(self, call: Callback, now: datetime) -> bool:
        return call.state in _OVER or (call.state == "due" and stuck(call.due_at, now, self._rules))

    def _number(self, session: Session, elder_id: int) -> str | None:
        elder = session.scalar(select(Elder).where(Elder.id == elder_id).options(selectinload(Elder.phones)))
        return number_for_call(elder) if elder is not None else None

    def _tell(self, opened: Sequence[Message]) -> None:
        for message in opened:
            try:
                self._publish(message)
            except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
                log.warning("wellbeing.not_published", exc_info=True)


def _heard(call: Callback) -> Heard:
    """Read what became of a call that is owed."""
    if call.last_outcome in _NOT_WANTED:
        return Heard.NOT_WANTED
    if call.state == "due" or call.last_outcome == "expired":
        return Heard.NEVER_RANG
    return Heard.NO_KEY if call.last_outcome in ("not_reached", "answered") else Heard.NO_ANSWER


def _check(session: Session, check_id: int) -> WellBeingCheck:
    row = session.get(WellBeingCheck, check_id)
    if row is None:
        raise NotFound(f"there is no daily call {check_id}")
    return row


def _locked(session: Session, check_id: int) -> WellBeingCheck:
    row = session.get(WellBeingCheck, check_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"there is no daily call {check_id}")
    return row


def _look_in(session: Session, look_in_id: int, *, lock: bool = False) -> LookIn:
    row = session.get(LookIn, look_in_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(f"nobody was asked to look in as {look_in_id}")
    return row
