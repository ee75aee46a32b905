"""Logging in: Argon2, a lock after five failures, and one answer to everything that does not fit."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update

from agent_console.identity import begin_session, end_session, session_identity
from agent_console.services import ConsoleServices, console_services
from db.models import AuditEntry, User

LIMIT: Final = "30 per minute"
"""Attempts from one address; the lock of each account comes on top."""

_FAILURES = 5
_LOCK = timedelta(minutes=15)
_LONGEST_PASSWORD = 200  # Characters; Argon2 would chew on a megabyte for as long as somebody sends one.

blueprint = Blueprint("login", __name__)
hasher = PasswordHasher()  # RFC 9106's second recommendation, the library's default.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$9sVoqtRALe7efJU60tbeqw$7yQ4tf1stCs8l+qLE/IcQrHc8c0o5E5hRFNwgQnOjCw"
"""Checked for log-ins that do not exist, so that they take as long as those that do."""


@blueprint.get("/login")
def show() -> ResponseReturnValue:
    """Show the form, or go home for those who are logged in."""
    if session_identity(console_services()) is not None:
        return redirect(url_for("home.show"))
    return render_template("login.html", next=request.args.get("next", ""), failed=False)


@blueprint.post("/login")
def submit() -> ResponseReturnValue:
    """Check the password; on success go where the user wanted to go."""
    name, password = request.form.get("login", "").replace("\0", "").strip(), request.form.get("password", "")
    target = request.form.get("next", "")
    user = _check(console_services(), name[:60], password[:_LONGEST_PASSWORD])
    if user is None:
        return render_template("login.html", next=target, failed=True), 401
    begin_session(user)
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return redirect(target if inside else url_for("home.show"))


@blueprint.post("/logout")
def leave() -> ResponseReturnValue:
    """Log out."""
    end_session()
    return redirect(url_for("login.show"))


def _check(services: ConsoleServices, name: str, password: str) -> User | None:
    """Give the user if login and password fit and the account is neither locked nor inactive; count failures.

    The slow hash is computed between two units of work, so that no lock of the database is held meanwhile.
    """
    with services.reading() as work:
        known = work.scalar(select(User).where(User.login == name))
    fits = _fits(known.password_hash if known else _NOBODY, password)
    if known is None:
        return None
    now = services.clock()
    with services.unit_of_work() as work:
        # Counting first takes the write lock: of many guesses at once, none goes uncounted.
        work.execute(update(User).where(User.id == known.id).values(failures=User.failures + 1))
        user = work.get_one(User, known.id, populate_existing=True)
        if not user.active or (user.locked_until is not None and user.locked_until > now):
            return None  # Even the right password waits, so that guessing on gains nothing.
        actor = f"user:{user.id}"
        if fits and user.failures <= _FAILURES:
            user.failures, user.locked_until = 0, None
            work.add(AuditEntry(at=now, actor=actor, action="login", subject=actor))
            return user
        if user.failures >= _FAILURES:
            user.failures, user.locked_until = 0, now + _LOCK
            work.add(AuditEntry(at=now, actor=actor, action="login.locked", subject=actor))
        return None


def _fits(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
