"""The work list: what callers left recorded, until a person has called back and says what became of it.

Messages are call-backs that are owed; complaints and registrations are cases. Here they are one list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.privacy import Lens, audit, audit_list, write_down
from agent_console.services import ConsoleServices, console_services
from agent_console.texts import text
from routing.errors import NotFound
from routing.orders.recorded_cases import RecordedCase
from routing.orders.voice_notes import KINDS
from routing.outreach.messages import LeftMessage

MESSAGE = "message"
_LONGEST_OUTCOME = 2_000  # Characters.

blueprint = Blueprint("worklist", __name__, url_prefix="/desk/messages")


@dataclass(frozen=True)
class Left:
    """One of them as the page shows it; `listen` is empty where nothing was recorded, or the file is not here."""

    name: str
    kind: str
    left_at: datetime
    due_at: datetime | None
    number: str | None
    elder_id: int | None
    order_id: int | None
    call_id: str | None
    listen: str
    close: str


@blueprint.get("")
def show() -> str:
    """All that nobody has closed, the oldest first; with `kind`, of one kind."""
    services, who = console_services(), identity()
    kind = request.args.get("kind", "")
    kinds = [each for each in (MESSAGE, *KINDS) if kind in ("", each)]
    messages = services.messages.open() if MESSAGE in kinds else ()
    cases = services.recorded_cases.open(kinds)
    left = sorted(_all(services, messages, cases), key=lambda each: each.left_at)
    subjects = [f"callback:{each.id}" for each in messages] + [f"case:{each.id}" for each in cases]
    audit_list(services, who, "message.listed", subjects)
    return render_template(
        "messages.html",
        left=left,
        kind=kind,
        kinds=("", MESSAGE, *KINDS),
        now=services.clock(),
        lens=Lens(who),
        who=who,
    )


def _all(services: ConsoleServices, messages: Sequence[LeftMessage], cases: Sequence[RecordedCase]) -> list[Left]:
    return [
        Left(
            f"message-{each.id}", MESSAGE, each.left_at, each.due_at, each.number or None, each.elder_id, None,
            each.call_id or None,
            url_for("worklist.recording", callback_id=each.id) if services.messages.recording(each.call_id) else "",
            url_for("worklist.close", callback_id=each.id),
        )
        for each in messages
    ] + [
        Left(
            f"case-{each.id}", each.kind, each.opened_at, each.due_at, each.number, each.elder_id, each.order_id,
            each.call_id,
            url_for("worklist.case_recording", case_id=each.id) if services.recorded_cases.file(each) else "",
            url_for("worklist.close_case", case_id=each.id),
        )
        for each in cases
    ]  # fmt: skip


@blueprint.get("/<int:callback_id>/recording")
def recording(callback_id: int) -> Response:
    """What was said in a message. Whoever listens is written down first."""
    services = console_services()
    left = services.messages.get(callback_id)
    return _sound(services.messages.recording(left.call_id), "message.heard", f"callback:{callback_id}")


@blueprint.get("/cases/<int:case_id>/recording")
def case_recording(case_id: int) -> Response:
    """What was said in a complaint or a registration. Whoever listens is written down first."""
    services = console_services()
    case = services.recorded_cases.get(case_id)
    return _sound(services.recorded_cases.file(case), "case.heard", f"case:{case_id}")


def _sound(path: Path | None, action: str, subject: str) -> Response:
    if path is None:
        raise NotFound(f"there is no recording of {subject}")
    audit(console_services(), identity(), action, subject)
    return send_file(path, mimetype="audio/wav", conditional=False, max_age=0)


@blueprint.post("/<int:callback_id>/close")
def close(callback_id: int) -> ResponseReturnValue:
    """Close a message with what became of it."""
    services, who = console_services(), identity()
    services.messages.close(callback_id, request.form.get("outcome", ""), who.actor)
    return _closed("message.closed", f"callback:{callback_id}")


@blueprint.post("/cases/<int:case_id>/close")
def close_case(case_id: int) -> ResponseReturnValue:
    """Close a complaint or a registration with what became of it; cases of other kinds are the supervisors'."""
    services, who = console_services(), identity()
    services.recorded_cases.get(case_id)
    outcome = request.form.get("outcome", "")[:_LONGEST_OUTCOME]
    services.cases.close(case_id, outcome, who.user_id, who.actor, result=request.form.get("result", ""))
    return _closed("case.closed", f"case:{case_id}")


def _closed(action: str, subject: str) -> ResponseReturnValue:
    write_down(console_services(), identity(), action, subject, "")
    flash(text("message.closed"))
    return redirect(url_for("worklist.show", kind=request.args.get("kind") or None))
