"""A night's orders to companies: the best assignment, exactly. Pure.

Each order costs the kilometres to its company. The least total is found as a minimum-cost flow: order by order, along
the cheapest chain of companies that pass an order on to each other, to one with room (successive shortest paths:
Ahuja, Magnanti and Orlin, Network Flows, 1993, section 9.7). A chain runs over companies, of which there are hundreds,
not over orders, of which there are thousands; so it takes seconds where the dense method takes gigabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.orders.dispatching.distance import EARTH_KM
from routing.orders.dispatching.policy import WEIGHTS

FAIRNESS_KM = 0.5
"""A company's last place of the day costs so much more than its first: of two that are equally near the emptier one is
asked, and nobody is sent farther than this for fairness alone. The total is at most so much an order above the best."""
PREFERRED_KM = 1_000.0
"""What it is worth that the company which the elder prefers comes: more than any way within a city."""
UNASSIGNED_KM = 100_000.0
"""What an order without a company costs: as few as can be are left."""


@dataclass(frozen=True)
class NightOrder:
    """An order to be given to a company. Coordinates in degrees, if known."""

    order_id: int
    item_id: int
    district: str
    latitude: float | None = None
    longitude: float | None = None
    preferred_company_id: int | None = None


@dataclass(frozen=True)
class NightCompany:
    """A company; `places` are left for the day, `item_ids` are those that it offers and has a certified worker for.
    No districts means all."""

    company_id: int
    places: int
    capacity: int
    item_ids: frozenset[int]
    districts: frozenset[str]
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Assigned:
    """An order with its company, and how far that is."""

    order_id: int
    company_id: int
    km: float
    reason: str


@dataclass(frozen=True)
class Unassigned:
    """An order that no company can take, and why."""

    order_id: int
    reason: str


@dataclass(frozen=True)
class Night:
    """The assignment of a night."""

    assigned: tuple[Assigned, ...]
    left: tuple[Unassigned, ...]
    total_km: float


def assign(orders: Sequence[NightOrder], companies: Sequence[NightCompany], fairness_km: float = FAIRNESS_KM) -> Night:
    """Give each order to a company that offers its item, serves its district and has room. The same values always give
    the same answer. As few orders as can be are left, preferred companies are kept, then the total way is least."""
    orders = sorted(orders, key=lambda each: each.order_id)
    companies = sorted(companies, key=lambda each: each.company_id)
    km = distances(orders, companies)
    able = possible(orders, companies)
    costs = np.where(able, km, np.inf)
    at = {each.company_id: index for index, each in enumerate(companies)}
    for row, order in enumerate(orders):
        if order.preferred_company_id in at:
            costs[row, at[order.preferred_company_id]] -= PREFERRED_KM
    room = [max(0, each.places) for each in companies]
    steps = [fairness_km / max(1, each.capacity) for each in companies]
    begins = [fairness_km * max(0, each.capacity - each.places) / max(1, each.capacity) for each in companies]
    chosen = _Flow(costs, room, begins, steps).run()
    assigned, left = [], []
    for row, order in enumerate(orders):
        column = chosen[row]
        if column < len(companies):
            company, way = companies[column], float(km[row, column])
            preferred = ", as the elder prefers" if order.preferred_company_id == company.company_id else ""
            assigned.append(
                Assigned(order.order_id, company.company_id, way, f"the night's batch: {way:.1f} km{preferred}")
            )
        else:
            left.append(Unassigned(order.order_id, _why_left(order, companies, bool(able[row].any()))))
    return Night(tuple(assigned), tuple(left), sum(each.km for each in assigned))


def distances(orders: Sequence[NightOrder], companies: Sequence[NightCompany]) -> Any:
    """Give the great-circle kilometres of each order (row) and company (column), as `routing.orders.policy` does."""
    here, there = _radians(orders), _radians(companies)
    half = (there[None, :, :] - here[:, None, :]) / 2
    slant = np.cos(here[:, None, 0]) * np.cos(there[None, :, 0])
    chord = np.sin(half[:, :, 0]) ** 2 + slant * np.sin(half[:, :, 1]) ** 2
    km = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(1.0, chord)))
    return np.where(np.isnan(km), WEIGHTS.unknown_km, km)


def possible(orders: Sequence[NightOrder], companies: Sequence[NightCompany]) -> Any:
    """Tell of each order (row) and company (column) whether it offers the item and serves the district."""
    kinds = {(each.item_id, each.district) for each in orders}
    rows = {
        (item, district): [item in c.item_ids and (not c.districts or district in c.districts) for c in companies]
        for item, district in kinds
    }
    found = [rows[each.item_id, each.district] for each in orders]
    return np.array(found, dtype=bool).reshape(len(orders), len(companies))


def _radians(places: Sequence[NightOrder] | Sequence[NightCompany]) -> Any:
    nowhere = float("nan")
    pairs = [
        (nowhere, nowhere) if each.latitude is None or each.longitude is None else (each.latitude, each.longitude)
        for each in places
    ]
    return np.radians(np.array(pairs, dtype=float).reshape(len(pairs), 2))


class _Flow:
    """The flow while it grows. The last column is nobody: it has room for all, and is dear."""

    def __init__(self, costs: Any, room: Sequence[int], begins: Sequence[float], steps: Sequence[float]) -> None:
        count = costs.shape[0]
        self._costs = np.hstack([costs, np.full((count, 1), UNASSIGNED_KM)])
        self._room = np.array([*room, count])
        self._begins, self._steps = np.array([*begins, 0.0]), np.array([*steps, 0.0])
        self._load = np.zeros(len(self._room), dtype=int)
        self._held: list[list[int]] = [[] for _ in self._room]
        size = len(self._room)
        self._pass_on = np.full((size, size), np.inf)  # What it costs at the least that one company passes an order on.
        self._which = np.zeros((size, size), dtype=int)
        self._chosen = [size - 1] * count

    def run(self) -> list[int]:
        for order in range(len(self._chosen)):
            self._add(order)
        return self._chosen

    def _add(self, order: int) -> None:
        way = self._costs[order].copy()
        before = np.full(len(way), -1)
        for _ in range(len(way)):  # Bellman and Ford: a chain is no longer than there are companies.
            through = way[:, None] + self._pass_on
            best = through.argmin(axis=0)
            shorter = through[best, np.arange(len(way))]
            better = shorter < way - 1e-9
            if not better.any():
                break
            way = np.where(better, shorter, way)
            before = np.where(better, best, before)
        ends = np.where(self._load < self._room, way + self._begins + self._steps * self._load, np.inf)
        self._follow(order, int(ends.argmin()), before)

    def _follow(self, order: int, end: int, before: Any) -> None:
        self._load[end] += 1
        chain = [end]
        while before[chain[-1]] >= 0:
            chain.append(int(before[chain[-1]]))
        chain.reverse()
        moving = order
        for at, company in enumerate(chain):
            self._held[company].append(moving)
            self._chosen[moving] = company
            if at + 1 < len(chain):
                moving = int(self._which[company, chain[at + 1]])
                self._held[company].remove(moving)
        for company in chain:
            self._look_at(company)

    def _look_at(self, company: int) -> None:
        held = np.array(self._held[company])
        more = self._costs[held] - self._costs[held, company][:, None]
        first = more.argmin(axis=0)
        self._which[company] = held[first]
        self._pass_on[company] = more[first, np.arange(more.shape[1])]
        self._pass_on[company, company] = np.inf


def _why_left(order: NightOrder, companies: Sequence[NightCompany], any_able: bool) -> str:
    if any_able:
        return "no company that could has a place left"
    offering = [each for each in companies if order.item_id in each.item_ids]
    if not offering:
        return "no company offers this item with a worker who may do it"
    return f"no company that offers this item serves {order.district or 'an elder without a district'}"
