"""A night's assignment: held against SciPy's exact method, and against what no assignment may do."""

from __future__ import annotations

from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from routing.orders.dispatching.distance import distance_km
from routing.orders.planning.assignment import (
    FAIRNESS_KM,
    UNASSIGNED_KM,
    NightCompany,
    NightOrder,
    assign,
    distances,
    possible,
)
from scripts.benchmarks.batch import best_total, city


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_total_is_the_best_there_is(seed: int) -> None:
    orders, companies = city(400, 20, seed)
    best = best_total(orders, companies)
    assert assign(orders, companies, fairness_km=0.0).total_km == pytest.approx(best, rel=1e-9)
    fair = assign(orders, companies)
    assert best - 1e-6 <= fair.total_km <= best + FAIRNESS_KM * len(orders)


def test_fairness_evens_out_what_is_equally_near() -> None:
    companies = [NightCompany(n, 10, 10, frozenset({1}), frozenset(), 36.0, 103.8) for n in (1, 2)]
    orders = [NightOrder(n, 1, "", 36.01, 103.8) for n in range(8)]
    assert set(Counter(each.company_id for each in assign(orders, companies).assigned).values()) == {4}


def test_a_preferred_company_is_kept_and_what_nobody_can_take_is_told() -> None:
    near = NightCompany(1, 2, 5, frozenset({1, 2}), frozenset({"城关"}), 36.0, 103.8)
    far = NightCompany(2, 1, 5, frozenset({1}), frozenset(), 36.4, 103.8)
    night = assign(
        [NightOrder(1, 1, "城关", 36.0, 103.8, preferred_company_id=2), NightOrder(2, 1, "城关", 36.0, 103.8),
         NightOrder(3, 3, "城关"), NightOrder(4, 2, "七里河"), NightOrder(5, 1, "城关"), NightOrder(6, 1, "城关")],
        [near, far],
    )  # fmt: skip
    assert {each.order_id: each.company_id for each in night.assigned if each.order_id < 3} == {1: 2, 2: 1}
    assert len(night.assigned) == 3
    why = {each.order_id: each.reason for each in night.left}
    assert "offers this item" in why[3] and "七里河" in why[4]
    assert any("place left" in reason for reason in why.values())


def test_distances_are_those_of_dispatch() -> None:
    orders, companies = city(20, 5, 7)
    km = distances(orders, companies)
    for row, order in enumerate(orders):
        for column, company in enumerate(companies):
            assert None not in (order.latitude, order.longitude, company.latitude, company.longitude)
            wanted = distance_km(order.latitude, order.longitude, company.latitude, company.longitude)  # type: ignore[arg-type]
            assert km[row, column] == pytest.approx(wanted)


@given(st.integers(0, 10_000), st.integers(0, 25), st.integers(0, 5))
def test_any_town_is_served_at_best_and_within_its_means(seed: int, order_count: int, company_count: int) -> None:
    rng = Random(seed)
    companies = [
        NightCompany(n, rng.randint(-1, 5), 5, frozenset(rng.sample((1, 2, 3), rng.randint(0, 3))),
                     frozenset(rng.sample("abc", rng.randint(0, 2))), 36 + rng.random(), 103 + rng.random())
        for n in range(company_count)
    ]  # fmt: skip
    orders = [
        NightOrder(n, rng.randint(1, 3), rng.choice("abc"), 36 + rng.random(), 103 + rng.random())
        for n in range(order_count)
    ]
    night = assign(orders, companies, fairness_km=0.0)
    assert sorted([each.order_id for each in night.assigned] + [each.order_id for each in night.left]) == list(
        range(order_count)
    )
    given_to = Counter(each.company_id for each in night.assigned)
    assert all(given_to[each.company_id] <= max(0, each.places) for each in companies)
    able = possible(orders, companies)
    assert all(able[each.order_id, each.company_id] for each in night.assigned)
    if not order_count:
        return
    columns = [at for at, each in enumerate(companies) for _ in range(each.places)]
    costs = np.where(able, distances(orders, companies), 2 * UNASSIGNED_KM)[:, columns]
    costs = np.hstack([costs.reshape(order_count, len(columns)), np.full((order_count, order_count), UNASSIGNED_KM)])
    rows, chosen = linear_sum_assignment(costs)
    assert night.total_km + UNASSIGNED_KM * len(night.left) == pytest.approx(costs[rows, chosen].sum())
