"""Changes of settings, kept with their history, and the one place where they meet what the environment says.

The latest wins: defaults, ``var/secrets.env``, ``.env``, the environment, and then what was changed on the page. A
change that was taken back leaves what the environment says.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import AuditEntry, SettingChange
from db.session import UnitOfWork
from routing.changeable.policy import BY_NAME, CHANGEABLE, Changeable, OutOfBounds, Value, read_value, write_value
from routing.errors import Conflict, Invalid, NotFound
from routing.settings import Settings
from routing.writing import one_at_a_time

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0
"""A process looks for changes no more often than this, and when it is about to use a setting."""
_ONE_WRITER: Final = 0x5E77


class NotInBounds(Invalid):
    """The value is none, or not between the bounds."""

    code = "setting_bounds"


class ChangedBefore(Conflict):
    """Somebody else changed the setting since it was looked at."""

    code = "setting_changed"


@dataclass(frozen=True)
class Standing:
    """A setting as it stands."""

    what: Changeable
    value: str
    """That counts now."""
    environment: str
    """What the environment says, or the default; counts if nothing was changed."""
    changed: bool
    last: int
    """Number of the latest change; 0: none. Whoever changes it says which they saw."""


class SettingBook:
    """Reads and changes. `environment` are the settings of this process as it started. Threads share one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], environment: Settings
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._environment = environment

    def merged(self) -> tuple[int, Settings]:
        """Give the number of the latest change, and the settings that count with it."""
        with self._reading() as work:
            rows = _latest(work)
        changes = {name: value for name, row in rows.items() if (value := _value(row)) is not None}
        revision = max((row.id for row in rows.values()), default=0)
        return revision, self._environment.model_copy(update=changes) if changes else self._environment

    def revision(self) -> int:
        """Give the number of the latest change."""
        with self._reading() as work:
            return work.scalar(select(func.max(SettingChange.id))) or 0

    def all(self) -> tuple[Standing, ...]:
        """Give every setting that may be changed, as it stands."""
        with self._reading() as work:
            rows = _latest(work)
        return tuple(self._standing(each, rows.get(each.name)) for each in CHANGEABLE)

    def history(self, limit: int = 100) -> Sequence[SettingChange]:
        """Give the latest changes, the newest first."""
        with self._reading() as work:
            return work.scalars(select(SettingChange).order_by(SettingChange.id.desc()).limit(limit)).all()

    def change(self, name: str, text: str, seen: int, by: str) -> None:
        """Let a value count, or with nothing what the environment says. Raises NotFound, NotInBounds, ChangedBefore."""
        what = BY_NAME.get(name)
        if what is None:
            raise NotFound(f"{name} is no setting that can be changed here")
        try:
            value = write_value(read_value(what, text)) if text.strip() else ""
        except OutOfBounds:
            raise NotInBounds(f"{name} is a value from {what.least:g} to {what.most:g}") from None
        now = self._clock()
        with self._unit_of_work() as work:
            one_at_a_time(work, _ONE_WRITER)
            before = _latest(work).get(name)
            if (before.id if before is not None else 0) != seen:
                raise ChangedBefore(f"{name} was changed meanwhile: look again")
            stands = self._standing(what, before)
            if value == (before.value if before is not None else ""):
                return
            work.add(SettingChange(name=name, value=value, before=stands.value, at=now, by=by[:60]))
            detail = f"{name}: {stands.value} -> {value or stands.environment}"
            work.add(AuditEntry(at=now, actor=by, action="setting.changed", subject="settings", detail=detail))

    def revert(self, change_id: int, seen: int, by: str) -> None:
        """Let what counted before a change count again. Raises as `change` does."""
        with self._reading() as work:
            row = work.get(SettingChange, change_id)
            if row is None:
                raise NotFound(f"there is no change {change_id}")
            earlier = select(SettingChange.value).where(SettingChange.name == row.name, SettingChange.id < change_id)
            value = work.scalar(earlier.order_by(SettingChange.id.desc()).limit(1))
        self.change(row.name, value or "", seen, by)

    def _standing(self, what: Changeable, row: SettingChange | None) -> Standing:
        given = getattr(self._environment, what.name)
        if given is None:  # What depends on the profile has a property of its own: callback_delay_seconds.
            given = getattr(self._environment, what.name.removesuffix("_seconds"))
        environment, changed = write_value(given), row is not None and _value(row) is not None
        value = row.value if row is not None and changed else environment
        return Standing(what, value, environment, changed, row.id if row is not None else 0)


class LiveSettings:
    """The settings that count now, for a process that runs on. It looks when asked, every two seconds at the most.

    Nothing waits for it but one short query; when the database is away, what counted last counts on.
    """

    def __init__(self, book: SettingBook, environment: Settings, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._book = book
        self._elapsed = elapsed
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._known: tuple[int, Settings] = (0, environment)
        self._failing = False
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def known(self) -> tuple[int, Settings]:
        """Give what was read last, at once: for whoever has a caller waiting, while `start`ed."""
        return self._known

    def start(self) -> None:
        """Look every two seconds, in a thread."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._look, name="settings", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(EVERY_SECONDS)

    def _look(self) -> None:
        self.now()
        while not self._stopped.wait(EVERY_SECONDS):
            self.now()

    def now(self) -> tuple[int, Settings]:
        """Give the number of the latest change, by which a change is told, and the settings."""
        if self._elapsed() - self._looked >= EVERY_SECONDS and self._lock.acquire(blocking=False):
            try:
                self._looked = self._elapsed()
                if self._book.revision() != self._known[0]:
                    self._known = self._book.merged()
                    log.info("settings.changed", revision=self._known[0])
                self._failing = False
            except SQLAlchemyError as error:
                if not self._failing:  # Once for each time that it is away, and not every two seconds.
                    log.warning("settings.not_read", error=type(error).__name__)
                self._failing = True
            finally:
                self._lock.release()
        return self._known


def _latest(work: Session) -> Mapping[str, SettingChange]:
    newest = select(func.max(SettingChange.id)).group_by(SettingChange.name)
    return {row.name: row for row in work.scalars(select(SettingChange).where(SettingChange.id.in_(newest)))}


def _value(row: SettingChange) -> Value | None:
    """Read what was changed; what no version of ours takes any more counts as not changed."""
    what = BY_NAME.get(row.name)
    try:
        return read_value(what, row.value) if what is not None and row.value else None
    except OutOfBounds:
        return None
