"""How many automatic calls at once: a table, and what holds whatever the state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.pacing import ENOUGH, Because, Floor, PacingRules, is_over_limit, lines_for_calls, pace

RULES = PacingRules(lines=30, share=0.3, most=20)
QUIET = Floor(waiting=0, automatic=0, agents_ready=3, agents_in=5)
DAY = replace(QUIET, answered=200, asked=10)


@pytest.mark.parametrize(
    ("floor", "room", "because"),
    [
        (QUIET, 9, Because.SHARE),
        (replace(QUIET, automatic=4), 5, Because.SHARE),
        (replace(QUIET, automatic=12), 0, Because.SHARE),
        (replace(QUIET, waiting=1), 0, Because.WAITING),
        (replace(QUIET, agents_ready=0), 0, Because.AGENTS),
        (replace(QUIET, agents_ready=0, agents_in=0), 9, Because.SHARE),
        (replace(DAY, agents_ready=1, asked=80), 2, Because.AGENTS),
        (replace(DAY, abandoned=3), 9, Because.SHARE),
        (replace(DAY, abandoned=4), 3, Because.ABANDONED),
        (replace(DAY, abandoned=6), 1, Because.ABANDONED),
        (replace(DAY, abandoned=6, automatic=1), 0, Because.ABANDONED),
        (replace(QUIET, answered=ENOUGH - 1, abandoned=20), 9, Because.SHARE),
    ],
)
def test_the_pace(floor: Floor, room: int, because: Because) -> None:
    found = pace(floor, RULES)
    assert (found.room, found.because) == (room, because)


def test_a_small_trunk_has_one_line_for_it() -> None:
    assert lines_for_calls(PacingRules(lines=2, share=0.3, most=10)) == 1


@pytest.mark.parametrize(
    ("answered", "abandoned", "over"), [(0, 0, False), (29, 20, False), (100, 3, False), (100, 4, True), (30, 1, True)]
)
def test_over_three_in_a_hundred_people_are_told(answered: int, abandoned: int, over: bool) -> None:
    assert is_over_limit(replace(QUIET, answered=answered, abandoned=abandoned), RULES) is over


SMALL = st.integers(min_value=0, max_value=60)
FLOORS = st.builds(
    Floor, waiting=st.integers(0, 2), automatic=SMALL, agents_ready=SMALL, agents_in=SMALL,
    answered=st.integers(0, 900), asked=SMALL, abandoned=SMALL,
)  # fmt: skip


@given(FLOORS)
def test_never_beyond_the_share_nor_beside_whoever_waits_nor_without_somebody_free(floor: Floor) -> None:
    found = pace(floor, RULES)
    assert 0 <= found.room <= found.others
    assert found.room + floor.automatic <= max(lines_for_calls(RULES), floor.automatic)
    if floor.waiting or (floor.agents_in and not floor.agents_ready):
        assert found.room == 0
    if floor.waiting:
        assert found.others == 0
    if floor.agents_in and floor.answered >= ENOUGH and floor.abandoned_share >= RULES.abandoned_limit:
        assert found.room <= 1


CAREFUL = replace(RULES, reserve=0.5)


@pytest.mark.parametrize(
    ("floor", "messages"),
    [
        (replace(QUIET, agents_ready=3), 9), (replace(QUIET, agents_ready=2), 0), (replace(QUIET, calm=False), 0),
        (replace(QUIET, agents_ready=3, automatic=4), 5), (replace(DAY, agents_ready=3, asked=100), 2),
        (replace(QUIET, agents_ready=0, agents_in=0, calm=False), 9),
    ],
)  # fmt: skip
def test_messages_leave_agents_to_those_who_call_and_wait_for_a_calm_moment(floor: Floor, messages: int) -> None:
    found = pace(floor, CAREFUL)
    assert found.messages == messages
    assert found.room == pace(floor, RULES).room  # What is somebody's own goes out as before.


@given(FLOORS, st.floats(0, 0.9), st.booleans())
def test_a_reserve_and_a_wait_never_quicken_messages(floor: Floor, reserve: float, calm: bool) -> None:
    found = pace(replace(floor, calm=calm), replace(RULES, reserve=reserve))
    assert 0 <= found.messages <= min(found.room, pace(floor, RULES).messages)


@given(FLOORS, st.integers(1, 20))
def test_more_abandoned_calls_never_quicken_the_pace(floor: Floor, more: int) -> None:
    assert pace(replace(floor, abandoned=floor.abandoned + more), RULES).room <= pace(floor, RULES).room
