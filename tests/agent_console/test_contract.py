"""The API keeps to its own document: whatever is asked, no fault of ours, and no answer that is not described.

Schemathesis makes the requests from the document, fit and unfit ones, the same in each run. The quick run is a part of
every test; the long one asks each operation many times more (`./scripts/test -m long`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.agent_console.console import Desk

CHECKS: list[Any] = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip
QUICK, LONG = 2, 80
"""Requests to each operation, of fit ones and of unfit ones."""


def ask(desk: Desk, examples: int) -> list[str]:
    """Ask every operation, and give what was wrong with the answers."""
    headers = desk.bearer("administrator")
    desk.services.orders.place(desk.elder_id(), desk.item_id(), key="k", source="voice")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", desk.app)
    wrong: list[str] = []
    asked = 0

    def check(case: Any) -> None:
        nonlocal asked
        answer = case.call(headers=headers)
        asked += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except (FailureGroup, Failure) as error:  # Each is told, and the next is asked.
            told = "; ".join(map(str, getattr(error, "exceptions", [error])))[:600]
            wrong.append(f"{case.operation.label}: {answer.status_code} {told}")

    bounds = settings(
        max_examples=examples, phases=[Phase.generate], deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for found in schema.get_all_operations():
        for mode in GenerationMode:
            with suppress(Unsatisfiable):  # As of an operation that takes nothing: no request is unfit.
                bounds(given(case=found.ok().as_strategy(generation_mode=mode))(check))()
    assert asked > 100
    return wrong


def test_the_api_keeps_to_its_document(desk: Desk) -> None:
    assert ask(desk, QUICK) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_api_keeps_to_its_document_whatever_is_asked(desk: Desk) -> None:
    assert ask(desk, LONG) == []
