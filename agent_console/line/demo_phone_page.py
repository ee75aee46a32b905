"""A telephone with large keys in a page, for newcomers and training: it calls the hotline as an invented person.

Outside the development profile there are no such telephones, and the guard says that there is no such page.
"""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.browser_policy import allow_connection
from agent_console.privacy import write_down
from agent_console.services import console_services
from routing.calls.demo_phones import DIALLED, demo_phones
from routing.settings import Settings

blueprint = Blueprint("demo_phone_page", __name__, url_prefix="/phone")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Show the telephone; the page may talk to Asterisk's WebSocket and to nobody else."""
    settings = console_services().settings
    page = render_template("demo_phone.html", people=demo_phones(settings), lines=_lines(settings))
    return allow_connection(make_response(page), settings.browser_phones)


@blueprint.post("/account")
def account() -> ResponseReturnValue:
    """Give the SIP account of one of the invented people. 404 for a code that is none of theirs."""
    services, code = console_services(), request.form.get("person", "")
    phone = next((each for each in demo_phones(services.settings) if each.code == code), None)
    if phone is None:
        abort(404)
    write_down(services, identity(), "demo.phone", f"demo:{phone.code}", "")
    host = services.settings.bind_address
    return jsonify(
        user=phone.user, uri=f"sip:{phone.user}@{host}", password=phone.secret,
        websocket=services.settings.browser_phones,
        lines={name: f"sip:{DIALLED.format(did=did)}@{host}" for name, did in _lines(services.settings).items()},
    )  # fmt: skip


def _lines(settings: Settings) -> dict[str, str]:
    return {
        "hotline": settings.did_hotline, "sos": settings.did_sos,
        "visits": settings.did_visits, "companies": settings.did_companies,
    }  # fmt: skip
