"""The night's batch: 3,000 planned orders to 126 companies, how long it takes, and how far it is from the best."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from routing.orders.planning.assignment import NightCompany, NightOrder, assign, distances, possible

ORDERS, COMPANIES = 3_000, 126
"""Lanzhou Chengguan: nearly 3,000 calls a day, 126 companies."""
_DISTRICTS = 12
_ITEMS = 7
_FORBIDDEN = 1e6


def city(orders: int, companies: int, seed: int) -> tuple[list[NightOrder], list[NightCompany]]:
    """Invent a city of some 20 by 10 km in which nearly every company is full by the evening."""
    rng = Random(seed)  # noqa: S311  # Invented data.
    districts = [f"d{n}" for n in range(_DISTRICTS)]

    def place() -> tuple[float, float]:
        return 36.02 + rng.gauss(0, 0.04), 103.75 + rng.gauss(0, 0.08)

    places = -(-orders * 23 // (companies * 20))  # 15 % more than there are orders.
    given = []
    for n in range(companies):
        items = frozenset(rng.sample(range(_ITEMS), rng.randint(3, _ITEMS)))
        served = frozenset() if rng.random() < 0.6 else frozenset(rng.sample(districts, _DISTRICTS // 2))
        given.append(NightCompany(n, places, places, items, served, *place()))
    wanted = [NightOrder(n, rng.randrange(_ITEMS), rng.choice(districts), *place()) for n in range(orders)]
    return wanted, given


def best_total(orders: Sequence[NightOrder], companies: Sequence[NightCompany]) -> float:
    """Give the least total of kilometres, by SciPy's exact method with a column for each place of a company."""
    columns = np.repeat(np.arange(len(companies)), [each.places for each in companies])
    costs = np.where(possible(orders, companies), distances(orders, companies), _FORBIDDEN)[:, columns]
    rows, chosen = linear_sum_assignment(costs)
    found = costs[rows, chosen]
    return float(found[found < _FORBIDDEN].sum())


def run(say: Callable[[str], None]) -> dict[str, Any]:
    """Assign the night, and measure it."""
    orders, companies = city(ORDERS, COMPANIES, 20)
    began = time.monotonic()
    night = assign(orders, companies)
    seconds = time.monotonic() - began
    nearest = assign(orders, companies, fairness_km=0.0)
    began = time.monotonic()
    best = best_total(orders, companies)
    best_seconds = time.monotonic() - began
    say(
        f"{ORDERS:,} orders, {COMPANIES} companies: {seconds:.1f} s, {len(night.left)} left, {night.total_km:,.1f} km; "
        f"without fairness {nearest.total_km:,.1f} km; the best there is {best:,.1f} km (SciPy, {best_seconds:.1f} s)"
    )
    return {
        "batch_seconds": round(seconds, 2), "batch_left": len(night.left), "batch_km": round(night.total_km, 1),
        "batch_best_km": round(best, 1), "batch_over_best_percent": round(100 * (night.total_km / best - 1), 3),
        "batch_without_fairness_over_best_percent": round(100 * (nearest.total_km / best - 1), 3),
    }  # fmt: skip
