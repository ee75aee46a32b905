"""Who is asking: the user of a session cookie or the holder of a bearer token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import request, session
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_console.services import ConsoleServices
from db.models import Agent, ApiToken, User

_USER, _PROOF = "user", "proof"
_LONGEST_TOKEN = 200


@dataclass(frozen=True)
class Identity:
    """A user or a token, as views and the audit know it. `extension` is set for users who have a telephone account."""

    actor: str
    """As user:2 or token:5."""
    name: str
    role: str
    user_id: int | None = None
    extension: str | None = None

    @property
    def sees_personal_data(self) -> bool:
        """Auditors check what was done, not who is ill: names and numbers are masked for them."""
        return self.role in {"agent", "supervisor", "administrator"}


def begin_session(user: User) -> None:
    """Make the browser's session that of `user`; whatever was in it before goes, so that no session is fixed."""
    session.clear()
    session.permanent = True
    session[_USER] = user.id
    session[_PROOF] = _proof(user)


def end_session() -> None:
    """Forget who the browser was."""
    session.clear()


def session_identity(services: ConsoleServices) -> Identity | None:
    """Find the user of the session cookie; none if inactive, or if the password changed since the log-in."""
    user_id = session.get(_USER)
    if not isinstance(user_id, int):
        return None
    with services.reading() as work:
        user = work.get(User, user_id)
        if user is None or not user.active or session.get(_PROOF) != _proof(user):
            return None
        return Identity(f"user:{user.id}", user.name, user.role, user.id, _extension(work, user.id))


def bearer_identity(services: ConsoleServices) -> Identity | None:
    """Find the holder of the bearer token; none if unknown, expired or of an inactive user."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
        return None
    hashed = hashlib.sha256(token.encode()).hexdigest()
    with services.reading() as work:
        row = work.scalar(select(ApiToken).where(ApiToken.token_hash == hashed))
        if row is None or row.expires_at <= services.clock():
            return None
        extension = None
        if row.user_id is not None:
            user = work.get(User, row.user_id)
            if user is None or not user.active:
                return None
            extension = _extension(work, user.id)
        return Identity(f"token:{row.id}", row.label, row.role, row.user_id, extension)


def _extension(work: Session, user_id: int) -> str | None:
    return work.scalar(select(Agent.extension).where(Agent.user_id == user_id, Agent.active.is_(True)))


def _proof(user: User) -> str:
    """Tie a session to the password it was opened with, without storing anything of the password."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]
