"""What the latest calls have taught: bounded, kept through a restart, and dropped when it is old or broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calls.estimate import HANDLE_SECONDS, estimate_wait
from routing.calls.experience import KEPT_SECONDS, LATEST_MOST, Experience, from_json

NOW = 1_700_000_000.0
_TIMES = st.floats(0, 1e5)


def known(*handled: float, waited: tuple[tuple[float, bool], ...] = ()) -> Experience:
    made = Experience()
    for seconds in handled:
        made.took(seconds)
    for seconds, gave_up in waited:
        made.left(seconds, gave_up)
    return made


@given(st.lists(_TIMES, max_size=300), st.lists(st.tuples(_TIMES, st.booleans()), max_size=300))
def test_it_is_the_same_after_a_restart_and_stays_small(handled: list[float], waited: list[tuple[float, bool]]) -> None:
    before = known(*handled, waited=tuple(waited))
    text = before.to_json(NOW)
    after = from_json(text.encode(), NOW + 60)
    assert after == before
    assert len(text) < 8_000
    assert max(len(before.handled), len(before.waited)) <= LATEST_MOST
    after.took(5.0)
    assert len(after.handled) <= LATEST_MOST


def test_a_router_that_starts_anew_estimates_as_the_last_one() -> None:
    slow = known(*[400.0] * 100, waited=((300.0, True),) * 50)
    again = from_json(slow.to_json(NOW), NOW + 1)
    assert again is not None
    assert again.wait(3, 5) == slow.wait(3, 5) > 1.5 * Experience().wait(3, 5)


def test_what_nobody_knows_yet_is_assumed() -> None:
    assert Experience().wait(0, 1) == HANDLE_SECONDS
    assert Experience().wait(2, 4) == estimate_wait(2, 4)


def test_the_age_is_bounded() -> None:
    text = known(10.0).to_json(NOW)
    assert from_json(text, NOW + KEPT_SECONDS) is not None
    assert from_json(text, NOW + KEPT_SECONDS + 1) is None
    assert from_json(text, NOW - 1) is not None, "the clock was set back"
    assert from_json(text, NOW - 3600) is None


def _changed(change: Callable[[dict[str, Any]], object]) -> str:
    kept = json.loads(known(10.0, waited=((5.0, False),)).to_json(NOW))
    change(kept)
    return json.dumps(kept)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{}", "{", "7", b"\xff",
        _changed(lambda kept: kept.pop("waited")),
        _changed(lambda kept: kept["handled"].append("long")),
        _changed(lambda kept: kept["handled"].append(-1)),
        _changed(lambda kept: kept["handled"].append(float("nan"))),
        _changed(lambda kept: kept["waited"].append([1])),
        _changed(lambda kept: kept["waited"].append([float("inf"), True])),
    ],
)  # fmt: skip
def test_what_we_did_not_write_is_left_alone(text: str | bytes) -> None:
    assert from_json(text, NOW + 1) is None
