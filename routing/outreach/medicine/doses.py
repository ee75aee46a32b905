"""The calls of reminders: begun once for each time, followed whatever became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import String, cast, exists, select
from sqlalchemy.orm import Session, selectinload

from db.models import Callback, Contact, Elder, MedicineDose, MedicineReminder
from db.session import UnitOfWork
from routing.errors import NotFound
from routing.outreach.announcements import Sayings
from routing.outreach.medicine.policy import LATEST, Then, Told, after_call, part_of_day
from routing.outreach.medicine.reminders import clock_of
from routing.outreach.owing import cancel, owe
from routing.outreach.reach import number_for_call
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.texts import of_catalogue
from routing.outreach.wellbeing.enrolments import pauses_of
from routing.outreach.wellbeing.policy import Due, Enrolled, Today, WellBeingRules, due
from routing.writing import insert_once

log = structlog.get_logger(__name__)

KIND = FLOW = "medicine"
A_ROUND = 200
_OVER = ("failed", "done", "cancelled", "listed")
_NOT_WANTED = frozenset({"never_call", "no_consent", "gone", "opted_out", "withdrawn"})


@dataclass(frozen=True)
class Reminding:
    """What the call of a dose says. `text` is empty where there is no sound of it."""

    dose_id: int
    elder_id: int
    cause: str
    over: bool
    part: str
    text: str = field(repr=False)


class Doses:
    """Begins and follows them. Safe to run at any time, by any number of processes: the time's row is the claim."""

    def __init__(
        self, *, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], sms: Sms,
        sayings: Sayings, rules: WellBeingRules,
    ) -> None:  # fmt: skip
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._sms = sms
        self._sayings = sayings
        self._rules = rules

    def sweep(self) -> int:
        """Begin what is due, and follow what is over; give how many."""
        begun = sum(self._begin(each) for each in self._due())
        return begun + sum(self._follow(each) for each in self._over())

    def of_call(self, dose_id: int) -> Reminding:
        """Give what an automatic call is about. Raises NotFound."""
        with self._reading() as session:
            row = _dose(session, dose_id)
            reminder = session.get_one(MedicineReminder, row.reminder_id)
            spoken = reminder.text and self._sayings.sound_of(reminder.text, reminder.language) is not None
            return Reminding(
                row.id, row.elder_id, f"{row.key}-{row.attempts}", row.state != "calling",
                part_of_day(clock_of(reminder)), reminder.text if spoken else "",
            )  # fmt: skip

    def told(self, dose_id: int, told: Told) -> bool:
        """Note what the elder pressed; give whether they are reminded again. Said again it changes nothing. Raises
        NotFound."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = _dose(session, dose_id, lock=True)
            if row.state != "calling":
                return False
            row.taken_at = now if told is Told.TAKEN else row.taken_at
            return self._go_on(session, row, told, now)

    def _go_on(self, session: Session, row: MedicineDose, told: Told, now: datetime) -> bool:
        row.unanswered += told is Told.NO_ANSWER
        row.later += told is Told.LATER
        following = after_call(told, unanswered=row.unanswered, later=row.later, first_at=row.due_at, now=now)
        number = self._number(session, row.elder_id)
        if following.then is Then.AGAIN and following.due_at is not None and number is not None:
            self._call(session, row, number, following.due_at)
            return True
        row.settled_at = now
        if following.then is Then.SETTLED:
            row.state = told.value
        elif following.then is Then.LEAVE:
            row.state = "left"
        else:
            row.state = "not_taken"
            self._tell_contact(session, row)
        return False

    def _begin(self, reminder_id: int) -> bool:
        now = self._clock()
        with self._unit_of_work() as session:
            reminder = session.get(MedicineReminder, reminder_id, with_for_update=True)
            found = self._decide(session, reminder) if reminder is not None else None
            if reminder is None or found is None or found.today not in (Today.CALL, Today.TOO_LATE):
                return False
            key = f"medicine-{reminder.id}-{found.day.isoformat()}"
            row = MedicineDose(
                key=key, reminder_id=reminder.id, elder_id=reminder.elder_id, day=found.day, due_at=found.at,
                state="calling",
            )  # fmt: skip
            row, new = insert_once(session, row, MedicineDose.key == key)
            if not new:
                return False
            number = self._number(session, reminder.elder_id)
            if found.today is Today.TOO_LATE or number is None:
                row.state, row.settled_at = "missed", now
                log.warning("medicine.missed", reminder_id=reminder.id)
                self._tell_contact(session, row)
            else:
                self._call(session, row, number, now)
        return True

    def _follow(self, dose_id: int) -> bool:
        """Do what follows a call that is over without a key."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = _dose(session, dose_id, lock=True)
            call = session.scalar(select(Callback).where(Callback.cause == f"{row.key}-{row.attempts}"))
            waits = call is not None and call.state == "due" and now >= row.due_at + LATEST
            if row.state != "calling" or call is None or not (waits or call.state in _OVER):
                return False
            cancel(session, call.cause, now)
            told = Told.NOT_WANTED if call.last_outcome in _NOT_WANTED else Told.NO_ANSWER
            never_rang = call.attempts == 0 or call.last_outcome == "expired"
            self._go_on(session, row, Told.NEVER_RANG if never_rang and told is Told.NO_ANSWER else told, now)
        return True

    def _call(self, session: Session, row: MedicineDose, number: str, due_at: datetime) -> None:
        row.attempts += 1
        owe(
            session, self._clock(), cause=f"{row.key}-{row.attempts}", kind=KIND, flow=FLOW, reference=str(row.id),
            number=number, due_at=due_at, elder_id=row.elder_id,
        )  # fmt: skip

    def _tell_contact(self, session: Session, row: MedicineDose) -> None:
        """As set: an SMS that names neither the elder nor the medicine, for it may be read by anybody."""
        reminder = session.get_one(MedicineReminder, row.reminder_id)
        contacts = select(Contact).where(Contact.elder_id == row.elder_id).order_by(Contact.priority, Contact.id)
        contact = session.scalar(contacts.limit(1)) if reminder.tell_contact else None
        if contact is None:
            return
        text = of_catalogue("dose_unconfirmed", time=reminder.at)
        self._sms.enqueue(session, key=f"sms-{row.key}", number=contact.number, text=text, elder_id=row.elder_id)
        row.told_contact = True

    def _decide(self, session: Session, row: MedicineReminder) -> Due:
        now = self._clock()
        day = now.astimezone(self._rules.zone).date()
        pauses = [(each.first, each.last) for each in pauses_of(session, row.elder_id, day)]
        if row.ended_at is not None or (row.ends_on is not None and row.ends_on < day):
            return Due(Today.NOT_TODAY, day, now)
        return due(Enrolled(clock_of(row), row.rule, row.starts_on, row.made_at, pauses), now, self._rules)

    def _due(self) -> list[int]:
        """Reminders whose time has come today and that have no row for it; the policy decides in the claim."""
        local = self._clock().astimezone(self._rules.zone)
        known = exists().where(MedicineDose.reminder_id == MedicineReminder.id, MedicineDose.day == local.date())
        query = (
            select(MedicineReminder)
            .join(Elder, Elder.id == MedicineReminder.elder_id)
            .where(MedicineReminder.ended_at.is_(None), Elder.state == "active", ~known)
            .where(MedicineReminder.at <= f"{local:%H:%M}", MedicineReminder.starts_on <= local.date())
            .order_by(MedicineReminder.at, MedicineReminder.id)
        )
        with self._reading() as session:
            rows = session.scalars(query)
            wanted = (Today.CALL, Today.TOO_LATE)
            return [row.id for row in rows if self._decide(session, row).today in wanted][:A_ROUND]

    def _over(self) -> Sequence[int]:
        cause = MedicineDose.key + "-" + cast(MedicineDose.attempts, String)
        late = (Callback.state == "due") & (MedicineDose.due_at <= self._clock() - LATEST)
        query = select(MedicineDose.id).join(Callback, Callback.cause == cause)
        query = query.where(MedicineDose.state == "calling", Callback.state.in_(_OVER) | late)
        with self._reading() as session:
            return session.scalars(query.order_by(MedicineDose.id).limit(A_ROUND)).all()

    def _number(self, session: Session, elder_id: int) -> str | None:
        elder = session.scalar(select(Elder).where(Elder.id == elder_id).options(selectinload(Elder.phones)))
        return number_for_call(elder) if elder is not None else None


def _dose(session: Session, dose_id: int, *, lock: bool = False) -> MedicineDose:
    row = session.get(MedicineDose, dose_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotFound(f"there is no reminder {dose_id}")
    return row
