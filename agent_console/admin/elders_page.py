"""An elder's record as a form: a new one, and one that is changed. Numbers and names stand in no address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.admin.elder_form import Texts, entered, with_room, written
from agent_console.languages import language
from agent_console.photos import photo_in_record
from agent_console.privacy import audit
from agent_console.services import console_services
from agent_console.texts import text
from routing.elders.entry import KINDS, WORDS, BadEntry
from routing.elders.register import MERGED, ChangedMeanwhile, CodeTaken
from routing.errors import Invalid
from routing.outreach.wellbeing.enrolments import RestsThen

blueprint = Blueprint("elders_page", __name__, url_prefix="/elders")


@blueprint.get("/new")
def blank() -> ResponseReturnValue:
    """An empty form."""
    return _form(None, entered({"payer_class": "self_paid"}))


@blueprint.post("/new")
def add() -> ResponseReturnValue:
    """Register an elder."""
    register, texts = console_services().elder_register, entered(request.form)
    try:
        elder_id = register.create(texts["code"], register.read(texts), identity().actor)
    except BadEntry as wrong:
        return _form(None, texts, faults=_said(wrong), status=422)
    except CodeTaken as taken:
        return _form(None, texts, faults=_taken(taken), status=409)
    flash(text("elder.added"))
    return redirect(url_for("elders_page.show", elder_id=elder_id))


@blueprint.get("/<int:elder_id>")
def show(elder_id: int) -> ResponseReturnValue:
    """A record as a form. The look is in the audit."""
    return form_of(elder_id)


def form_of(elder_id: int, *, photo_fault: str = "", status: int = 200) -> ResponseReturnValue:
    """A record as it stands, and what is wrong with a photo that was handed over. Raises NotFound."""
    services = console_services()
    elder, entry, seen = services.elder_register.find(elder_id)
    audit(services, identity(), "elder.record", f"elder:{elder_id}")
    return _form(
        elder_id, written(entry, elder.code), seen=seen, state=elder.state, photo_fault=photo_fault, status=status
    )


@blueprint.post("/<int:elder_id>")
def change(elder_id: int) -> ResponseReturnValue:
    """Take the record; what somebody else changed meanwhile is shown first, and nothing is written over it."""
    register, texts = console_services().elder_register, entered(request.form)
    elder, stands, _ = register.find(elder_id)
    texts["code"], seen = elder.code, _seen(request.form.get("seen", ""))
    try:
        entry = register.read(texts, stands.values["payer_class"])
        changed = register.change(elder_id, entry, seen, identity().actor)
    except BadEntry as wrong:
        return _form(elder_id, texts, seen=seen, state=elder.state, faults=_said(wrong), status=422)
    except CodeTaken as taken:
        return _form(elder_id, texts, seen=seen, state=elder.state, faults=_taken(taken), status=409)
    except RestsThen:
        faults = {"rest": text("elder.rests_then")}
        return _form(elder_id, texts, seen=seen, state=elder.state, faults=faults, status=422)
    except ChangedMeanwhile as other:
        # What this person left alone takes what stands; what both changed stays as entered, beside what stands.
        shown, now = written(entry, elder.code), written(other.now)
        both = [name for name in other.fields if not register.untouched(name, entry, seen)]
        for name in set(other.fields) - set(both):
            shown[name] = now[name]
        return _form(
            elder_id, shown, seen=other.seen, state=elder.state, meanwhile=other.fields,
            both={name: now[name] for name in both}, status=409,
        )  # fmt: skip
    flash(text("elder.saved") if changed else text("elder.unchanged"))
    return redirect(url_for("elders_page.show", elder_id=elder_id))


def _form(
    elder_id: int | None, texts: Texts, *, seen: Mapping[str, str] | None = None, state: str = "active",
    faults: Mapping[str, str] | None = None, meanwhile: tuple[str, ...] = (), both: Mapping[str, Any] | None = None,
    photo_fault: str = "", status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    services = console_services()
    register = services.elder_register
    classes = register.classes()
    if texts["payer_class"]:
        classes.setdefault(texts["payer_class"], texts["payer_class"])
    page = render_template(
        "elder.html", elder_id=elder_id, given=with_room(texts), seen=json.dumps(dict(seen or {})), state=state,
        merged=state == MERGED, faults=faults or {}, meanwhile=meanwhile, both=both or {}, classes=classes, kinds=KINDS,
        words=WORDS, household=register.household(elder_id) if elder_id is not None else (),
        photo=photo_in_record(services, identity(), elder_id) if elder_id is not None else None,
        photo_fault=photo_fault,
    )  # fmt: skip
    return page, status


def _taken(taken: CodeTaken) -> dict[str, str]:
    return {taken.field: text("elder.taken", code=taken.other)}


def _said(wrong: BadEntry) -> dict[str, str]:
    return {name: fault.reason(language()) for name, fault in wrong.faults.items()}


def _seen(told: str) -> dict[str, str]:
    """Read what the form was made of. Raises Invalid for a form that is not ours."""
    try:
        found = json.loads(told)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(text("elder.form.bad"))
    return {str(name): str(value) for name, value in found.items()}
