"""Who is asking: the user of a session cookie or the holder of a bearer token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from flask import g, request, session
from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_console.roles import SEES
from agent_console.services import ConsoleServices
from db.models import Agent, ApiToken, User

BY_THEMSELVES: Final = frozenset(
    {
        "live.stream", "big_board.stream", "big_board.today", "sos_page.standing", "sos_page.now",
        "bulletin_board.standing", "talks_page.now",
    }
)  # fmt: skip
"""What pages ask again and again without a person: it keeps no session alive."""
_KEY = "session"
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
    company_id: int | None = None
    """Of a company's user: the only company that they see anything of."""
    session_id: int | None = None
    must_change: bool = False
    """The password was given by somebody else: nothing but choosing another is open."""

    @property
    def sees_personal_data(self) -> bool:
        """Auditors check what was done, not who is ill: names and numbers are masked for them."""
        return bool(SEES.get(self.role))


def identity() -> Identity:
    """Give who is asking. Only for views behind the guard."""
    who: Identity = g.identity
    return who


def begin_session(key: str) -> None:
    """Give the browser the key of a session; whatever was in its cookie before goes, so that no session is fixed."""
    session.clear()
    session.permanent = True
    session[_KEY] = key


def end_session(services: ConsoleServices) -> None:
    """Forget who the browser was, here and in the database: a copy of its cookie opens nothing any more."""
    key = session.get(_KEY)
    session.clear()
    found = services.sessions.find(key, by_person=False) if isinstance(key, str) else None
    if found is not None:
        services.sessions.end(found.session_id, "left")


def session_identity(services: ConsoleServices) -> Identity | None:
    """Find the user of the session cookie; none if the session is over or was ended, or the user is disabled.

    What pages ask by themselves does not count as somebody being there.
    """
    key = session.get(_KEY)
    if not isinstance(key, str):
        return None
    found = services.sessions.find(key, by_person=request.endpoint not in BY_THEMSELVES)
    if found is None:
        return None
    return Identity(
        f"user:{found.user_id}", found.name, found.role, found.user_id, found.extension, found.company_id,
        found.session_id, found.must_change,
    )  # fmt: skip


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
        extension, company_id = None, None
        if row.user_id is not None:
            user = work.get(User, row.user_id)
            if user is None or not user.active:
                return None
            extension, company_id = _extension(work, user.id), user.company_id
        return Identity(f"token:{row.id}", row.label, row.role, row.user_id, extension, company_id)


def _extension(work: Session, user_id: int) -> str | None:
    return work.scalar(select(Agent.extension).where(Agent.user_id == user_id, Agent.active.is_(True)))
