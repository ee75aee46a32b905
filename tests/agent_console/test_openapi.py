"""The OpenAPI document: valid, complete, and true to what is answered."""

from __future__ import annotations

import re
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.agent_console.console import Desk

_PART, _BRACES = re.compile(r"<(?:\w+:)?(\w+)>"), r"{\1}"


def document(desk: Desk) -> dict[str, Any]:
    """The document, as anybody may read it."""
    answer = desk.anonymous().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    body = answer.get_json()
    assert isinstance(body, dict)
    return body


def test_it_is_valid(desk: Desk) -> None:
    OpenAPIV30SpecValidator(document(desk)).validate()


def test_every_route_of_the_api_is_in_it(desk: Desk) -> None:
    described = {
        f"{method.upper()} {path}"
        for path, methods in document(desk)["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }
    served = {
        f"{method} {_PART.sub(_BRACES, rule.rule)}"
        for rule in desk.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_every_resource_of_the_design_is_there(desk: Desk) -> None:
    for name in (
        "calls", "calls/{call_id}/journey", "tickets", "agents", "elders", "orders", "providers", "visits", "callbacks",
        "ratings", "sms", "cases", "talks",
    ):  # fmt: skip
        assert f"/api/v1/{name}" in document(desk)["paths"], name


def test_errors_are_described_as_problems(desk: Desk) -> None:
    for name, response in document(desk)["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"], name


def test_tokens_are_asked_for(desk: Desk) -> None:
    body = document(desk)
    assert body["security"] == [{"bearer": []}]
    assert body["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}
