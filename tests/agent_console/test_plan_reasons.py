"""Every reason that the policy gives for a date has its words on the page."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from agent_console.plan_reasons import in_chinese
from routing.orders.planning.policy import NO_HOLIDAYS, Holidays, Pause, PlanRule, occurrences
from tests.routing.orders.planning.test_policy import CHINA, DAYS, plans


@given(plans(), DAYS, st.sampled_from((NO_HOLIDAYS, CHINA)))
def test_no_reason_stays_english(made: tuple[PlanRule, list[Pause]], first: object, holidays: Holidays) -> None:
    rule, pauses = made
    for each in occurrences(rule, first, first.replace(year=first.year + 1), holidays, pauses):  # type: ignore[attr-defined, arg-type]  # A date that is no 29th of February.
        said = in_chinese(each.reason)
        assert not re.search("[a-zA-Z]", said), each.reason
        assert bool(said) == bool(each.reason)


def test_a_reason_that_is_not_known_stays_as_it_is() -> None:
    assert in_chinese("something new") == "something new"
    assert in_chinese("") == ""
