"""The formulas against published figures, and against the birth-and-death chain solved another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.staffing.erlang import Queue, StaffingError, erlang_b, erlang_c


def test_erlang_c_is_what_other_packages_print() -> None:
    """CRAN's ErlangC and PyPI's pyworkforce: 100 calls in 30 min, 180 s, 14 agents, 20 s."""
    queue = Queue(100 / 1800, 180, 14)
    assert queue.wait_probability == pytest.approx(0.1741319, abs=5e-8)
    assert queue.answered_within(20) == pytest.approx(0.8883500, abs=5e-8)
    assert queue.answer_seconds == pytest.approx(7.83594, abs=5e-6)
    assert queue.occupancy == pytest.approx(0.7142857, abs=5e-8)


@pytest.mark.parametrize(
    ("load", "agents", "blocked"), [(10, 10, 0.2146), (5, 10, 0.0184), (100, 100, 0.0757), (0.5, 2, 0.0769)]
)
def test_erlang_b_is_as_tabulated(load: float, agents: int, blocked: float) -> None:
    """Tables of the Erlang B formula, as any traffic handbook has them."""
    assert erlang_b(load, agents) == pytest.approx(blocked, abs=5e-5)


def test_erlang_a_beside_erlang_c_as_published() -> None:
    """Garnett, Mandelbaum and Reiman 2002, table 1: 50 agents, 48 calls a minute, 1 min each, patience 2 min."""
    patient, impatient = Queue(48 / 60, 60, 50), Queue(48 / 60, 60, 50, 120)
    assert patient.answer_seconds == pytest.approx(20.8, abs=0.05)
    assert patient.answered_within(58.1) == pytest.approx(0.90, abs=0.0005)
    assert patient.occupancy == pytest.approx(0.96, abs=0.005)
    assert impatient.abandoned == pytest.approx(0.031, abs=0.0005)
    assert impatient.wait_seconds == pytest.approx(3.7, abs=0.05)
    assert impatient.occupancy == pytest.approx(0.93, abs=0.005)
    fewer = Queue(48 / 60 * (1 - 0.031), 60, 50)
    assert fewer.answer_seconds == pytest.approx(8.8, abs=0.1)


QUEUES = [
    Queue(0.02, 180, 3, 60),
    Queue(20 / 180, 180, 20, 180),
    Queue(30 / 180, 180, 20, 180),
    Queue(10 / 180, 180, 14, 600),
    Queue(60 / 200, 200, 61, 30),
    Queue(0.001, 180, 1, 20),
]


def distribution(queue: Queue, states: int) -> np.ndarray:
    """Solve the balance equations of the chain as a linear system: nothing in common with the formulas."""
    served = np.minimum(np.arange(states), queue.agents) / queue.handle_seconds
    given_up = np.maximum(np.arange(states) - queue.agents, 0) / (queue.patience_seconds or math.inf)
    rates = np.diag(np.full(states - 1, queue.calls_per_second), 1) + np.diag((served + given_up)[1:], -1)
    generator = rates - np.diag(rates.sum(axis=1))
    system = np.vstack([generator.T, np.ones(states)])
    return np.linalg.lstsq(system, np.append(np.zeros(states), 1.0), rcond=None)[0]


def in_queue(queue: Queue, chances: np.ndarray, seconds: float, steps: int = 4000) -> float:
    """Give the share of calls answered within `seconds`: those ahead leave, the caller may give up (uniformisation)."""
    waiting = np.clip(chances[queue.agents :], 0, None)
    places = len(waiting)
    impatience = 1 / (queue.patience_seconds or math.inf)
    forward = queue.agents / queue.handle_seconds + np.arange(places) * impatience
    jumps = (forward[-1] + impatience) * 1.0
    step = np.zeros((places + 1, places + 1))
    for place in range(places):
        step[place, place - 1 if place else places] += forward[place] / jumps
        step[place, place] += 1 - (forward[place] + impatience) / jumps
    step[places, places] = 1.0
    state, weight, total = np.append(waiting, 0.0), math.exp(-jumps * seconds), 0.0
    for n in range(1, steps):
        total += weight * state[places]
        state = state @ step
        weight *= jumps * seconds / n
        if n > jumps * seconds and weight < 1e-16:
            break
    return float(chances[: queue.agents].sum() + total)


@pytest.mark.parametrize("queue", QUEUES)
def test_erlang_a_agrees_with_the_chain(queue: Queue) -> None:
    chances = distribution(queue, queue.agents + 160)
    line = np.maximum(np.arange(len(chances)) - queue.agents, 0)
    abandoned = float(chances @ line) / (queue.patience_seconds or math.inf) / queue.calls_per_second
    assert queue.wait_probability == pytest.approx(float(chances[queue.agents :].sum()), rel=1e-7)
    assert queue.abandoned == pytest.approx(abandoned, rel=1e-7)
    for seconds in (0.0, 5.0, 20.0):
        assert queue.answered_within(seconds) == pytest.approx(in_queue(queue, chances, seconds), rel=1e-6)


@pytest.mark.parametrize("queue", QUEUES)
def test_the_mean_wait_is_the_area_under_its_tail(queue: Queue) -> None:
    grid = np.linspace(0, 4000, 40_001)
    late = [1 - queue.abandoned - queue.answered_within(float(each)) for each in grid]
    area = float(np.trapezoid(late, grid)) / (1 - queue.abandoned)
    assert queue.answer_seconds == pytest.approx(area, rel=2e-3)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.01, 3), st.floats(0.2, 1.8), st.integers(1, 400), st.floats(5, 2000))
def test_more_agents_are_never_worse_and_shares_are_shares(
    handle: float, load: float, agents: int, patience: float
) -> None:
    rate = load * agents / (handle * 100)
    for limit in (None, patience):
        one, more = (Queue(rate, handle * 100, n, limit) for n in (agents, agents + 1))
        for queue in (one, more):
            assert 0 <= queue.wait_probability <= 1
            assert 0 <= queue.abandoned <= 1
            assert 0 <= queue.answered_within(15) <= 1
        assert more.answered_within(15) >= one.answered_within(15) - 1e-9
        assert more.abandoned <= one.abandoned + 1e-9


def test_erlang_a_with_endless_patience_is_erlang_c() -> None:
    patient, nearly = Queue(0.05, 180, 11), Queue(0.05, 180, 11, 1e7)
    assert nearly.wait_probability == pytest.approx(patient.wait_probability, rel=1e-3)
    assert nearly.answer_seconds == pytest.approx(patient.answer_seconds, rel=1e-3)
    assert nearly.answered_within(30) == pytest.approx(patient.answered_within(30), rel=1e-3)


@pytest.mark.parametrize("agents", [2_000, 5_000])
def test_large_centres_overflow_nothing(agents: int) -> None:
    busy, quiet = Queue(agents * 1.2 / 180, 180, agents, 3600), Queue(agents * 0.1 / 180, 180, agents, 60)
    assert busy.abandoned == pytest.approx(1 - 1 / 1.2, rel=1e-6)
    assert quiet.wait_probability < 1e-100
    assert erlang_c(agents * 0.95, agents) < 0.1


def test_nobody_calling_waits_for_nobody() -> None:
    for patience in (None, 60.0):
        queue = Queue(0, 180, 1, patience)
        assert (queue.wait_probability, queue.abandoned, queue.answered_within(0)) == (0, 0, 1)


def test_an_overloaded_queue_without_patience_grows_for_ever() -> None:
    queue = Queue(1, 180, 10)
    assert (queue.wait_probability, queue.answer_seconds, queue.answered_within(60)) == (1, math.inf, 0)


@pytest.mark.parametrize(
    "values", [(-1, 180, 1), (1, 0, 1), (1, 180, 0), (1, 180, 1, 0), (math.nan, 180, 1), (1, math.inf, 1)]
)
def test_values_that_no_queue_has_are_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(StaffingError):
        Queue(*values)
