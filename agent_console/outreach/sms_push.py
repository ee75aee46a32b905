"""Messages that a gateway pushes as JSON: an array of them, answered with ``{"code": 0}`` when we have them all."""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, Response, request

from agent_console.services import ConsoleServices, console_services
from routing.outreach.sms.received import Came

LIMIT: Final = "1000 per second"
MOST: Final = 1000
"""Messages of one push. What is more is told with a code, and nothing of it is taken."""
UNREADABLE, FAILED = 1, 2
"""Codes: the push is no JSON of messages; we could not keep some of them, so that all of it should come again."""

_NUMBER: Final = re.compile(r"\+?[0-9A-Za-z._ -]{1,40}")
_ID: Final = re.compile(r"[\x21-\x7e]{1,60}")
_FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")
_MILLISECONDS: Final = 10**11
"""An epoch beyond this is in milliseconds: in seconds it would be in the year 5138."""

log = structlog.get_logger(__name__)
blueprint = Blueprint("sms_push", __name__)


class Unreadable(Exception):
    """One message cannot be read; the text says why and holds nothing of it."""


@dataclass(frozen=True)
class Pushed:
    """One message of a push."""

    number: str = field(repr=False)
    text: str = field(repr=False)
    to: str
    at: datetime | None
    id: str


@blueprint.post("/sms/push")
def push() -> Response:
    """Take a push: some fifty messages in one transaction, each once per `sequence_id` and number.

    200 and ``{"code": 0}`` when every message is kept or can never be read (`refused` says which and why); 503 and a
    code that is not 0 when we failed on one, so that it is pushed again; 400 and 401 as everywhere.
    """
    services = console_services()
    secret = services.settings.sms_inbound_secret.get_secret_value()
    if secret and not hmac.compare_digest(request.headers.get("X-Elderline-Key", "").encode(), secret.encode()):
        return _answer(401, UNREADABLE, "the web hook's key is missing or wrong")
    try:
        messages = _messages(request.get_data(cache=False))
    except Unreadable as error:
        return _answer(400, UNREADABLE, str(error))
    refused: list[dict[str, Any]] = []
    came = dict[int, Came]()
    for at, each in enumerate(messages):
        try:
            came[at] = _came(services, read(each, services.settings.zone))
        except Unreadable as error:
            log.warning("sms.push_unreadable", at=at, why=str(error))
            refused.append({"index": at, "reason": str(error)})
    failed = 0
    for at, outcome in zip(came, services.inbox.received_all(list(came.values())), strict=True):
        if isinstance(outcome, Exception):  # It must not cost the others; the gateway comes again.
            log.error("sms.push_failed", at=at, error=type(outcome).__name__)
            failed += 1
    if failed:
        return _answer(503, FAILED, f"{failed} of {len(messages)} could not be kept: push again", refused)
    return _answer(200, 0, "ok", refused)


def read(message: Any, zone: ZoneInfo) -> Pushed:
    """Read one message, whatever types its values have. Raises Unreadable."""
    if not isinstance(message, dict):
        raise Unreadable("a message is an object")
    number = _word(message.get("phone_number"), "phone_number").strip()
    if not _NUMBER.fullmatch(number):
        raise Unreadable("`phone_number` must be a phone number of at most 40 characters")
    to = _word(message.get("dest_code"), "dest_code").strip()
    if to and not _NUMBER.fullmatch(to):
        raise Unreadable("`dest_code` must be a number of at most 40 characters")
    given = _word(message.get("sequence_id"), "sequence_id").strip()
    if given and not _ID.fullmatch(given):
        raise Unreadable("`sequence_id` must be at most 60 printable ASCII characters")
    text = _word(message.get("content"), "content")
    # Half an emoji, escaped on its own, is no Unicode, and no database takes it.
    text = text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
    return Pushed(number, text, to, instant(message.get("send_time"), zone), given)


def instant(value: Any, zone: ZoneInfo) -> datetime | None:
    """Read a time: an epoch in seconds or milliseconds, ISO 8601, or one of the usual forms of `zone`. None: unknown,
    which is no reason to lose the message."""
    try:
        word = _word(value, "send_time").strip()
    except Unreadable:
        return None
    forms: tuple[str, ...] = _FORMS
    if re.fullmatch(r"[0-9]{9,11}|[0-9]{13}", word):
        epoch = int(word)
        return datetime.fromtimestamp(epoch / 1000 if epoch > _MILLISECONDS else epoch, UTC)
    if re.fullmatch(r"[0-9]{12}|[0-9]{14}", word):
        century = "%Y" if len(word) == 14 or word.startswith("20") else "%y"
        forms = (f"{century}%m%d%H%M" + ("%S" if len(word) == 14 or century == "%y" else ""),)
    for form in forms:
        try:
            return datetime.strptime(word, form).replace(tzinfo=zone)
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _messages(body: bytes) -> list[Any]:
    try:
        pushed = json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Unreadable("the body must be JSON in UTF-8: an array of messages") from None
    messages = pushed if isinstance(pushed, list) else [pushed]
    if len(messages) > MOST:
        raise Unreadable(f"a push may hold {MOST} messages at most")
    if not all(isinstance(each, dict) for each in messages) and not isinstance(pushed, list):
        raise Unreadable("the body must be JSON in UTF-8: an array of messages")
    return messages


def _word(value: Any, name: str) -> str:
    """Write a value as text: a number without exponent or a needless fraction, null as nothing. Raises Unreadable."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > 40:
            raise Unreadable(f"`{name}` is no number that anybody has")
        return f"{int(value)}" if value == value.to_integral_value() else f"{value.normalize():f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Unreadable(f"`{name}` must be text or a number")


def _came(services: ConsoleServices, pushed: Pushed) -> Came:
    # Two numbers may come with one id, when a gateway counts anew; the number's index tells them apart.
    mark = services.cipher.number_index(pushed.number).hex()[:8]
    carrier_id = f"push-{pushed.id}-{mark}" if pushed.id else ""
    at = pushed.at or services.clock()
    stamp = at.isoformat() if pushed.at else f"{at:%Y-%m-%dT%H}"
    return Came(carrier_id, pushed.number, pushed.to, pushed.text, stamp)


def _answer(status: int, code: int, message: str, refused: list[dict[str, Any]] | None = None) -> Response:
    body: dict[str, Any] = {"code": code, "message": message}
    if refused:
        body["refused"] = refused
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json")
