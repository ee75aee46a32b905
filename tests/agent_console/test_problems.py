"""Every error of the API is a problem document (RFC 9457), and a page for people elsewhere."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from flask import abort
from werkzeug.test import TestResponse

import routing
from agent_console.app import create_app
from agent_console.problems import for_people
from agent_console.texts import words
from db.models import User
from routing.errors import Conflict, DomainError, Invalid, NotFound
from tests.agent_console.console import Desk


def check(answer: TestResponse, status: int) -> dict[str, object]:
    """Check the form of a problem document, and give it."""
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == status
    assert body["type"] == "about:blank" or body["type"].startswith("urn:elderline:problem:")
    assert body["title"] and body["detail"] and body["instance"].startswith("/")
    assert isinstance(body, dict)
    return body


def test_unknown_addresses_and_methods(desk: Desk) -> None:
    client = desk.anonymous()
    check(client.get("/api/v1/nothing"), 404)
    refused = client.delete("/api/v1/calls")
    check(refused, 405)
    assert "GET" in refused.headers["Allow"]


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer wrong", f"Bearer {'x' * 9000}", "Bearer \xff"])
def test_no_token_or_a_wrong_one(desk: Desk, header: str) -> None:
    answer = desk.anonymous().get("/api/v1/calls", headers={"Authorization": header} if header else {})
    check(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token(desk: Desk) -> None:
    headers = desk.bearer("supervisor", expires_at=desk.services.clock())
    check(desk.anonymous().get("/api/v1/calls", headers=headers), 401)


def test_a_token_of_a_user_who_left(desk: Desk) -> None:
    headers = desk.bearer("agent", user_id=desk.user_id("agent1"))
    client = desk.anonymous()
    assert client.get("/api/v1/calls", headers=headers).status_code == 200
    with desk.services.unit_of_work() as work:
        work.get_one(User, desk.user_id("agent1")).active = False
    check(client.get("/api/v1/calls", headers=headers), 401)


def test_the_wrong_role(desk: Desk) -> None:
    check(desk.anonymous().post("/api/v1/orders", json={}, headers=desk.bearer("auditor")), 403)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/orders", {"elder_id": "one", "item_id": 1}),
        ("/api/v1/orders", {"elder_id": 1, "item_id": 1, "due_at": "2026-01-01T10:00:00"}),
        ("/api/v1/orders", {"elder_id": 1, "item_id": 1, "colour": "red"}),
        ("/api/v1/orders", [1]),
        ("/api/v1/elders/search", {}),
        ("/api/v1/elders/search", {"number": "1", "code": "2"}),
        ("/api/v1/cases/1/close", {"outcome": ""}),
    ],
)
def test_bodies_that_do_not_fit(desk: Desk, path: str, body: object) -> None:
    headers = {**desk.bearer("supervisor"), "Idempotency-Key": "12345678"}
    assert "errors" in check(desk.anonymous().post(path, json=body, headers=headers), 422)


def test_a_body_that_is_no_json(desk: Desk) -> None:
    headers = {**desk.bearer("supervisor"), "Content-Type": "application/json"}
    check(desk.anonymous().post("/api/v1/elders/search", data="{", headers=headers), 400)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=%%%", "cursor=WzFd", "cursor=bm8"])
def test_pages_that_do_not_exist(desk: Desk, query: str) -> None:
    check(desk.anonymous().get(f"/api/v1/calls?{query}", headers=desk.bearer("supervisor")), 422)


@pytest.mark.parametrize(
    "path",
    [
        "calls/x", "calls/x/journey", "tickets/x", "agents/9", "elders/99", "orders/99", "sms/99", "providers/99",
        "visits/99", "callbacks/99", "ratings/99", "cases/99",
    ],
)  # fmt: skip
def test_what_is_not_there(desk: Desk, path: str) -> None:
    answer = desk.anonymous().get(f"/api/v1/{path}", headers=desk.bearer("supervisor"))
    assert check(answer, 404)["type"] == "urn:elderline:problem:not_found"


def test_a_number_that_no_column_holds(desk: Desk) -> None:
    check(desk.anonymous().get(f"/api/v1/elders/{10**30}", headers=desk.bearer("supervisor")), 422)


def test_a_conflict(desk: Desk) -> None:
    case = desk.services.cases.open("k1", "complaint")
    desk.services.cases.close(case.id, "done", desk.user_id("supervisor"))
    headers = desk.bearer("supervisor")
    answer = desk.anonymous().post(f"/api/v1/cases/{case.id}/close", json={"outcome": "again"}, headers=headers)
    assert check(answer, 409)["type"] == "urn:elderline:problem:conflict"


def test_a_fault_of_ours_tells_nothing_of_the_inside(desk: Desk) -> None:
    def fail() -> str:
        raise RuntimeError("secret inside")

    desk.app = create_app(desk.services)
    desk.app.view_functions["api.openapi"] = fail
    answer = desk.anonymous().get("/api/v1/openapi.json")
    check(answer, 500)
    assert "secret" not in answer.get_data(as_text=True)


def test_too_many_requests(desk: Desk) -> None:
    desk.app = create_app(desk.services)
    desk.app.view_functions["api.openapi"] = lambda: abort(429)
    answer = desk.anonymous().get("/api/v1/openapi.json")
    check(answer, 429)
    assert answer.headers["Retry-After"] == "60"


def test_people_get_a_page(desk: Desk) -> None:
    answer = desk.logged_in("supervisor").get("/supervisor/orders/999")
    assert answer.status_code == 404 and answer.content_type.startswith("text/html")
    assert "返回首页" in answer.get_data(as_text=True)


def _all(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _all(each)


GENERAL = ("not_found", "conflict", "invalid", "error")
"""Codes of many refusals, which have a sentence by status."""


def test_every_refusal_has_a_sentence_for_pages_that_is_its_own() -> None:
    for module in pkgutil.walk_packages(routing.__path__, "routing."):
        importlib.import_module(module.name)
    codes = {each.code for each in _all(DomainError) if each.__module__.startswith("routing.")} - set(GENERAL)
    assert len(codes) > 20
    known = words("problem")
    assert sorted(codes - known.keys()) == []
    assert all(re.search("[\u4e00-\u9fff]", known[code]) and known[code].endswith("。") for code in codes)


@pytest.mark.parametrize("kind", [NotFound, Conflict, Invalid, DomainError])
def test_english_of_a_service_reaches_no_page(kind: type[DomainError]) -> None:
    said = for_people(kind("there is no such thing"))
    assert re.fullmatch(r"[^a-zA-Z]+。", said)
    assert for_people(kind("没有这样的东西。")) == "没有这样的东西。"
