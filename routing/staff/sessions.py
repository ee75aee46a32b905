"""Where users are logged in: one row for each browser, which can be ended from here at any time."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db.models import Agent, User, UserSession
from db.session import UnitOfWork

log = structlog.get_logger(__name__)

MOST: Final = 10
"""Browsers of one user at once; the eleventh log-in ends the first."""
KEPT: Final = timedelta(days=90)
"""Sessions that are over are kept so long: they tell from where a user logs in."""
NOTED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Lasting:
    """How long a session lasts: without a request of a person, and at the most."""

    idle: timedelta
    most: timedelta


@dataclass(frozen=True)
class LoggedIn:
    """The user of a session that stands."""

    session_id: int
    user_id: int
    name: str
    role: str
    company_id: int | None
    extension: str | None
    must_change: bool
    """The password was given by somebody else: nothing but choosing another is open."""


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], lasting: Lasting
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._lasting = lasting

    def begin(self, work: Session, user_id: int, place: bytes) -> str:
        """Begin a session within `work`, and give the key that its browser keeps."""
        now = self._clock()
        key = secrets.token_urlsafe(32)
        over = (UserSession.user_id == user_id, UserSession.ended_at < now - KEPT)
        work.execute(delete(UserSession).where(*over))
        standing = select(UserSession.id).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        spare = work.scalars(standing.order_by(UserSession.id.desc()).offset(MOST - 1)).all()
        if spare:
            _end(work, now, "too_many", UserSession.id.in_(spare))
        work.add(
            UserSession(
                key_hash=_hashed(key), user_id=user_id, place_index=place, began_at=now, seen_at=now, ended_why=""
            )
        )
        return key

    def find(self, key: str, *, by_person: bool) -> LoggedIn | None:
        """Find whose session has this key; None if it is over, or its user is disabled.

        `by_person`: the request keeps the session alive, as one that a page makes by itself does not.
        """
        now = self._clock()
        query = (
            select(UserSession, User, Agent.extension)
            .join(User, User.id == UserSession.user_id)
            .outerjoin(Agent, (Agent.user_id == User.id) & Agent.active.is_(True))
            .where(UserSession.key_hash == _hashed(key), UserSession.ended_at.is_(None), User.active.is_(True))
        )
        with self._reading() as work:
            found = work.execute(query).first()
        if found is None:
            return None
        row, user, extension = found
        why = self._over(row, now)
        if why:
            self.end(row.id, why)
            return None
        if by_person and now - row.seen_at >= NOTED_EVERY:
            self._note(row.id, now)
        return LoggedIn(
            row.id, user.id, user.name, user.role, user.company_id, extension, user.one_time_until is not None
        )

    def stands(self, session_id: int) -> bool:
        """Tell whether a session has not been ended, and its user is not disabled."""
        standing = (UserSession.id == session_id, UserSession.ended_at.is_(None), User.active.is_(True))
        query = select(UserSession.id).join(User, User.id == UserSession.user_id).where(*standing)
        with self._reading() as work:
            return work.scalar(query) is not None

    def end(self, session_id: int, why: str) -> None:
        """End one session."""
        with self._unit_of_work() as work:
            _end(work, self._clock(), why, UserSession.id == session_id)

    def is_familiar(self, work: Session, user_id: int, place: bytes) -> bool:
        """Tell whether the user has logged in from there within the last months."""
        since = self._clock() - KEPT
        there = (UserSession.user_id == user_id, UserSession.place_index == place)
        lately = or_(UserSession.ended_at.is_(None), UserSession.ended_at > since)
        return bool(work.scalar(select(exists().where(*there, lately))))

    def _over(self, row: UserSession, now: datetime) -> str:
        if now - row.began_at > self._lasting.most:
            return "over"
        return "idle" if now - row.seen_at > self._lasting.idle else ""

    def _note(self, session_id: int, now: datetime) -> None:
        try:
            with self._unit_of_work() as work:
                work.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=now))
        except OperationalError as error:
            # Whoever reads a page need not wait for a database that takes no writes now; the next request notes it.
            log.warning("session.not_noted", error=type(error).__name__)


def end_sessions(work: Session, now: datetime, user_id: int, why: str, *, but: int | None = None) -> None:
    """End all sessions of a user within `work`, `but` one."""
    others = [UserSession.id != but] if but is not None else []
    _end(work, now, why, UserSession.user_id == user_id, *others)


def _end(work: Session, now: datetime, why: str, *which: object) -> None:
    standing = update(UserSession).where(UserSession.ended_at.is_(None), *which)  # type: ignore[arg-type]  # Conditions.
    work.execute(standing.values(ended_at=now, ended_why=why).execution_options(synchronize_session=False))


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
