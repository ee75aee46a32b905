"""What the gateway brings: messages (Kannel's get-url), whose query is personal data and reaches no log, and reports of
delivery (its dlr-url)."""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, request

from agent_console.problems import problem
from agent_console.services import console_services
from routing.outreach.sms.kannel import report_of

LIMIT: Final = "1000 per second"
"""From one gateway: twice the 500 replies a second that must be taken, and a bound to whoever else finds us."""

_LONGEST_TEXT = 4000  # Characters; 2,000 must pass, and a joined SMS has at most 255 parts of 67.
_NUMBER: Final = re.compile(r"\+?[0-9A-Za-z._ -]{1,40}")
_MESSAGE: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_ID: Final = re.compile(r"[\x21-\x7e]{1,80}")

blueprint = Blueprint("sms_webhook", __name__)


@blueprint.get("/sms/inbound")
def receive() -> Response:
    """Take one message. 200 with an empty body once it is stored, so that Kannel answers nothing by itself.

    The same `id` is taken once; without one, the same sender, `ts` and text (without `ts`: within an hour). 400 for
    what is no message, 401 for a wrong key, 5xx when it could not be stored: then Kannel's http-request-retry brings
    it again.
    """
    services = console_services()
    secret = services.settings.sms_inbound_secret.get_secret_value()
    if secret and not hmac.compare_digest(request.headers.get("X-Elderline-Key", "").encode(), secret.encode()):
        return problem(401, "the webhook's key is missing or wrong")
    asked = {name: request.args.get(name, "") for name in ("from", "to", "text", "ts", "id")}
    sender, stamp, given = asked["from"].strip(), asked["ts"].strip(), asked["id"]
    wrong = _wrong(sender, asked["to"].strip(), asked["text"], given)
    at = _instant(stamp) if stamp else services.clock()
    if wrong or at is None:
        return problem(400, wrong or "`ts` must be an epoch in seconds or an ISO 8601 time")
    when = stamp or f"{at:%Y-%m-%dT%H}"
    services.inbox.received(given, sender, asked["to"].strip(), asked["text"], when)
    return Response("", 200, content_type="text/plain; charset=utf-8")


@blueprint.get("/sms/report")
def report() -> Response:
    """Take a delivery report by the URL that we gave with the message; again and in any order, it does no harm.

    200 with an empty body once it is noted; 400 for what is no report, 401 for a URL that is not ours, 404 for a
    message that is not there.
    """
    services = console_services()
    message, said = request.args.get("id", ""), report_of(request.args.get("status", ""))
    if not _MESSAGE.fullmatch(message) or said is None:
        return problem(
            400, "`id` must be the number of a message, and `status` one of Kannel's: 1, 2, 4, 8, 16, 34, 66"
        )
    if not services.sms_reports.gave(message, request.args.get("key", "")):
        return problem(401, "the key of this report is missing or wrong")
    services.sms.report(int(message), said)
    return Response("", 200, content_type="text/plain; charset=utf-8")


def _wrong(sender: str, receiver: str, text: str, given: str) -> str | None:
    """Tell what is wrong with a message, in words that hold nothing of it."""
    if not _NUMBER.fullmatch(sender):
        return "`from` must be a phone number or a sender's name of at most 40 characters"
    if receiver and not _NUMBER.fullmatch(receiver):
        return "`to` must be a phone number of at most 40 characters"
    if "\x00" in text or not _is_utf8(request.query_string):
        return "`text` must be UTF-8 without NUL"
    if len(text) > _LONGEST_TEXT:
        return f"`text` may have {_LONGEST_TEXT} characters at most"
    if given and not _ID.fullmatch(given):
        return "`id` must be at most 80 printable ASCII characters"
    return None


def _is_utf8(query: bytes) -> bool:
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True


def _instant(stamp: str) -> datetime | None:
    """Read Kannel's %T (an epoch), its %t (UTC without saying so) or an ISO 8601 time."""
    try:
        if stamp.isascii() and stamp.isdigit():
            return datetime.fromtimestamp(int(stamp), UTC)
        at = datetime.fromisoformat(stamp)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
