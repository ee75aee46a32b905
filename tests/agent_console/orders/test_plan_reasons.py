"""Every reason that the policy gives for a date has its words on the page."""

from __future__ import annotations

import ast
import inspect
import re

from hypothesis import given
from hypothesis import strategies as st

from agent_console.orders.plan_reasons import in_words, refusal_of_plan
from routing.orders.planning import making
from routing.orders.planning import plans as plans_service
from routing.orders.planning.policy import NO_HOLIDAYS, Holidays, Pause, PlanRule, occurrences
from tests.routing.orders.planning.test_policy import CHINA, DAYS, plans


@given(plans(), DAYS, st.sampled_from((NO_HOLIDAYS, CHINA)))
def test_no_reason_stays_english(made: tuple[PlanRule, list[Pause]], first: object, holidays: Holidays) -> None:
    rule, pauses = made
    for each in occurrences(rule, first, first.replace(year=first.year + 1), holidays, pauses):  # type: ignore[attr-defined, arg-type]  # A date that is no 29th of February.
        said = in_words(each.reason)
        assert not re.search("[a-zA-Z]", said), each.reason
        assert bool(said) == bool(each.reason)


def test_a_reason_that_is_not_known_stays_as_it_is() -> None:
    assert in_words("something new") == "something new"
    assert in_words("") == ""


def _refusals() -> list[str]:
    """What the services of plans say when they refuse, with anything in the place of values."""
    found = []
    for module in (plans_service, making):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Invalid", "Conflict", "NotFound"):
                said = node.args[0]
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                found.append("".join(str(each.value) if isinstance(each, ast.Constant) else "7" for each in parts))
    return found


def test_whatever_a_plan_refuses_has_its_sentence() -> None:
    said = _refusals()
    assert len(said) > 15
    assert [each for each in said if not refusal_of_plan(each)] == []
    assert refusal_of_plan("something new") == ""
