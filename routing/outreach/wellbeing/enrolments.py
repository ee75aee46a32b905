"""Who is called every day: enrolled with a consent, paused while in hospital or away, and ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Consent, Elder, WellBeingEnrolment, WellBeingPause
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.planning.rules import check_begins, read_rule, read_times, write_times
from routing.outreach.consent import Channel, Purpose
from routing.outreach.policy import CallRules, falls_into_rest, write_rest
from routing.outreach.reach import number_for_call
from routing.outreach.standing import rest_of

CONSENTS = frozenset({"elder", "relative", "paper"})
REASONS = frozenset({"hospital", "away", "other"})
ROOM = timedelta(hours=1)
"""Calls are asked for so long before the end of the hours of automatic calls: three tries and the contacts must fit."""
EVERY_DAY = "FREQ=DAILY"
_LONGEST_NOTE = 500


class OutsideHours(Invalid):
    """A time of day at which automatic calls are not made, or not often enough before the night."""

    code = "outside_call_hours"


class RestsThen(Invalid):
    """The elder rests then: the call would be put off, and taken for one without an answer."""

    code = "rests_then"


def check_rest(at: str, elder: Elder) -> None:
    """Raise RestsThen if a call at this time of day, or its repeats within the hour, would meet the elder's rest."""
    rest = rest_of(elder.rest)
    if falls_into_rest(time.fromisoformat(at), ROOM, rest):
        raise RestsThen(
            f"the elder rests from {write_rest(rest).replace('-', ' to ')}: choose a time whose next hour is free of "
            "it, or change the rest on the record"
        )


@dataclass(frozen=True)
class Pause:
    """Days without a call; no last day: until it is ended."""

    id: int
    first: date
    last: date | None
    reason: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True)
class Enrolment:
    """How an elder is called, or was."""

    id: int
    elder_id: int
    at: str
    rule: str
    starts_on: date
    consent: str
    consent_note: str = field(repr=False)
    enrolled_at: datetime
    enrolled_by: str
    ended_at: datetime | None
    ended_by: str | None
    pauses: tuple[Pause, ...]
    """Those that are not over."""


class Enrolments:
    """Enrols, pauses and ends."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], rules: CallRules
    ) -> None:
        """`rules` give the hours of automatic calls."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._rules = rules

    def enrol(
        self, elder_id: int, at: str, *, consent: str, by: str, rule: str = EVERY_DAY, consent_note: str = "",
        starts_on: date | None = None,
    ) -> Enrolment:  # fmt: skip
        """Have an elder called on the days of a rule; an enrolment that there is ends with it.

        Raises NotFound, and Invalid without a consent, a number, or a time within the hours of automatic calls.
        """
        now = self._clock()
        if consent not in CONSENTS:
            raise Invalid("say who agreed to the daily call: the elder, a relative, or a signed form")
        if len(consent_note) > _LONGEST_NOTE:
            raise Invalid(f"the note about the consent has at most {_LONGEST_NOTE} characters")
        clock, checked = self._time(at), read_rule(rule)
        starts_on = starts_on or now.astimezone(self._rules.zone).date()
        check_begins(checked, starts_on)
        with self._unit_of_work() as session:
            elder = session.get(Elder, elder_id, with_for_update=True)
            if elder is None:
                raise NotFound(f"there is no elder {elder_id}")
            if elder.state != "active":
                raise Invalid("only an elder who is registered and lives here can be called every day")
            if number_for_call(elder) is None:
                raise Invalid("there is no number to call: add a telephone that is no one-key device first")
            check_rest(clock, elder)
            _end(session, elder_id, now, by)
            row = WellBeingEnrolment(
                elder_id=elder_id, active_elder_id=elder_id, at=clock, rule=checked.text, starts_on=starts_on,
                consent=consent, consent_note=consent_note, enrolled_at=now, enrolled_by=by[:60],
            )  # fmt: skip
            session.add_all((row, yes_to(Purpose.WELL_BEING, elder_id, consent, now, by)))
            session.flush()
            return self._shown(session, row)

    def end(self, elder_id: int, by: str) -> None:
        """Call the elder no more, from now on. Raises NotFound if nobody enrolled them."""
        with self._unit_of_work() as session:
            if not _end(session, elder_id, self._clock(), by):
                raise NotFound("this elder is not called every day")

    def pause(self, elder_id: int, first: date, last: date | None, reason: str, by: str) -> Enrolment:
        """Call the elder not from the first to the last of these days; no last day: until the pause is ended.

        Raises NotFound if they are not enrolled, and Invalid for days that are none.
        """
        with self._unit_of_work() as session:
            row = _active(session, elder_id)
            add_pause(session, elder_id, first, last, reason, by=by, now=self._clock())
            return self._shown(session, row)

    def end_pause(self, elder_id: int, pause_id: int) -> Enrolment:
        """Call again from today on. Raises NotFound, and Conflict if the pause is over."""
        with self._unit_of_work() as session:
            row = _active(session, elder_id)
            cut_pause(session, elder_id, pause_id, self._today())
            return self._shown(session, row)

    def of_elder(self, elder_id: int) -> Enrolment | None:
        """Give how an elder is called; None if they are not."""
        with self._reading() as session:
            row = session.scalar(select(WellBeingEnrolment).where(WellBeingEnrolment.active_elder_id == elder_id))
            return self._shown(session, row) if row is not None else None

    def _time(self, at: str) -> str:
        times = read_times(at)
        if len(times) != 1:
            raise Invalid("give one time of day, as 08:30")
        first, last = self._rules.hours
        end = datetime.combine(date.min, last) - ROOM if last > first else datetime.combine(date.min, last)
        if not first <= times[0] <= end.time():
            raise OutsideHours(
                f"choose a time from {first:%H:%M} to {end:%H:%M}: three tries must fit before the night"
            )
        return write_times(times)

    def _today(self) -> date:
        return self._clock().astimezone(self._rules.zone).date()

    def _shown(self, session: Session, row: WellBeingEnrolment) -> Enrolment:
        return Enrolment(
            row.id, row.elder_id, row.at, row.rule, row.starts_on, row.consent, row.consent_note, row.enrolled_at,
            row.enrolled_by, row.ended_at, row.ended_by, tuple(pauses_of(session, row.elder_id, self._today())),
        )  # fmt: skip


def add_pause(
    session: Session, elder_id: int, first: date, last: date | None, reason: str, *, by: str, now: datetime
) -> None:
    """Write that an elder is away or in hospital: no daily call and no reminder reaches them there, so a pause is the
    person's, and holds for both. Raises Invalid."""
    if reason not in REASONS:
        raise Invalid(f"a pause has one of these reasons: {', '.join(sorted(REASONS))}")
    if last is not None and last < first:
        raise Invalid("a pause ends on its first day or after it")
    session.add(WellBeingPause(elder_id=elder_id, first=first, last=last, reason=reason, made_at=now, made_by=by[:60]))
    session.flush()


def cut_pause(session: Session, elder_id: int, pause_id: int, today: date) -> None:
    """End a pause of an elder's with yesterday. Raises NotFound, and Conflict if it is over."""
    pause = session.get(WellBeingPause, pause_id, with_for_update=True)
    if pause is None or pause.elder_id != elder_id:
        raise NotFound(f"there is no pause {pause_id}")
    if pause.last is not None and pause.last < today:
        raise Conflict("this pause is over already")
    pause.last = today - timedelta(days=1)
    session.flush()


def pauses_of(session: Session, elder_id: int, since: date) -> list[Pause]:
    """Give the pauses of an elder that are not over on a day."""
    lasting = WellBeingPause.last.is_(None) | (WellBeingPause.last >= since)
    rows = session.scalars(
        select(WellBeingPause).where(WellBeingPause.elder_id == elder_id, lasting).order_by(WellBeingPause.first)
    )
    return [Pause(row.id, row.first, row.last, row.reason, row.made_at, row.made_by) for row in rows]


def yes_to(purpose: Purpose, elder_id: int, consent: str, now: datetime, by: str) -> Consent:
    """Write the yes that comes with an enrolment as every dialling looks for it; a later no of the elder's wins."""
    return Consent(
        elder_id=elder_id, channel=Channel.CALL.value, purpose=purpose.value, given=True, at=now, by=by[:60],
        how="paper" if consent == "paper" else "desk",
    )  # fmt: skip


def _active(session: Session, elder_id: int) -> WellBeingEnrolment:
    query = select(WellBeingEnrolment).where(WellBeingEnrolment.active_elder_id == elder_id)
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotFound("this elder is not called every day")
    return row


def _end(session: Session, elder_id: int, now: datetime, by: str) -> bool:
    query = select(WellBeingEnrolment).where(WellBeingEnrolment.active_elder_id == elder_id)
    row = session.scalar(query.with_for_update())
    if row is None:
        return False
    row.active_elder_id, row.ended_at, row.ended_by = None, now, by[:60]
    session.flush()
    return True
