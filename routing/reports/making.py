"""Makes and sends the reports that schedules owe: each period once, whatever dies in between.

The database is the truth. A row for each schedule and period is written first (unique), then claimed before anything is
done, with the time by which whoever claimed it must have died. Making twice would change nothing, for what it leaves is
one row; a mail that was handed over in the very moment of a crash goes out again with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import SQLAlchemyError

from db.models import ReportRun, ReportSchedule
from db.session import UnitOfWork
from routing.errors import DomainError
from routing.reports.book import Reports
from routing.reports.due import Every, owed
from routing.reports.mailing import Mailer, NotMailed, letter
from routing.reports.sheets import Say, file_of, name_of
from routing.writing import insert_once

log = structlog.get_logger(__name__)

CLAIM = timedelta(minutes=5)
"""Longer than a job may take (JOB_SECONDS): who has not finished by then is dead."""
TRIES, RETRIES_AFTER = 5, timedelta(minutes=5)
"""Of making, and again of sending: after 5, 10, 20 and 40 minutes. Then a person is shown it."""
A_ROUND = 4
"""Reports that one job makes or sends: the mail server may take its time."""
_BEGINS = {"due": "making", "made": "sending"}
"""What is claimed, and as what."""
_ENDS = {"making": "failed", "sending": "unsent"}
_AGAIN = {"making": "due", "sending": "made"}


@dataclass(frozen=True)
class _Taken:
    """A claimed run with its schedule."""

    id: int
    state: str
    tries: int
    report: str
    first: date
    last: date
    language: str
    form: str
    recipients: tuple[str, ...] = field(repr=False)
    content: bytes | None = field(repr=False)


class ReportRunner:
    """One of any number."""

    def __init__(
        self, *, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo,
        reports: Reports, mailer: Mailer, say_in: Callable[[str], Say], console_url: str, keep: timedelta,
    ) -> None:  # fmt: skip
        """`say_in` gives the words of a language; files are kept for `keep`."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._zone = zone
        self._reports = reports
        self._mailer = mailer
        self._say_in = say_in
        self._console_url = console_url.rstrip("/")
        self._keep = keep

    def sweep(self) -> int:
        """Make and send what is due; give how many there were."""
        self._owe()
        self._recover()
        done = 0
        while done < A_ROUND and (taken := self._take()):
            done += 1
            try:
                self._make(taken) if taken.state == "making" else self._send(taken)
            except (NotMailed, DomainError) as error:
                self._failed(taken, str(error))
            except SQLAlchemyError as error:
                log.warning("reports.database_away", error=type(error).__name__)
                return done
            except Exception as error:
                log.exception("reports.failed", run=taken.id)
                self._failed(taken, type(error).__name__)
        self._forget()
        return done

    def _owe(self) -> None:
        now = self._clock()
        with self._reading() as session:
            schedules = list(session.scalars(select(ReportSchedule).where(ReportSchedule.active)))
            there = {(row[0], row[1]) for row in session.execute(select(ReportRun.schedule_id, ReportRun.first))}
        for schedule in schedules:
            missing = owed(Every(schedule.every), schedule.starts_on, now, self._zone)
            for first, last in reversed([each for each in missing if (schedule.id, each[0]) not in there]):
                with self._unit_of_work() as session:
                    row = ReportRun(
                        schedule_id=schedule.id, first=first, last=last, state="due", due_at=now, created_at=now
                    )
                    insert_once(session, row, (ReportRun.schedule_id == schedule.id) & (ReportRun.first == first))

    def _recover(self) -> None:
        """Take up what was claimed by somebody who died."""
        now = self._clock()
        with self._reading() as session:
            query = select(ReportRun.id, ReportRun.state, ReportRun.tries)
            dead = session.execute(query.where(ReportRun.state.in_(_AGAIN), ReportRun.due_at <= now)).all()
        for run_id, state, tries in dead:
            to = _AGAIN[state] if tries < TRIES else _ENDS[state]
            self._move(run_id, (state, tries), state=to, due_at=now, trouble="whoever did it died")

    def _take(self) -> _Taken | None:
        now = self._clock()
        with self._unit_of_work() as session:
            query = (
                select(ReportRun, ReportSchedule)
                .join(ReportSchedule, ReportSchedule.id == ReportRun.schedule_id)
                .where(ReportRun.state.in_(_BEGINS), ReportRun.due_at <= now)
                .order_by(ReportRun.due_at, ReportRun.id)
                .limit(1)
                .with_for_update(of=ReportRun, skip_locked=True)
            )
            found = session.execute(query).first()
            if found is None:
                return None
            run, schedule = found
            run.state, run.tries, run.due_at = _BEGINS[run.state], run.tries + 1, now + CLAIM
            to = tuple(each for each in schedule.recipients.split(",") if each)
            return _Taken(
                run.id, run.state, run.tries, schedule.report, run.first, run.last, schedule.language, schedule.form,
                to, run.content,
            )  # fmt: skip

    def _make(self, taken: _Taken) -> None:
        made = self._reports.make(taken.report, taken.first, taken.last)
        content = file_of(made, taken.form, self._say_in(taken.language))
        state = "made" if taken.recipients and self._mailer.ready else "done"
        trouble = "there is no mail server (ELDERLINE_SMTP_HOST)" if taken.recipients and state == "done" else ""
        now = self._clock()
        self._move(
            taken.id, (taken.state, taken.tries), state=state, tries=0, due_at=now, content=content, made_at=now,
            file=name_of(made, taken.form), trouble=trouble,
        )  # fmt: skip
        log.info("reports.made", run=taken.id, report=taken.report)

    def _send(self, taken: _Taken) -> None:
        trouble = ""
        if taken.recipients:
            made = self._reports.make(taken.report, taken.first, taken.last)
            link = f"{self._console_url}/supervisor/reports/kept/{taken.id}" if self._console_url else ""
            mail = letter(
                made, taken.form, taken.content or b"", to=taken.recipients, key=f"report-{taken.id}", link=link,
                say=self._say_in(taken.language),
            )  # fmt: skip
            trouble = self._mailer.send(mail)
        self._move(taken.id, (taken.state, taken.tries), state="done", sent_at=self._clock(), trouble=trouble)
        log.info("reports.sent", run=taken.id, report=taken.report)

    def _failed(self, taken: _Taken, why: str) -> None:
        last = taken.tries >= TRIES
        state = (_ENDS if last else _AGAIN)[taken.state]
        later = self._clock() + RETRIES_AFTER * 2 ** (taken.tries - 1)
        self._move(taken.id, (taken.state, taken.tries), state=state, due_at=later, trouble=why[:200])
        log.warning("reports.not_done", run=taken.id, state=state, tries=taken.tries)

    def _move(self, run_id: int, claimed: tuple[str, int], **values: object) -> bool:
        """Change a run if it is still as this one claimed it."""
        with self._unit_of_work() as session:
            moved = session.execute(
                update(ReportRun)
                .where(ReportRun.id == run_id, ReportRun.state == claimed[0], ReportRun.tries == claimed[1])
                .values(values)
            )
            return isinstance(moved, CursorResult) and moved.rowcount == 1

    def _forget(self) -> None:
        """Let go of files that are too old; that there was a report stays."""
        before = self._clock() - self._keep
        with self._reading() as session:
            query = select(ReportRun.id).where(ReportRun.made_at < before, ReportRun.content.is_not(None)).limit(100)
            old = list(session.scalars(query))
        if old:
            with self._unit_of_work() as session:
                session.execute(update(ReportRun).where(ReportRun.id.in_(old)).values(content=None, file=""))
