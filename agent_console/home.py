"""The first page after the log-in: each role goes to its own."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import OVERSEERS, identity
from agent_console.roles import COMPANIES

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Send agents to the desk and those who oversee to the wallboard."""
    role = identity().role
    if role == "agent":
        return redirect(url_for("desk.show"))
    if role in OVERSEERS:
        return redirect(url_for("supervision.wallboard"))
    if role in COMPANIES:
        return redirect(url_for("company_portal.orders"))
    return render_template("home.html")
