"""Register a caller whom nobody knows, while they are on the line: the few fields that an order or an SOS needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update

from agent_console.access import identity
from agent_console.desk.record import CallInHand, Found, call_in_hand, found_by
from agent_console.languages import language
from agent_console.privacy import audit_list
from agent_console.services import ConsoleServices, console_services
from agent_console.texts import text
from db.models import CallRecord, Case, Elder
from routing.elders.entry import BadEntry
from routing.numbers import as_dialled

FIELDS = ("name", "sex", "birth_date", "phone", "address", "district", "health_notes")
"""What is asked for; all else is filled in later, on the record's own page."""

_MOBILE: Final = re.compile(r"(\+?86)?1\d{10}")

blueprint = Blueprint("register_form", __name__, url_prefix="/desk/elders")


@blueprint.post("")
def add() -> ResponseReturnValue:
    """Register, and show the record. Whoever has the same name is shown first: a second yes registers all the same."""
    services, who, form = console_services(), identity(), request.form
    call = call_in_hand(services, who, form.get("call") or None)
    given = {name: form.get(name, "").strip() for name in FIELDS}
    register = services.elder_register
    try:
        phone = {"number": given["phone"], "kind": "mobile" if _MOBILE.fullmatch(given["phone"]) else "home"}
        entry = register.read({**given, "payer_class": "self_paid", "phones": [phone]})
    except BadEntry as wrong:
        # There is one telephone: its row's fault, and the lack of any, are said beside the same field.
        beside = {"phones": "phone", "phone-0": "phone", "phone-1": "phone"}
        faults = {beside.get(name, name): fault.reason(language()) for name, fault in reversed(wrong.faults.items())}
        return _again(call, given, faults=faults)
    same = _namesakes(services, given["name"])
    if same and form.get("sure") != "1":
        audit_list(services, who, "elder.found", [f"elder:{each.id}" for each in same])
        return _again(call, given, same=same)
    elder_id = register.create("", entry, who.actor)
    if call.call_id:
        _now_known(services, call.call_id, elder_id)
    flash(text("register.done"))
    return redirect(url_for("desk.record", elder=elder_id, call=call.call_id), 303)


def _now_known(services: ConsoleServices, call_id: str, elder_id: int) -> None:
    """Tie the call, and the case that it opened, to whoever it turned out to be; one that is tied stays so."""
    with services.unit_of_work() as work:
        work.execute(
            update(CallRecord).where(CallRecord.id == call_id, CallRecord.elder_id.is_(None)).values(elder_id=elder_id)
        )
        mine = (Case.call_id == call_id, Case.state == "open", Case.elder_id.is_(None))
        work.execute(update(Case).where(*mine).values(elder_id=elder_id))


def prefilled(call: CallInHand) -> dict[str, str]:
    """Give what is known of whoever calls: the number."""
    country = console_services().settings.country
    return dict.fromkeys(FIELDS, "") | {"phone": as_dialled(call.number, country) if call.number else ""}


def _again(
    call: CallInHand, given: dict[str, str], *, faults: dict[str, str] | None = None, same: Sequence[Found] = ()
) -> str:
    return render_template("_register.html", call=call, given=given, faults=faults or {}, same=same, alone=True)


def _namesakes(services: ConsoleServices, name: str) -> Sequence[Found]:
    if not name:
        abort(422)  # Read before: there is no entry without a name.
    with services.reading() as work:
        index = services.cipher.name_index(name)
        ids = work.scalars(select(Elder.id).where(Elder.name_index == index, Elder.state == "active").limit(5)).all()
        return found_by(services, work, Elder.id.in_(ids))
