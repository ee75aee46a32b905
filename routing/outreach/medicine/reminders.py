"""Reminders of medicine: made, ended, and what came of each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Elder, MedicineDose, MedicineReminder
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.planning.rules import check_begins, read_rule, read_times, write_times
from routing.outreach.announcements import Sayings
from routing.outreach.consent import Purpose
from routing.outreach.medicine.policy import LATEST
from routing.outreach.policy import CallRules
from routing.outreach.reach import number_for_call
from routing.outreach.wellbeing.enrolments import (
    OutsideHours,
    Pause,
    add_pause,
    check_rest,
    cut_pause,
    pauses_of,
    yes_to,
)

log = structlog.get_logger(__name__)

CONSENTS = frozenset({"elder", "relative", "paper"})
MOST = 6
"""Reminders of one elder: more times of day are not kept by telephone."""
LONGEST_TEXT = 40


@dataclass(frozen=True)
class Reminder:
    """How an elder is reminded. `spoken`: there is a sound of the text; else the fixed words are said."""

    id: int
    elder_id: int
    at: str
    rule: str
    starts_on: date
    ends_on: date | None
    text: str = field(repr=False)
    spoken: bool
    tell_contact: bool
    consent: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


@dataclass(frozen=True)
class Dose:
    """One time of one reminder."""

    id: int
    reminder_id: int
    elder_id: int
    day: date
    due_at: datetime
    state: str
    attempts: int
    later: int
    told_contact: bool
    taken_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True)
class Wish:
    """What is asked for."""

    at: str
    consent: str
    text: str = field(default="", repr=False)
    rule: str = "FREQ=DAILY"
    starts_on: date | None = None
    ends_on: date | None = None
    tell_contact: bool = False


class Reminders:
    """Makes and ends them. Threads share one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], *, rules: CallRules,
        sayings: Sayings, language: str = "zh-CN",
    ) -> None:  # fmt: skip
        """`rules` give the hours of automatic calls; texts are in `language`."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._rules = rules
        self._sayings = sayings
        self._language = language

    def make(self, elder_id: int, wish: Wish, *, by: str) -> Reminder:
        """Remind an elder from now on, and have the text spoken. Raises NotFound, Conflict and Invalid."""
        now = self._clock()
        clock, rule, text = self._time(wish.at), read_rule(wish.rule), " ".join(wish.text.split())
        starts_on = wish.starts_on or now.astimezone(self._rules.zone).date()
        if wish.consent not in CONSENTS:
            raise Invalid("say who agreed to the reminder: the elder, a relative, or a signed form")
        if len(text) > LONGEST_TEXT:
            raise Invalid(f"say which medicine in {LONGEST_TEXT} characters at the most, not {len(text)}")
        check_begins(rule, starts_on)
        if wish.ends_on is not None and wish.ends_on < starts_on:
            raise Invalid("a reminder ends on its first day or after it")
        if text:
            self._want(text)
        with self._unit_of_work() as session:
            elder = session.get(Elder, elder_id, with_for_update=True)
            if elder is None:
                raise NotFound(f"there is no elder {elder_id}")
            if elder.state != "active" or number_for_call(elder) is None:
                raise Invalid("only who is registered, lives here and has a telephone can be reminded")
            check_rest(clock, elder)
            before = _active(session, elder_id)
            if any(each.at == clock for each in before):
                raise Conflict(f"there is a reminder at {clock} already: end it first, or name both medicines in one")
            if len(before) >= MOST:
                raise Conflict(f"an elder has {MOST} reminders at the most: end one first")
            row = MedicineReminder(
                elder_id=elder_id, at=clock, rule=rule.text, starts_on=starts_on, ends_on=wish.ends_on, text=text,
                language=self._language, tell_contact=wish.tell_contact, consent=wish.consent, made_at=now,
                made_by=by[:60],
            )  # fmt: skip
            session.add_all((row, yes_to(Purpose.REMINDER, elder_id, wish.consent, now, by)))
            session.flush()
            return self._shown(row)

    def end(self, reminder_id: int, by: str) -> Reminder:
        """Remind no more. Raises NotFound, and Conflict if it was ended."""
        with self._unit_of_work() as session:
            row = session.get(MedicineReminder, reminder_id, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no reminder {reminder_id}")
            if row.ended_at is not None:
                raise Conflict(f"the reminder was ended by {row.ended_by}")
            row.ended_at, row.ended_by = self._clock(), by[:60]
            return self._shown(row)

    def pause(self, elder_id: int, first: date, last: date | None, reason: str, by: str) -> tuple[Pause, ...]:
        """Do not remind from the first to the last of these days (none: until it is ended), and make no daily call:
        the elder is not there. Raises NotFound for who has no reminder, and Invalid."""
        with self._unit_of_work() as session:
            _check_reminded(session, elder_id)
            add_pause(session, elder_id, first, last, reason, by=by, now=self._clock())
            return tuple(pauses_of(session, elder_id, self._today()))

    def end_pause(self, elder_id: int, pause_id: int) -> tuple[Pause, ...]:
        """Remind again from today on. Raises NotFound, and Conflict if the pause is over."""
        with self._unit_of_work() as session:
            _check_reminded(session, elder_id)
            cut_pause(session, elder_id, pause_id, self._today())
            return tuple(pauses_of(session, elder_id, self._today()))

    def pauses(self, elder_id: int) -> tuple[Pause, ...]:
        """Give the pauses that are not over."""
        with self._reading() as session:
            return tuple(pauses_of(session, elder_id, self._today()))

    def of_elder(self, elder_id: int) -> tuple[Reminder, ...]:
        """Give an elder's reminders, by their time of day."""
        with self._reading() as session:
            return tuple(map(self._shown, _active(session, elder_id)))

    def doses(self, elder_id: int, limit: int = 60) -> tuple[Dose, ...]:
        """Give what came of each time, the latest first."""
        with self._reading() as session:
            query = select(MedicineDose).where(MedicineDose.elder_id == elder_id)
            rows = session.scalars(query.order_by(MedicineDose.due_at.desc(), MedicineDose.id.desc()).limit(limit))
            return tuple(map(dose_view, rows))

    def _time(self, at: str) -> str:
        times = read_times(at)
        first, last = self._rules.hours
        end = datetime.combine(date.min, last) - (LATEST if last > first else timedelta())
        if len(times) != 1:
            raise Invalid("give one time of day for each reminder, as 08:30")
        if not first <= times[0] <= end.time():
            raise OutsideHours(f"choose a time from {first:%H:%M} to {end:%H:%M}: automatic calls are made by day")
        return write_times(times)

    def _today(self) -> date:
        return self._clock().astimezone(self._rules.zone).date()

    def _want(self, text: str) -> None:
        try:
            self._sayings.want(text, self._language)
        except RedisError as error:  # It is made all the same; until somebody speaks it the fixed words are said.
            log.warning("medicine.not_asked_for", error=type(error).__name__)

    def _shown(self, row: MedicineReminder) -> Reminder:
        spoken = bool(row.text) and self._sayings.sound_of(row.text, row.language) is not None
        return Reminder(
            row.id, row.elder_id, row.at, row.rule, row.starts_on, row.ends_on, row.text, spoken, row.tell_contact,
            row.consent, row.made_at, row.made_by, row.ended_at,
        )  # fmt: skip


def dose_view(row: MedicineDose) -> Dose:
    return Dose(
        row.id, row.reminder_id, row.elder_id, row.day, row.due_at, row.state, row.attempts, row.later,
        row.told_contact, row.taken_at, row.settled_at,
    )  # fmt: skip


def clock_of(row: MedicineReminder) -> time:
    """Give the time of day of a reminder."""
    return time.fromisoformat(row.at)


def _check_reminded(session: Session, elder_id: int) -> None:
    if not _active(session, elder_id):
        raise NotFound("this elder is not reminded of any medicine")


def _active(session: Session, elder_id: int) -> list[MedicineReminder]:
    query = select(MedicineReminder).where(MedicineReminder.elder_id == elder_id, MedicineReminder.ended_at.is_(None))
    return list(session.scalars(query.order_by(MedicineReminder.at, MedicineReminder.id)))
