"""Files of elders that a page takes: checked in the background, looked at, and taken when a person says so.

The database is the truth: the file lies in it, sealed, until it was taken. Whoever dies at it leaves a claim that ends,
and another begins anew; importing a file twice changes nothing twice (docs/elders-file.md).
"""

from __future__ import annotations

import base64
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session, undefer

from db.elders_import import ImportReport, MissingColumns, UnreadableFile, import_elders
from db.elders_import.run import Progress
from db.encryption import FieldCipher
from db.models import AuditEntry, ElderImport
from db.session import UnitOfWork
from routing.elders.entry import Normalise
from routing.elders.import_checks import undone, unpacked
from routing.errors import Conflict, Invalid, NotFound

log = structlog.get_logger(__name__)

MOST_BYTES: Final = 8_000_000
MOST_ROWS: Final = 50_000
MOST_UNPACKED: Final = 200_000_000
"""Bytes of a workbook when unpacked: a file that swells to more is no list of elders."""
MOST_WAITING: Final = 5
"""Files in hand at once; whoever comes with more discards one first."""
MOST_SHEET: Final = 5_000_000
"""Characters of the list of what is wrong."""
KEPT: Final = timedelta(days=7)
"""A file that was checked and not taken goes after so long."""
CLAIMED: Final = timedelta(minutes=2)
"""A worker says so often that it is alive: after each batch, which takes a second or so."""
PROGRESS_SECONDS: Final = 0.5
"""How far it is is written no more often: SQLite writes the whole row anew each time, and the file lies in it."""
MOST_ATTEMPTS: Final = 3
OPEN: Final = ("checking", "checked", "waiting")
_BEGUN: Final = ("checking", "waiting")
_UNSYNCHRONISED: Final = {"synchronize_session": False}


class NotNow(Conflict):
    """The file is not where this could be done with it."""

    code = "import_not_now"


class TooMany(Conflict):
    """There are as many files in hand as may be."""

    code = "import_too_many"


class _Discarded(Exception):  # It is no error: it ends the work at a file that nobody wants any more.
    pass


class BadFile(Invalid):
    """The file cannot be taken; `why` is empty, large, or swells."""

    code = "import_file"

    def __init__(self, why: str) -> None:
        super().__init__(f"the file cannot be taken: {why}")
        self.why = why


@dataclass(frozen=True)
class _Claim:
    """What is to be done by this process."""

    id: int
    content: bytes
    checks: bool
    by: str


class ElderImports:
    """Takes files and does what is to be done with them. `by` is who asks, as user:2. Threads share one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], cipher: FieldCipher, *,
        normalise: Normalise, zone: ZoneInfo,
    ) -> None:  # fmt: skip
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._cipher = cipher
        self._normalise = normalise
        self._zone = zone
        self._thread: threading.Thread | None = None

    def hand_over(self, name: str, content: bytes, by: str) -> int:
        """Take a file to be checked, and give its number. Raises BadFile and TooMany."""
        if not content:
            raise BadFile("empty")
        if len(content) > MOST_BYTES:
            raise BadFile("large")
        if unpacked(content) > MOST_UNPACKED:
            raise BadFile("swells")
        now = self._clock()
        with self._unit_of_work() as work:
            in_hand = work.scalars(select(ElderImport.id).where(ElderImport.state.in_(OPEN))).all()
            if len(in_hand) >= MOST_WAITING:
                raise TooMany(f"there are {MOST_WAITING} files in hand: take or discard one first")
            row = ElderImport(
                name=" ".join(name.split())[:200], content=base64.b64encode(content).decode(), state="checking",
                uploaded_at=now, uploaded_by=by[:60],
            )  # fmt: skip
            work.add(row)
            work.flush()
            _note(work, now, by, "elder.file_handed_over", number=row.id, detail=f"{len(content)} bytes")
            return row.id

    def confirm(self, import_id: int, by: str) -> None:
        """Have a file that was checked taken. Raises NotFound and NotNow."""
        self._move(import_id, ("checked",), by, "elder.file_confirmed", state="waiting", confirmed_by=by[:60], read=0,
                   attempts=0)  # fmt: skip

    def discard(self, import_id: int, by: str) -> None:
        """Forget a file; of one that is being taken, what is in stays. Raises NotFound and NotNow."""
        self._move(import_id, OPEN, by, "elder.file_discarded", state="discarded", content=None)

    def latest(self, limit: int = 20) -> tuple[ElderImport, ...]:
        """Give the latest files, without what they hold."""
        with self._reading() as work:
            return tuple(work.scalars(select(ElderImport).order_by(ElderImport.id.desc()).limit(limit)))

    def get(self, import_id: int) -> ElderImport:
        """Give one with the list of what is wrong. Raises NotFound."""
        with self._reading() as work:
            row = work.get(ElderImport, import_id, options=[undefer(ElderImport.sheet)])
            if row is None:
                raise NotFound(f"there is no file {import_id}")
            return row

    def sweep(self) -> int:
        """Begin what is to be done, beside the jobs of this process, which do not wait for it; give how many."""
        if self._thread is not None and self._thread.is_alive():
            return 0
        self._forget_old()
        claim = self._claim()
        if claim is None:
            return 0
        self._thread = threading.Thread(target=self._do, args=(claim,), name=f"import-{claim.id}", daemon=True)
        self._thread.start()
        return 1

    def work_off(self) -> int:
        """Do here what is to be done, and give how many files that were."""
        done = 0
        while (claim := self._claim()) is not None:
            self._do(claim)
            done += 1
        return done

    def _claim(self) -> _Claim | None:
        """Take the oldest that waits, unless somebody is at one: one file at a time."""
        now = self._clock()
        alive = ElderImport.claimed_until > now
        with self._unit_of_work() as work:
            if work.scalar(select(ElderImport.id).where(ElderImport.state.in_(_BEGUN), alive).limit(1)) is not None:
                return None
            row = work.scalar(
                select(ElderImport).where(ElderImport.state.in_(_BEGUN)).order_by(ElderImport.id).limit(1)
                .options(undefer(ElderImport.content)).with_for_update(skip_locked=True)
            )  # fmt: skip
            if row is None or row.content is None:
                return None
            if row.attempts >= MOST_ATTEMPTS:
                row.state, row.finished_at, row.content = "refused", now, None
                row.trouble = "处理中断了三次，请联系工程师 / it broke off three times: ask the engineer"
                return None
            row.claimed_until, row.read, row.attempts = now + CLAIMED, 0, row.attempts + 1
            by = row.confirmed_by or row.uploaded_by
            return _Claim(row.id, base64.b64decode(row.content), row.state == "checking", by)

    def _do(self, claim: _Claim) -> None:
        try:
            self._import(claim)
        except _Discarded:
            log.info("imports.discarded", import_id=claim.id)
        except Exception:  # The claim ends by itself, and somebody begins anew.
            log.exception("imports.broke_off", import_id=claim.id)

    def _import(self, claim: _Claim) -> None:
        today = self._clock().astimezone(self._zone).date()
        with tempfile.TemporaryDirectory(prefix="elderline-import-") as folder:
            path, sheet = Path(folder) / "elders", Path(folder) / "sheet.csv"
            path.write_bytes(claim.content)
            try:
                report = import_elders(
                    path, undone(self._unit_of_work) if claim.checks else self._unit_of_work, self._cipher,
                    self._normalise, progress=self._now_and_then(claim.id),
                    report_path=sheet, today=today, most_rows=MOST_ROWS,
                )  # fmt: skip
            except (UnreadableFile, MissingColumns) as error:
                self._finish(claim, None, "", str(error)[:500])
                return
            text = sheet.read_text("utf-8-sig")
        self._finish(claim, report, text if len(text) <= MOST_SHEET else text[: text.rindex("\n", 0, MOST_SHEET)], "")

    def _now_and_then(self, import_id: int) -> Progress:
        """Give what writes down how far it is, at once and then now and then."""
        gathered, written = 0, -PROGRESS_SECONDS

        def progress(read: int, about: int | None) -> None:
            nonlocal gathered, written
            gathered += read
            if time.monotonic() - written >= PROGRESS_SECONDS:
                self._progress(import_id, gathered, about)
                gathered, written = 0, time.monotonic()

        return progress

    def _progress(self, import_id: int, read: int, about: int | None) -> None:
        values = {"read": ElderImport.read + read, "about": about, "claimed_until": self._clock() + CLAIMED}
        with self._unit_of_work() as work:
            which = update(ElderImport).where(ElderImport.id == import_id)
            work.execute(which.values(values).execution_options(**_UNSYNCHRONISED))
            state = work.scalar(select(ElderImport.state).where(ElderImport.id == import_id))
        if state not in _BEGUN:
            raise _Discarded

    def _finish(self, claim: _Claim, report: ImportReport | None, sheet: str, trouble: str) -> None:
        now = self._clock()
        with self._unit_of_work() as work:
            row = work.get(ElderImport, claim.id, with_for_update=True)
            if row is None or (row.state not in _BEGUN and (claim.checks or report is None)):
                return  # It was discarded meanwhile; what was taken as a whole by then is taken.
            row.claimed_until, row.sheet, row.trouble = None, sheet, trouble
            if report is None:
                row.state, row.finished_at, row.content = "refused", now, None
                return
            row.added, row.changed, row.unchanged, row.refused = (
                report.added, report.changed, report.unchanged, report.refused,
            )  # fmt: skip
            row.read, row.ignored = report.rows, ", ".join(report.ignored_columns)[:2000]
            if claim.checks:
                row.state = "checked"
                return
            row.state, row.finished_at, row.content = "done", now, None
            _note(work, now, claim.by, "elder.file_taken", number=row.id, detail=report.summary("en"))

    def _move(self, import_id: int, states: tuple[str, ...], by: str, action: str, **values: object) -> None:
        now = self._clock()
        with self._unit_of_work() as work:
            which = update(ElderImport).where(ElderImport.id == import_id, ElderImport.state.in_(states))
            moved = work.execute(which.values(values).execution_options(**_UNSYNCHRONISED))
            if isinstance(moved, CursorResult) and not moved.rowcount:
                if work.get(ElderImport, import_id) is None:
                    raise NotFound(f"there is no file {import_id}")
                raise NotNow("the file is not in a state for this: look again")
            _note(work, now, by, action, number=import_id)

    def _forget_old(self) -> None:
        old = (ElderImport.state == "checked", ElderImport.uploaded_at < self._clock() - KEPT)
        with self._unit_of_work() as work:
            gone = update(ElderImport).where(*old).values(state="discarded", content=None)
            work.execute(gone.execution_options(**_UNSYNCHRONISED))


def _note(  # The parts of a row.
    work: Session, at: datetime, by: str, action: str, *, number: int, detail: str = ""
) -> None:
    work.add(AuditEntry(at=at, actor=by, action=action, subject=f"import:{number}", detail=detail))
