"""Announcements for the elders of a district: supervisors make and end them, callers hear each of them once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import Announcement, AnnouncementHeard, Elder
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.telephone_wav import check_telephone_wav
from routing.writing import insert_once

log = structlog.get_logger(__name__)

MOST_A_CALL = 2
MOST_SECONDS = 15.0
"""Whoever calls wants something else; more than this is not kept in mind anyway."""
LONGEST_TEXT = 50
"""Characters: the voice takes 14 s for them, at the slowest pace that was measured (3.7 a second)."""
LONGEST_VALID = timedelta(days=400)
FRESH_SECONDS = 5.0
"""A change counts for callers after so long at the most."""


class Sayings(Protocol):
    """Sounds of texts that a background job speaks (`routing.voice`)."""

    def sound_of(self, text: str, language: str) -> str | None:
        """The sound that says a text; None while there is none."""

    def want(self, text: str, language: str) -> bool:
        """Have a text spoken. Raises Invalid for a text that cannot be read, and redis.RedisError."""


@dataclass(frozen=True)
class Told:
    """An announcement as it stands. `spoken`: there is a sound of it, without which nobody is told."""

    id: int
    district: str
    text: str
    language: str
    valid_from: datetime
    valid_until: datetime
    active: bool
    recording: str | None
    spoken: bool
    created_at: datetime
    created_by: str
    ended_at: datetime | None


class Announcements:
    """Makes, ends and finds them. Threads share one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], recordings: Path,
        sayings: Sayings, *, language: str = "zh-CN", ticks: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """`recordings` is the folder of recordings of this machine's node, `language` the one that texts are in;
        `ticks` is monotonic, in seconds."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._recordings = recordings
        self._sayings = sayings
        self._language = language
        self._ticks = ticks
        self._known: tuple[Told, ...] = ()
        self._read_at: float | None = None
        self._lock = threading.Lock()

    def make(self, text: str, district: str, valid_from: datetime, valid_until: datetime, *, by: str) -> Told:
        """Make one for a district, or for all (an empty one), and have its text spoken. Raises Invalid."""
        text, district, now = " ".join(text.split()), district.strip(), self._clock()
        if not 0 < len(text) <= LONGEST_TEXT:
            raise Invalid(f"an announcement has 1 to {LONGEST_TEXT} characters, not {len(text)}")
        if not now < valid_until or not valid_from < valid_until <= now + LONGEST_VALID:
            raise Invalid("an announcement ends after it begins, and within 400 days from now")
        if district and district not in self.districts():
            raise Invalid("no elder lives in this district")
        self._want(text)
        with self._unit_of_work() as session:
            row = Announcement(
                district=district, text=text, language=self._language, valid_from=valid_from, valid_until=valid_until,
                active=True, created_at=now, created_by=by[:60],
            )  # fmt: skip
            session.add(row)
            session.flush()
            return self._told(row)

    def end(self, announcement_id: int, *, by: str) -> Told:
        """End one: nobody is told any more. Raises NotFound, and Conflict if it was ended."""
        with self._unit_of_work() as session:
            row = _living(session, announcement_id)
            row.active, row.ended_at, row.ended_by = False, self._clock(), by[:60]
            return self._told(row)

    def record(self, announcement_id: int, sound: bytes) -> Told:
        """Take a human voice for it: a WAV file as `check_telephone_wav` wants it, 15 s at most.

        Raises NotFound, Conflict if it was ended, Invalid for another file, and OSError.
        """
        check_telephone_wav(sound, MOST_SECONDS)
        name = f"announcement-{announcement_id}"
        with self._unit_of_work() as session:
            row = _living(session, announcement_id)
            self._recordings.mkdir(parents=True, exist_ok=True)
            whole, part = self._recordings / f"{name}.wav", self._recordings / f"{name}.new"
            part.write_bytes(sound)
            part.chmod(0o644)
            part.replace(whole)  # A caller hears the old one or the new one, never half of it.
            row.recording = name
            return self._told(row)

    def all(self, limit: int = 100) -> tuple[Told, ...]:
        """Give them, the newest first."""
        with self._reading() as session:
            query = select(Announcement).order_by(Announcement.id.desc()).limit(limit)
            return tuple(map(self._told, session.scalars(query)))

    def get(self, announcement_id: int) -> Told:
        """Give one. Raises NotFound."""
        with self._reading() as session:
            return self._told(_taken(session, announcement_id))

    def file(self, announcement_id: int) -> Path | None:
        """Give the file of its human voice; None without one. Raises NotFound."""
        recording = self.get(announcement_id).recording
        path = self._recordings / f"{recording}.wav"
        return path if recording and path.is_file() else None

    def districts(self) -> tuple[str, ...]:
        """Give the districts in which elders live."""
        with self._reading() as session:
            found = session.scalars(select(Elder.district).where(Elder.district != "").distinct())
            return tuple(sorted(found))

    def for_elder(self, elder_id: int, district: str, language: str) -> tuple[Told, ...]:
        """Give what an elder is to be told now, the oldest first: two at most, none that they heard, none without a
        sound in their language. Without any that is valid the database is not asked. Raises SQLAlchemyError."""
        now = self._clock()
        valid = [each for each in self._fresh() if _concerns(each, district, now) and self._is_spoken(each, language)]
        if not valid:
            return ()
        heard = select(AnnouncementHeard.announcement_id).where(
            AnnouncementHeard.elder_id == elder_id, AnnouncementHeard.announcement_id.in_([each.id for each in valid])
        )
        with self._reading() as session:
            known = set(session.scalars(heard))
        return tuple(each for each in valid if each.id not in known)[:MOST_A_CALL]

    def remember(self, elder_id: int, announcement_ids: Sequence[int]) -> None:
        """Note that an elder was told these, once. Raises SQLAlchemyError."""
        with self._unit_of_work() as session:
            for each in announcement_ids:
                row = AnnouncementHeard(announcement_id=each, elder_id=elder_id, at=self._clock())
                same = (AnnouncementHeard.announcement_id == each) & (AnnouncementHeard.elder_id == elder_id)
                insert_once(session, row, same)

    def _fresh(self) -> tuple[Told, ...]:
        """The active ones, oldest first; while one caller's thread reads, the others go by those of before."""
        stale = self._read_at is None or self._ticks() - self._read_at >= FRESH_SECONDS
        if stale and self._lock.acquire(blocking=False):
            try:
                self._read()
            finally:
                self._lock.release()
        return self._known

    def _read(self) -> None:
        try:
            with self._reading() as session:
                query = select(Announcement).where(Announcement.active, Announcement.valid_until > self._clock())
                self._known = tuple(map(self._told, session.scalars(query.order_by(Announcement.id))))
        except SQLAlchemyError as error:
            log.warning("announcements.not_read", error=type(error).__name__)
        self._read_at = self._ticks()

    def _want(self, text: str) -> None:
        try:
            self._sayings.want(text, self._language)
        except RedisError as error:  # It is made all the same, shows as not spoken, and can be recorded.
            log.warning("announcements.not_asked_for", error=type(error).__name__)

    def _is_spoken(self, announcement: Told, language: str) -> bool:
        if announcement.recording:
            return (self._recordings / f"{announcement.recording}.wav").is_file()
        return self._sayings.sound_of(announcement.text, language) is not None

    def _told(self, row: Announcement) -> Told:
        told = Told(
            row.id, row.district, row.text, row.language, row.valid_from, row.valid_until, row.active, row.recording,
            False, row.created_at, row.created_by, row.ended_at,
        )  # fmt: skip
        return replace(told, spoken=self._is_spoken(told, row.language))


def _concerns(announcement: Told, district: str, now: datetime) -> bool:
    """Whether an elder of this district is to be told now."""
    here = announcement.district in {"", district}
    return here and announcement.active and announcement.valid_from <= now < announcement.valid_until


def _taken(session: Session, announcement_id: int) -> Announcement:
    row = session.get(Announcement, announcement_id, with_for_update=True)
    if row is None:
        raise NotFound(f"there is no announcement {announcement_id}")
    return row


def _living(session: Session, announcement_id: int) -> Announcement:
    row = _taken(session, announcement_id)
    if not row.active:
        raise Conflict(f"announcement {announcement_id} was ended by {row.ended_by}")
    return row
