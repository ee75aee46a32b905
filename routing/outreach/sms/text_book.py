"""What SMS say, changed on a page: every version with who wrote it and when, and the way back to any of them.

The latest wins: our texts, the file of the deployment (`ELDERLINE_SMS_TEXTS`), and then what was changed on the page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import AuditEntry, SmsTextChange
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.sms.text_catalogue import TextCatalogue, TextFault, faults
from routing.outreach.sms.text_rules import RULES
from routing.writing import one_at_a_time

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0
"""A process looks for changed texts no more often than this, and when it is about to write one."""
_ONE_WRITER: Final = 0x5357


class TextRefused(Invalid):
    """The text cannot be sent as it is; `faults` tell why."""

    code = "sms_text"

    def __init__(self, key: str, wrong: Sequence[TextFault]) -> None:
        super().__init__(f"{key}: {'; '.join(map(str, wrong))}")
        self.faults = tuple(wrong)


class TextChangedBefore(Conflict):
    """Somebody else changed the text since it was looked at."""

    code = "sms_text_changed"


@dataclass(frozen=True)
class StandingText:
    """A text as it stands."""

    key: str
    text: str
    """That is sent now."""
    configured: str
    """What the file of the deployment says, or we; sent if nothing was changed."""
    changed: bool
    last: int
    """Number of the latest change; 0: none. Whoever changes it says which they saw."""


class TextBook:
    """Reads and changes. `base` are the texts without what was changed on the page. Threads share one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], base: TextCatalogue
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self.base = base

    def revision(self) -> int:
        """Give the number of the latest change."""
        with self._reading() as work:
            return work.scalar(select(func.max(SmsTextChange.id))) or 0

    def merged(self) -> tuple[int, TextCatalogue]:
        """Give the number of the latest change, and the texts that are sent with it."""
        with self._reading() as work:
            revision = work.scalar(select(func.max(SmsTextChange.id))) or 0
            rows = self._latest(work)
        changed = {key: row.text for key, row in rows.items() if _counts(row)}
        return revision, replace(self.base, texts={**self.base.texts, **changed}, own=self.base.own | changed.keys())

    def all(self) -> tuple[StandingText, ...]:
        """Give every text as it stands."""
        with self._reading() as work:
            rows = self._latest(work)
        return tuple(self._standing(key, rows.get(key)) for key in RULES)

    def one(self, key: str) -> StandingText:
        """Give one. Raises NotFound."""
        _known(key)
        with self._reading() as work:
            return self._standing(key, self._latest(work).get(key))

    def history(self, key: str, limit: int = 100) -> Sequence[SmsTextChange]:
        """Give the latest changes of a text, the newest first."""
        with self._reading() as work:
            of_it = select(SmsTextChange).where(SmsTextChange.language == self.base.language, SmsTextChange.key == key)
            return work.scalars(of_it.order_by(SmsTextChange.id.desc()).limit(limit)).all()

    def change(self, key: str, text: str, seen: int, by: str) -> None:
        """Send this text from now on, or with nothing what is configured.

        Raises NotFound, TextRefused with all that is wrong, and TextChangedBefore.
        """
        _known(key)
        text = as_sent(text)
        if text and (wrong := faults(key, text)):
            raise TextRefused(key, wrong)
        now = self._clock()
        with self._unit_of_work() as work:
            one_at_a_time(work, _ONE_WRITER)
            row = self._latest(work).get(key)
            stands = self._standing(key, row)
            if stands.last != seen:
                raise TextChangedBefore(f"{key} was changed meanwhile: look again")
            if text == (row.text if row is not None else ""):
                return
            work.add(
                SmsTextChange(
                    language=self.base.language, key=key, text=text, before=stands.text, at=now, by=by[:60]
                )
            )  # fmt: skip
            detail = f"{key} ({self.base.language})"  # The words themselves are in the history.
            work.add(AuditEntry(at=now, actor=by, action="sms_text.changed", subject="sms_texts", detail=detail))

    def restore(self, key: str, change_id: int, seen: int, by: str) -> None:
        """Send again what was written with that change. Raises as `change` does."""
        with self._reading() as work:
            row = work.get(SmsTextChange, change_id)
            if row is None or row.key != key or row.language != self.base.language:
                raise NotFound(f"there is no change {change_id} of {key}")
            text = row.text
        self.change(key, text, seen, by)

    def _latest(self, work: Session) -> Mapping[str, SmsTextChange]:
        of_ours = select(func.max(SmsTextChange.id)).where(SmsTextChange.language == self.base.language)
        rows = work.scalars(select(SmsTextChange).where(SmsTextChange.id.in_(of_ours.group_by(SmsTextChange.key))))
        return {row.key: row for row in rows}

    def _standing(self, key: str, row: SmsTextChange | None) -> StandingText:
        configured = self.base.texts[key]
        changed = row is not None and _counts(row)
        text = row.text if row is not None and changed else configured
        return StandingText(key, text, configured, changed, row.id if row is not None else 0)


class LiveTexts:
    """The texts that are sent now, for a process that runs on. It looks when a text is written, every two seconds at
    the most; while the database is away, what was said last is said on."""

    def __init__(self, book: TextBook, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._book = book
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._known: tuple[int, TextCatalogue] = (0, book.base)
        self._failing = False

    def now(self) -> TextCatalogue:
        """Give the texts."""
        if self._elapsed() - self._looked >= EVERY_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._looked = self._elapsed()
                if self._book.revision() != self._known[0]:
                    self._known = self._book.merged()
                    log.info("sms.texts_changed", revision=self._known[0])
                self._failing = False
            except SQLAlchemyError as error:
                if not self._failing:  # Once for each time that it is away, and not every two seconds.
                    log.warning("sms.texts_not_read", error=type(error).__name__)
                self._failing = True
            finally:
                self._lock.release()
        return self._known[1]


def as_sent(text: str) -> str:
    """Write what a form gave as it is kept: browsers end lines with two signs, and nobody sees blanks at an end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _known(key: str) -> None:
    if key not in RULES:
        raise NotFound(f"there is no text {key}")


def _counts(row: SmsTextChange) -> bool:
    """Tell whether a row is sent: what no version of ours takes any more counts as not changed."""
    return bool(row.text) and row.key in RULES and not faults(row.key, row.text)
