"""Schedules of reports, and the reports that were made by them, as people see and change them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.models import ReportRun, ReportSchedule
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.reports.book import NAMES
from routing.reports.due import Every
from routing.reports.sheets import FORMS
from routing.writing import one_at_a_time

MOST_SCHEDULES, MOST_RECIPIENTS, RUNS_SHOWN = 50, 10, 60
LANGUAGES = ("zh_Hans_CN", "en")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", re.ASCII)
_COUNTING = 0x7265706F7274
"""Two who add a schedule go one by one: "report" in ASCII."""


@dataclass(frozen=True)
class Wish:
    """What is to be made: which report, how often, to whom (addresses, split by commas or blanks), in what form."""

    report: str
    every: str
    recipients: str = field(repr=False)
    language: str
    form: str


@dataclass(frozen=True)
class Scheduled:
    """A schedule."""

    id: int
    report: str
    every: str
    recipients: tuple[str, ...] = field(repr=False)
    language: str
    form: str
    active: bool


@dataclass(frozen=True)
class Run:
    """A report of a schedule."""

    id: int
    report: str
    every: str
    first: date
    last: date
    state: str
    tries: int
    trouble: str
    file: str
    made_at: datetime | None
    sent_at: datetime | None


class Schedules:
    """Keeps schedules. What they owe is made by routing.reports.making."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._zone = zone

    def all(self) -> tuple[Scheduled, ...]:
        """Give all schedules, the oldest first."""
        with self._reading() as session:
            return tuple(_scheduled(row) for row in session.scalars(select(ReportSchedule).order_by(ReportSchedule.id)))

    def runs(self) -> tuple[Run, ...]:
        """Give the latest reports that were made, or are owed."""
        query = (
            select(ReportRun, ReportSchedule.report, ReportSchedule.every)
            .join(ReportSchedule, ReportSchedule.id == ReportRun.schedule_id)
            .order_by(ReportRun.id.desc())
            .limit(RUNS_SHOWN)
        )
        with self._reading() as session:
            return tuple(
                Run(row.id, report, every, row.first, row.last, row.state, row.tries, row.trouble, row.file,
                    row.made_at, row.sent_at)
                for row, report, every in session.execute(query)
            )  # fmt: skip

    def add(self, wish: Wish, *, by: str) -> int:
        """Add a schedule, which begins with the period of today; give its id. Raises Invalid and Conflict."""
        recipients = _checked(wish)
        now = self._clock()
        today = now.astimezone(self._zone).date()
        every = Every(wish.every)
        begins = today.replace(day=1) if every is Every.MONTH else today
        begins = today - timedelta(days=today.weekday()) if every is Every.WEEK else begins
        with self._unit_of_work() as session:
            one_at_a_time(session, _COUNTING)
            if (session.scalar(select(func.count()).select_from(ReportSchedule)) or 0) >= MOST_SCHEDULES:
                raise Conflict(f"there are {MOST_SCHEDULES} schedules, which is the most; stop one and use it again")
            row = ReportSchedule(
                report=wish.report, every=every.value, recipients=",".join(recipients), language=wish.language,
                form=wish.form, active=True, starts_on=begins, created_at=now, created_by=by, changed_at=now,
                changed_by=by,
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def change(self, schedule_id: int, wish: Wish, *, by: str) -> None:
        """Change to whom a schedule goes, and in what language and form; report and rhythm stay. Raises NotFound and
        Invalid."""
        with self._unit_of_work() as session:
            row = self._row(session, schedule_id)
            recipients = _checked(Wish(row.report, row.every, wish.recipients, wish.language, wish.form))
            row.recipients, row.language, row.form = ",".join(recipients), wish.language, wish.form
            row.changed_at, row.changed_by = self._clock(), by

    def switch(self, schedule_id: int, *, on: bool, by: str) -> None:
        """Stop a schedule, or take it up again: what was not made meanwhile is not made up for. Raises NotFound."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = self._row(session, schedule_id)
            if on and not row.active:
                row.starts_on = max(row.starts_on, now.astimezone(self._zone).date())
            row.active, row.changed_at, row.changed_by = on, now, by

    def again(self, run_id: int) -> None:
        """Have a report that failed, or was not sent, tried again. Raises NotFound and Conflict."""
        with self._unit_of_work() as session:
            row = session.get(ReportRun, run_id, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no report {run_id}")
            if row.state not in ("failed", "unsent"):
                raise Conflict("only a report that failed or was not sent is tried again")
            state = "made" if row.state == "unsent" and row.content is not None else "due"
            session.execute(
                update(ReportRun).where(ReportRun.id == run_id).values(state=state, tries=0, due_at=self._clock())
            )

    def file(self, run_id: int) -> tuple[str, bytes]:
        """Give the name and content of a report that was made. Raises NotFound."""
        with self._reading() as session:
            row = session.get(ReportRun, run_id)
            if row is None or row.content is None:
                raise NotFound("there is no such file, or it is not kept any more")
            return row.file, row.content

    @staticmethod
    def _row(session: Session, schedule_id: int) -> ReportSchedule:
        row = session.get(ReportSchedule, schedule_id, with_for_update=True)
        if row is None:
            raise NotFound(f"there is no schedule {schedule_id}")
        return row


def _checked(wish: Wish) -> tuple[str, ...]:
    for given, known, what in (
        (wish.report, NAMES, "a report"), (wish.every, tuple(Every), "how often"),
        (wish.language, LANGUAGES, "a language"), (wish.form, tuple(FORMS), "a form"),
    ):  # fmt: skip
        if given not in known:
            raise Invalid(f"choose {what}: {', '.join(known)}")
    addresses = tuple(dict.fromkeys(each for each in re.split(r"[\s,;，；]+", wish.recipients) if each))
    if len(addresses) > MOST_RECIPIENTS:
        raise Invalid(f"a schedule has {MOST_RECIPIENTS} addresses at most")
    if not all(_ADDRESS.fullmatch(each) for each in addresses):
        raise Invalid("write e-mail addresses as name@example.org, with commas between")
    return addresses


def _scheduled(row: ReportSchedule) -> Scheduled:
    to = tuple(each for each in row.recipients.split(",") if each)
    return Scheduled(row.id, row.report, row.every, to, row.language, row.form, row.active)
