"""Users of the console: made, changed, given a new password, disabled and let in again, each in the audit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.models import Agent, ApiToken, AuditEntry, Company, User, UserSession
from db.session import UnitOfWork
from routing.errors import NotFound
from routing.staff import policy
from routing.staff.errors import BadPassword, BadUser, LastAdministrator, LoginTaken
from routing.staff.extensions import check_skills, give_extension
from routing.staff.passwords import Passwords
from routing.staff.sessions import end_sessions

ONE_TIME_LASTS: Final = timedelta(days=3)
_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


@dataclass(frozen=True)
class NewUser:
    """A user as an administrator enters them. Skills and dialects are words with commas."""

    login: str
    name: str
    role: str
    company_id: int | None = None
    extension: str = ""
    skills: str = ""


@dataclass(frozen=True)
class UserView:
    """A user as an administrator sees them."""

    id: int
    login: str
    name: str
    role: str
    company_id: int | None
    company: str
    extension: str
    skills: str
    active: bool
    one_time_until: datetime | None
    guarded_until: datetime | None
    sessions: int


@dataclass(frozen=True)
class Made:
    """A user with the password that they are told; it is nowhere else."""

    id: int
    password: str = field(repr=False)


class UserRegister:
    """Changes users. `by` is who asks, as user:1."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], passwords: Passwords
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._passwords = passwords

    def all(self) -> tuple[UserView, ...]:
        """Give all users, those who may log in first."""
        standing = select(UserSession.user_id, func.count().label("sessions")).where(UserSession.ended_at.is_(None))
        counted = standing.group_by(UserSession.user_id).subquery()
        query = (
            select(User, Agent, Company.name, counted.c.sessions)
            .outerjoin(Agent, Agent.user_id == User.id)
            .outerjoin(Company, Company.id == User.company_id)
            .outerjoin(counted, counted.c.user_id == User.id)
            .order_by(User.active.desc(), User.role, User.login)
        )
        now = self._clock()
        with self._reading() as work:
            rows = work.execute(query)
            return tuple(_view(user, agent, company, count, now) for user, agent, company, count in rows)

    def get(self, user_id: int) -> UserView:
        """Give one user. Raises NotFound."""
        found = next((each for each in self.all() if each.id == user_id), None)
        if found is None:
            raise NotFound(f"there is no user {user_id}")
        return found

    def create(self, new: NewUser, by: str) -> Made:
        """Make a user, and the password that they are told. Raises Invalid, and Conflict for a log-in that is taken."""
        login, name = new.login.strip().lower(), new.name.strip()
        if not _LOGIN.fullmatch(login):
            raise BadUser("login")
        _check(name, new)
        password = self._passwords.one_time()
        hashed = self._passwords.hash(password)  # Slow, and so before the database is held.
        now = self._clock()
        with self._unit_of_work() as work:
            if work.scalar(select(User.id).where(User.login == login)) is not None:
                raise LoginTaken(f"the log-in {login} is taken: choose another")
            _company(work, new.company_id)
            user = User(
                login=login, name=name, password_hash=hashed, role=new.role, company_id=new.company_id,
                one_time_until=now + ONE_TIME_LASTS,
            )  # fmt: skip
            work.add(user)
            work.flush()
            give_extension(work, user.id, new.extension.strip(), new.skills)
            _note(work, now, by, "user.added", user.id, f"{new.role} {new.extension}".strip())
            return Made(user.id, password)

    def change(self, user_id: int, new: NewUser, by: str) -> None:
        """Change everything but the log-in and the password. Another role ends the user's tokens, which had the old.

        Raises NotFound, Invalid, Conflict for an extension that is taken, and LastAdministrator.
        """
        name = new.name.strip()
        _check(name, new)
        now = self._clock()
        with self._unit_of_work() as work:
            user = _taken(work, user_id)
            _company(work, new.company_id)
            self._keep_administrator(work, user, role=new.role, active=user.active)
            if (user.role, user.company_id) != (new.role, new.company_id):
                _end_tokens(work, now, user_id)
                _note(work, now, by, "user.role", user_id, f"{user.role} -> {new.role}")
            user.name, user.role, user.company_id = name, new.role, new.company_id
            changed = give_extension(work, user_id, new.extension.strip(), new.skills)
            _note(work, now, by, "user.changed", user_id, changed)

    def reset_password(self, user_id: int, by: str) -> str:
        """Give a password that is told to the user, ends their sessions, and is good for choosing another."""
        password = self._passwords.one_time()
        hashed = self._passwords.hash(password)
        now = self._clock()
        with self._unit_of_work() as work:
            user = _taken(work, user_id)
            user.password_hash, user.one_time_until = hashed, now + ONE_TIME_LASTS
            user.failures, user.locked_until = 0, None
            end_sessions(work, now, user_id, "password")
            _note(work, now, by, "user.password_reset", user_id)
        return password

    def choose_password(self, user_id: int, present: str, wanted: str, *, session_id: int) -> None:
        """Let users choose their own; all sessions but this one end. Raises BadPassword (present, same, or policy)."""
        now = self._clock()
        with self._reading() as work:
            user = work.get_one(User, user_id)
        if not self._passwords.fits(user.password_hash, present):
            raise BadPassword("present")
        if present == wanted:
            raise BadPassword("same")
        verdict = policy.password_verdict(wanted, user.login)
        if not verdict.allowed:
            raise BadPassword(verdict.reason)
        hashed = self._passwords.hash(wanted)
        with self._unit_of_work() as work:
            user = _taken(work, user_id)
            user.password_hash, user.one_time_until = hashed, None
            end_sessions(work, now, user_id, "password", but=session_id)
            _note(work, now, f"user:{user_id}", "user.password_chosen", user_id)

    def disable(self, user_id: int, by: str) -> str | None:
        """Let a user in no more: their sessions and tokens end now. Gives the extension that is to be logged off."""
        now = self._clock()
        with self._unit_of_work() as work:
            user = _taken(work, user_id)
            self._keep_administrator(work, user, role=user.role, active=False)
            user.active = False
            end_sessions(work, now, user_id, "disabled")
            _end_tokens(work, now, user_id)
            _note(work, now, by, "user.disabled", user_id)
            return work.scalar(select(Agent.extension).where(Agent.user_id == user_id))

    def enable(self, user_id: int, by: str) -> None:
        """Let a user in again, with the password that they had. Raises NotFound."""
        with self._unit_of_work() as work:
            _taken(work, user_id).active = True
            _note(work, self._clock(), by, "user.enabled", user_id)

    def lower_guard(self, user_id: int, by: str) -> None:
        """Let the user log in from anywhere again, whatever somebody guessed. Raises NotFound."""
        with self._unit_of_work() as work:
            user = _taken(work, user_id)
            user.failures, user.locked_until = 0, None
            _note(work, self._clock(), by, "user.unlocked", user_id)

    def log_out(self, user_id: int, by: str) -> None:
        """End all sessions of a user. Raises NotFound."""
        now = self._clock()
        with self._unit_of_work() as work:
            _taken(work, user_id)
            end_sessions(work, now, user_id, "ended")
            _note(work, now, by, "user.logged_out", user_id)

    def _keep_administrator(self, work: Session, user: User, *, role: str, active: bool) -> None:
        rows = work.execute(select(User.id, User.role, User.active)).all()
        after = policy.Standing(user.id, role, active)
        if not policy.keeps_an_administrator((policy.Standing(*row) for row in rows), after).allowed:
            raise LastAdministrator


def _view(user: User, agent: Agent | None, company: str | None, sessions: int | None, now: datetime) -> UserView:
    return UserView(
        user.id, user.login, user.name, user.role, user.company_id, company or "", agent.extension if agent else "",
        agent.skills if agent else "", user.active, user.one_time_until,
        user.locked_until if user.locked_until and user.locked_until > now else None, sessions or 0,
    )  # fmt: skip


def _check(name: str, new: NewUser) -> None:
    if not 1 <= len(name) <= 60:
        raise BadUser("name")
    verdict = policy.belongs(new.role, new.company_id, new.extension.strip() or None)
    if not verdict.allowed:
        raise BadUser(verdict.reason)
    check_skills(new.skills)


def _company(work: Session, company_id: int | None) -> None:
    if company_id is not None and work.get(Company, company_id) is None:
        raise BadUser("company_unknown")


def _taken(work: Session, user_id: int) -> User:
    user = work.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound(f"there is no user {user_id}")
    return user


def _end_tokens(work: Session, now: datetime, user_id: int) -> None:
    work.execute(update(ApiToken).where(ApiToken.user_id == user_id, ApiToken.expires_at > now).values(expires_at=now))


def _note(  # noqa: PLR0917  # Who did what to whom, and when.
    work: Session, now: datetime, by: str, action: str, user_id: int, detail: str = ""
) -> None:
    work.add(AuditEntry(at=now, actor=by, action=action, subject=f"user:{user_id}", detail=detail))
