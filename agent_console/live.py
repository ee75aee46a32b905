"""What happens now, told to browsers: server-sent events from the Redis channel of live events."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from agent_console.access import OVERSEERS, identity
from agent_console.catalogue import language_now, speaking
from agent_console.desk.offer_reasons import in_words
from agent_console.hub import Listener, LiveHub, TooManyListeners
from agent_console.identity import Identity
from agent_console.problems import problem
from agent_console.services import ConsoleServices, console_services
from agent_console.supervision.board import agent_sees, snapshot_or_none
from agent_console.texts import text
from routing.calls.messages import Message, TicketOffered

HEARTBEAT: Final = 10.0
"""Seconds of quiet before something is sent, so that proxies keep the line and dead browsers are noticed."""
LIFE: Final = 600.0
"""Seconds after which a stream ends; the browser comes back by itself, and who it is is checked anew."""

blueprint = Blueprint("live", __name__)


@blueprint.get("/live")
def stream() -> ResponseReturnValue:
    """Stream events until the browser goes. 503 with Retry-After when too many listen already."""
    services, who = console_services(), identity()
    try:
        listener = hub_of(services).listen(lambda message: _rings_here(message, who))
    except TooManyListeners:
        refused = problem(503, text("live.full"))
        refused.headers["Retry-After"] = "10"
        return refused
    events = _events(services, who, listener, language=language_now())
    response = Response(events, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(listener.close)
    return response


def _rings_here(message: Message, who: Identity) -> bool:
    """Tell whether a call is offered to the agent who looks: the caller's record is to be there as the phone rings."""
    return isinstance(message, TicketOffered) and who.extension is not None and message.extension == who.extension


def hub_of(services: ConsoleServices) -> LiveHub:
    """Give this process's hub, made at the first need: after gunicorn's fork, never before."""
    hub = current_app.extensions.setdefault("elderline-live", LiveHub(services.redis))
    assert isinstance(hub, LiveHub)  # noqa: S101  # Only this function puts anything there.
    return hub


def _events(services: ConsoleServices, who: Identity, listener: Listener, *, language: str) -> Iterator[str]:
    """First the whole picture, then each event as it comes with a new picture after it."""
    until = time.monotonic() + LIFE
    checked = time.monotonic()
    yield "retry: 2000\n\n"
    yield _picture(services, who, language)
    while time.monotonic() < until:
        batch = listener.take(HEARTBEAT)
        if batch is None:
            return  # Cut off for falling behind; the browser reconnects and gets the whole picture.
        if time.monotonic() - checked >= HEARTBEAT:
            if not _stands(services, who):
                return  # Logged out, or disabled: no stream outlives its session by more than a heartbeat.
            checked = time.monotonic()
        seen = [message for message in batch if who.role in OVERSEERS or agent_sees(message, who.extension)]
        for message in seen:
            yield _event(type(message).__name__, _shown(message, language))
        # Quiet, too, brings a new picture: what changed in Redis without an event shows within a heartbeat.
        yield ": beat\n\n" if batch and not seen else _picture(services, who, language)


def _shown(message: Message, language: str) -> dict[str, Any]:
    """An event as pages show it: the reason of an offer in their own language."""
    told = asdict(message)
    if isinstance(message, TicketOffered):
        with speaking(language):
            told["reason"] = in_words(message.reason)
    return told


def _stands(services: ConsoleServices, who: Identity) -> bool:
    try:
        return who.session_id is None or services.sessions.stands(who.session_id)
    except SQLAlchemyError:
        return True  # Nobody's board goes dark because the database is away; the next heartbeat asks again.


def _picture(services: ConsoleServices, who: Identity, language: str) -> str:
    with speaking(language):  # The request is over; its stream is not.
        snapshot = snapshot_or_none(services, who)
    return _event("trouble", {}) if snapshot is None else _event("snapshot", snapshot)


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
