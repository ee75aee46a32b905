"""Logging in and out, and choosing one's own password. The rules are in routing.staff (docs/security.md)."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.identity import begin_session, end_session, session_identity
from agent_console.services import console_services
from agent_console.texts import text, word
from routing.staff.errors import BadPassword
from routing.staff.policy import LONGEST, SHORTEST

LIMIT: Final = "30 per minute; 300 per hour"
"""Attempts from one address, at whatever accounts."""

_LONGEST_LOGIN: Final = 60

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
def show() -> ResponseReturnValue:
    """Show the form, or go home for those who are logged in."""
    if session_identity(console_services()) is not None:
        return redirect(url_for("home.show"))
    return render_template("login.html", next=inside(request.args.get("next", "")), failed=False)


@blueprint.post("/login")
def submit() -> ResponseReturnValue:
    """Check the password; on success go where the user wanted to go."""
    name, password = request.form.get("login", "").replace("\0", "").strip(), request.form.get("password", "")
    target = inside(request.form.get("next", ""))
    let_in = console_services().log_in.enter(name[:_LONGEST_LOGIN].lower(), password, request.remote_addr or "")
    if let_in is None:
        return render_template("login.html", next=target, failed=True), 401
    begin_session(let_in.key)
    return redirect(target or url_for("home.show"))


@blueprint.post("/logout")
def leave() -> ResponseReturnValue:
    """Log out."""
    end_session(console_services())
    return redirect(url_for("login.show"))


@blueprint.get("/password")
def password() -> str:
    """The form for a password of one's own."""
    return _password_form()


@blueprint.post("/password")
def choose_password() -> ResponseReturnValue:
    """Take the password that somebody chose; wherever else they are logged in, they are no more."""
    who, form = identity(), request.form
    if who.user_id is None or who.session_id is None:
        raise BadPassword("present")
    wanted = form.get("wanted", "")
    if wanted != form.get("again", ""):
        return _password_form("again"), 422
    try:
        console_services().users.choose_password(
            who.user_id, form.get("present", ""), wanted, session_id=who.session_id
        )
    except BadPassword as refused:
        return _password_form(refused.reason), 422
    flash(text("password.chosen"))
    return redirect(url_for("home.show"))


def inside(target: str) -> str:
    """Give the address if it is one of ours, or nothing: a log-in leads to no other site.

    Browsers take a backslash for a slash, and pass over tabs and line ends within an address.
    """
    ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if ours and not any(each <= " " or each in "\\\x7f" for each in target) else ""


def _password_form(wrong: str = "") -> str:
    return render_template(
        "password.html", wrong=word("bad_password", wrong) if wrong else "", shortest=SHORTEST, longest=LONGEST,
        must=identity().must_change,
    )  # fmt: skip
