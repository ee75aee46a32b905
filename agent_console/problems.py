"""Errors at the edge: RFC 9457 problem documents for machines, a plain page for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Flask, Response, current_app, render_template, request
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from agent_console.catalogue import CHINESE, language_now
from agent_console.orders.plan_reasons import refusal_of_plan
from agent_console.orders.refusals import refusal_in_words
from agent_console.sentences import in_words
from agent_console.texts import words
from routing.errors import Conflict, DomainError, Invalid, NotFound

_STATUS: Final[tuple[tuple[type[DomainError], int], ...]] = ((NotFound, 404), (Conflict, 409), (Invalid, 422))
"""The one table that turns a domain error into a status; any other domain error is a 400."""

_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_MACHINES: Final = ("/api/", "/sms/", "/healthz", "/metrics", "/live")


def wants_problem() -> bool:
    """Tell whether a machine asks: by the path, or by a page's script that asked for JSON."""
    return request.path.startswith(_MACHINES) or request.headers.get("X-Requested-With") == "fetch"


def problem(status: int, detail: str, *, kind: str = "about:blank", **more: Any) -> Response:
    """Write a problem document. `kind` is its type; members in `more` extend it (RFC 9457, section 3.2).

    The instance is the path alone: queries may hold personal data.
    """
    title = HTTPStatus(status).phrase
    body = {"type": kind, "title": title, "status": status, "detail": detail, "instance": request.path, **more}
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/problem+json")


def _answer(  # What a refusal is made of.
    status: int, detail: str, headers: Mapping[str, str], code: str = "", said: str = "", **more: Any
) -> Response:
    """Write the answer; `said` is the sentence for a page, where one is better than the usual of its code."""
    if not request.path.startswith(_MACHINES):
        detail = said or _for_people(status, code, detail)
    if wants_problem():
        response = problem(status, detail, kind=f"urn:elderline:problem:{code}" if code else "about:blank", **more)
    else:
        response = Response(render_template("error.html", status=status, detail=detail), status)
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _for_people(status: int, code: str, detail: str) -> str:
    """Give the sentence for a page: by code, then as the plan's page has it or in the words that a form of ours has for
    it already, and else by status. No Chinese page shows the English that services speak to the API."""
    known = words("problem")
    if code == Invalid.code:
        return refusal_of_plan(detail) or in_words(detail)
    said = detail if _CHINESE.search(detail) and language_now() == CHINESE else known.get(str(status), known["400"])
    return known.get(code) or refusal_of_plan(detail) or said


def for_people(error: DomainError) -> str:
    """Give the sentence that a page shows of what a service refused."""
    return refusal_in_words(error) or _for_people(_status(error), error.code, str(error))


def _status(error: DomainError) -> int:
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def on_http_error(error: HTTPException) -> Response:
    """Answer what Flask, webargs or a view refused."""
    if error.code is None or error.code < 400:
        return Response(error.get_response())  # type: ignore[arg-type]  # A redirect is already a response.
    data: Mapping[str, Any] = getattr(error, "data", None) or {}
    more: dict[str, Any] = {}
    if data.get("messages") or data.get("errors"):
        more["errors"] = data.get("messages") or data.get("errors")
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    if error.code == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="elderline"'
    if error.code == 429 and "Retry-After" not in headers:
        headers["Retry-After"] = "60"
    detail = str(data.get("message") or error.description or "")
    return _answer(error.code, detail, headers, **more)


def on_domain_error(error: DomainError) -> Response:
    """Answer what a service refused, in its own words."""
    return _answer(
        _status(error), str(error), {}, code=error.code, said=refusal_in_words(error), **getattr(error, "members", {})
    )


def on_unfit_value(error: DataError | OverflowError) -> Response:
    """Answer a value that no column can hold, as a number of thirty digits or a NUL: the asker's fault, not ours."""
    current_app.logger.info("unfit value on %s %s: %s", request.method, request.path, type(error).__name__)
    return _answer(422, "a value is out of range", {})


def on_store_down(error: RedisError | OperationalError) -> Response:
    """Answer that Redis or the database cannot be reached now. What can do without says so where it calls them."""
    current_app.logger.error("store down on %s %s: %s", request.method, request.path, type(error).__name__)
    return _answer(503, "a store of the hotline does not answer; try again in a moment", {"Retry-After": "5"})


def on_crash(error: Exception) -> Response:
    """Answer a fault of ours: the log has the traceback, the caller a sentence and no inside."""
    current_app.logger.error("fault on %s %s", request.method, request.path, exc_info=error)
    return _answer(500, InternalServerError.description, {})


def answer_errors(app: Flask) -> None:
    """Let `app` answer every error here."""
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(DomainError, on_domain_error)
    app.register_error_handler(DataError, on_unfit_value)
    app.register_error_handler(OverflowError, on_unfit_value)
    for down in (RedisError, OperationalError):
        app.register_error_handler(down, on_store_down)
    app.register_error_handler(Exception, on_crash)
