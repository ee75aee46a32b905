"""Elders who err as the literature says get what they called for, or a person: all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from statistics import median

import pytest

from scripts.rehearsal.world import RehearsalWorld
from scripts.rehearsal.worlds import SETTINGS, all_worlds
from tests.ivr.elders.personas import PERSONAS
from tests.ivr.elders.runs import ONE_IN, Fared, fare, table

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

ELDERS_A_TYPE = int(os.environ.get("ELDERLINE_TEST_ELDERS", "180"))
"""Some two thousand in all, who call some four thousand times; the table in docs/elders.md has 420 of each type."""
AIM_SECONDS = 12.0
"""From the ring until a person is called, for those who press nothing."""
CALLERS = (
    "elder", "elder with an open order", "elder who has just ordered the same", "elder who pays nothing",
    "two elders on one number", "elder at night",
)  # fmt: skip


@pytest.fixture(scope="module")
def worlds() -> Iterator[tuple[RehearsalWorld, ...]]:
    """Elders at home, by day and by night."""
    with all_worlds(tuple(each for each in SETTINGS if each.name in CALLERS), learns=True) as made:
        yield made


@pytest.fixture(scope="module")
def fared(worlds: tuple[RehearsalWorld, ...]) -> list[Fared]:
    """How each type fared."""
    return [fare(worlds, persona, ELDERS_A_TYPE, seed=4) for persona in PERSONAS]


def test_everybody_gets_what_they_called_for_or_a_person(fared: list[Fared]) -> None:
    print(table(fared))
    assert sum(each.elders for each in fared) >= 2_000
    assert {each.persona: each.lost[:5] for each in fared if each.lost} == {}


def test_who_presses_nothing_gets_a_person_each_time(fared: list[Fared]) -> None:
    silent = next(each for each in fared if each.persona == "presses nothing")
    assert silent.ends == {"person": silent.needs}
    first, any_call = median(silent.first_to_person), median(silent.to_person)
    print(f"median from the ring until a person is called: {first:.1f} s at the first call, {any_call:.1f} s at any")
    assert max(first, any_call) < AIM_SECONDS


def test_who_pressed_nothing_three_times_goes_straight_to_a_person(fared: list[Fared]) -> None:
    """As it is learnt: the fourth and fifth of five calls are straight, and shorter than any first call."""
    silent = next(each for each in fared if each.persona == "presses nothing")
    straight = [seconds for seconds in silent.to_person if seconds < min(silent.first_to_person)]
    print(f"median of {len(straight)} calls of those who go straight to a person: {median(straight):.1f} s")
    assert len(straight) >= silent.elders / ONE_IN  # Half of their two last calls, for at night it is longer.


def test_who_hears_and_presses_well_is_served_without_a_person(fared: list[Fared]) -> None:
    steady = next(each for each in fared if each.persona == "steady")
    alone = steady.ends["served"] + steady.ends["answered"]
    print(f"{alone} of {steady.for_keys} who called for a service or an answer had it by keys")
    assert alone > steady.for_keys / 2  # The others called for a person, and got one.


def test_the_same_seed_gives_the_same_calls(worlds: tuple[RehearsalWorld, ...]) -> None:
    once, again = (fare(worlds, PERSONAS[-1], 30, seed=7) for _ in range(2))
    assert (once.ends, once.to_person) == (again.ends, again.to_person)
    assert fare(worlds, PERSONAS[-1], 30, seed=8).to_person != once.to_person
