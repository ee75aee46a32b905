"""Announcements by district: what supervisors see, make, record and end. Each change is audited."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.privacy import write_down
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import Invalid, NotFound
from routing.outreach.announcements import LONGEST_TEXT

blueprint = Blueprint("announcements_page", __name__, url_prefix="/supervisor/announcements")


@blueprint.get("")
def show() -> str:
    """All of them, the newest first, and the forms."""
    services = console_services()
    told = services.announcements.all()
    return render_template(
        "announcements.html", announcements=told, districts=services.announcements.districts(), now=services.clock(),
        longest=LONGEST_TEXT,
    )  # fmt: skip


@blueprint.post("")
def make() -> ResponseReturnValue:
    """Make one."""
    form, services, who = request.form, console_services(), identity()
    made = services.announcements.make(
        form.get("text", ""), form.get("district", ""), _instant("valid_from"), _instant("valid_until"), by=who.actor
    )
    return _done("announcement.made", made.id)


@blueprint.post("/<int:announcement_id>/end")
def end(announcement_id: int) -> ResponseReturnValue:
    """End one."""
    console_services().announcements.end(announcement_id, by=identity().actor)
    return _done("announcement.ended", announcement_id)


@blueprint.post("/<int:announcement_id>/recording")
def record(announcement_id: int) -> ResponseReturnValue:
    """Take a file with a human voice for one."""
    sent = request.files.get("sound")
    if sent is None:
        raise Invalid("send the recording as a file")
    console_services().announcements.record(announcement_id, sent.read())
    return _done("announcement.recorded", announcement_id)


@blueprint.get("/<int:announcement_id>/recording")
def recording(announcement_id: int) -> Response:
    """The human voice of one: announcements are public, so nobody is written down for listening."""
    path = console_services().announcements.file(announcement_id)
    if path is None:
        raise NotFound(f"there is no recording of announcement {announcement_id}")
    return send_file(path, mimetype="audio/wav", conditional=False, max_age=0)


def _done(action: str, announcement_id: int) -> ResponseReturnValue:
    write_down(console_services(), identity(), action, f"announcement:{announcement_id}", "")
    flash(text("hours.saved"))
    return redirect(url_for("announcements_page.show"))


def _instant(name: str) -> datetime:
    """Read a time of the form, on the clocks of the hotline; nothing means now. Raises Invalid."""
    given = request.form.get(name, "").strip()
    services = console_services()
    if not given:
        return services.clock()
    try:
        return datetime.fromisoformat(given).replace(tzinfo=services.settings.zone).astimezone(UTC)
    except ValueError:
        raise Invalid(text("order.due.bad")) from None
