"""The large screen on the wall: who waits, how today goes, where each agent stands, today against the usual day."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from agent_console.access import identity
from agent_console.hub import TooManyListeners
from agent_console.live import hub_of
from agent_console.problems import problem
from agent_console.services import ConsoleServices, console_services, follow_settings
from agent_console.supervision.board_feed import BoardFeed
from agent_console.supervision.board_picture import Artist, limits_of
from agent_console.texts import text, word
from routing.calls.messages import AgentState, CallerClass
from routing.orders.policy import OrderState
from routing.wallboard.counting import HALF_HOURS
from routing.wallboard.policy import ENOUGH_DAYS, WEEKS

LIFE: Final = 600.0
"""Seconds after which a stream ends; the browser comes back by itself, and who it is is checked anew."""
_CHECK: Final = 10.0

blueprint = Blueprint("big_board", __name__, url_prefix="/board")


@blueprint.get("")
def show() -> str:
    """The page; all its figures come by the stream."""
    words = {
        "state": {each.value: word("agent", each.value) for each in AgentState},
        "class": {each.value: word("class", each.value) for each in CallerClass},
        "order": {each.value: word("order", each.value) for each in OrderState},
        "level": {level: word("board_level", level) for level in ("calm", "warn", "alarm")},
        "stale": text("board.stale"), "counted": text("board.counted_at"), "usual": text("board.usual"),
        "today": text("board.today"), "unusual": text("board.no_usual", days=ENOUGH_DAYS),
        "sound_on": text("board.sound_on"), "sound_off": text("board.sound_off"),
    }  # fmt: skip
    return render_template("board.html", words=words, limits=limits_of(console_services().settings))


@blueprint.get("/live")
def stream() -> ResponseReturnValue:
    """Stream pictures until the browser goes. 503 with Retry-After when too many screens look already."""
    services, who = console_services(), identity()
    try:
        lines, leave = feed_of(services).follow(_while_allowed(services, who.session_id))
    except TooManyListeners:
        refused = problem(503, text("live.full"))
        refused.headers["Retry-After"] = "10"
        return refused
    response = Response(lines, content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(leave)
    return response


@blueprint.get("/today")
def today() -> Response:
    """Today by half hour against what is usual on this weekday, over the last weeks."""
    told = console_services().board_counts.today()
    return jsonify(
        day=told.day.isoformat(), now=told.now, half_hours=HALF_HOURS, calls=told.calls, days=told.usual.days,
        weeks=WEEKS, known=told.usual.known, usual=told.usual.middle, least=told.usual.least, most=told.usual.most,
    )  # fmt: skip


def feed_of(services: ConsoleServices) -> BoardFeed:
    """Give this process's feed, made at the first need: after gunicorn's fork, never before."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # The thread needs the application itself.
    feed = app.extensions.get("elderline-board")
    if feed is None:
        made = BoardFeed(hub_of(services), Artist(_services_now), app.app_context)
        feed = app.extensions.setdefault("elderline-board", made)
    assert isinstance(feed, BoardFeed)  # noqa: S101  # Only this function puts anything there.
    return feed


def _services_now() -> ConsoleServices:
    follow_settings()
    return console_services()


def _while_allowed(services: ConsoleServices, session_id: int | None) -> Callable[[], bool]:
    until, looked = time.monotonic() + LIFE, [time.monotonic()]

    def goes_on() -> bool:
        now = time.monotonic()
        if now - looked[0] >= _CHECK:
            looked[0] = now
            try:
                if session_id is not None and not services.sessions.stands(session_id):
                    return False  # Logged out, or disabled.
            except SQLAlchemyError:
                return True  # No board goes dark because the database is away.
        return now < until

    return goes_on
