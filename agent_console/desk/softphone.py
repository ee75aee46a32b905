"""The telephone in the agent's page: its account, which nobody but the agent's own session is given."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.privacy import write_down
from agent_console.services import console_services
from db.models import Agent

blueprint = Blueprint("softphone", __name__, url_prefix="/desk/phone")


@blueprint.post("")
def account() -> ResponseReturnValue:
    """Give the SIP account of whoever asks; there is no way to name somebody else's. 404 without an extension.

    A POST: the form's token keeps other sites out, and the answer is kept in no cache (`_headers` of the application
    says no-store). Each look is on record.
    """
    services, who = console_services(), identity()
    if who.extension is None:
        abort(404)
    with services.reading() as work:
        agent = work.get(Agent, who.extension)
        secret = agent.sip_secret if agent else None
    if secret is None:
        abort(404)
    write_down(services, who, "agent.phone", f"agent:{who.extension}", "")
    user = f"{who.extension}-web"
    return jsonify(
        user=user,
        uri=f"sip:{user}@{services.settings.bind_address}",
        password=secret,
        websocket=services.settings.browser_phones,
    )
