"""What may happen to a work order, what it costs, and which company is asked first. Pure: values in, decisions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from types import MappingProxyType


class OrderState(StrEnum):
    """Where a work order stands. An order is unassigned when no company took it: a supervisor decides."""

    REQUESTED = "requested"
    OFFERED = "offered"
    UNASSIGNED = "unassigned"
    ACCEPTED = "accepted"
    VISITING = "visiting"
    DONE = "done"
    RATED = "rated"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    DISPUTED = "disputed"


_S = OrderState
MOVES: Mapping[OrderState, frozenset[OrderState]] = MappingProxyType(
    {
        _S.REQUESTED: frozenset({_S.OFFERED, _S.UNASSIGNED, _S.CANCELLED}),
        # Back to requested: declined or expired, and so on to the next company.
        _S.OFFERED: frozenset({_S.ACCEPTED, _S.REQUESTED, _S.CANCELLED}),
        _S.UNASSIGNED: frozenset({_S.REQUESTED, _S.ACCEPTED, _S.CANCELLED}),
        _S.ACCEPTED: frozenset({_S.VISITING, _S.REQUESTED, _S.CANCELLED, _S.DISPUTED}),
        _S.VISITING: frozenset({_S.DONE, _S.DISPUTED}),
        _S.DONE: frozenset({_S.RATED, _S.DISPUTED, _S.CLOSED}),
        # The elder's latest word wins, also when it comes late.
        _S.RATED: frozenset({_S.CLOSED, _S.DISPUTED}),
        _S.CLOSED: frozenset({_S.DISPUTED}),
        _S.DISPUTED: frozenset({_S.RATED, _S.CLOSED, _S.CANCELLED}),
        _S.CANCELLED: frozenset(),
    }
)
"""The one table of allowed moves."""

OPEN = frozenset({_S.REQUESTED, _S.OFFERED, _S.UNASSIGNED, _S.ACCEPTED, _S.VISITING})
"""States of an order that the elder still waits for."""

TWICE_WITHIN = timedelta(minutes=10)
"""The same item ordered again within this time is asked about, not silently doubled."""


def may_move(state: OrderState, to: OrderState) -> bool:
    """Tell whether the table allows the move."""
    return to in MOVES[state]


def is_repeat(ordered_at: datetime, now: datetime) -> bool:
    """Tell whether an order for the same item, placed at `ordered_at`, makes a new one look like a slip."""
    return timedelta(0) <= now - ordered_at < TWICE_WITHIN


def promised_for(now: datetime) -> datetime:
    """Give the time by which a service that is wanted now is promised: the half hour that is two hours ahead."""
    ahead = now + timedelta(hours=2)
    return ahead + (datetime.min.replace(tzinfo=ahead.tzinfo) - ahead) % timedelta(minutes=30)


class CancelBy(StrEnum):
    """Who can cancel an order for the elder who waits for it."""

    KEY = "key"
    PERSON = "person"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Cancelling:
    """Who can cancel, and why."""

    by: CancelBy
    reason: str


ON_THE_WAY = timedelta(hours=1)
"""From so long before the promised time on, a worker may be on the way, and somebody has to ring them."""


def cancelling(state: OrderState, due_at: datetime, now: datetime) -> Cancelling:
    """Tell whether an elder cancels an order by key, or only a person can. The table of moves decides at last."""
    if state is OrderState.VISITING:
        return Cancelling(CancelBy.PERSON, "the worker is with the elder")
    if state not in OPEN:
        return Cancelling(CancelBy.NOBODY, f"the order is {state}")
    if state is OrderState.ACCEPTED and now >= due_at - ON_THE_WAY:
        return Cancelling(CancelBy.PERSON, "the worker may be on the way")
    return Cancelling(CancelBy.KEY, f"nobody is on the way to an order that is {state}")


VISIT_FROM, VISIT_UNTIL = timedelta(hours=-16), timedelta(hours=24)
"""A visit may begin so long before and after the promised time: the same day, also when that crosses midnight. What is
ordered too late for today is promised for 9:00, and may still be brought the same evening."""


def may_check_in(due_at: datetime, now: datetime) -> bool:
    """Tell whether a visit that was promised for `due_at` may begin now."""
    return VISIT_FROM <= now - due_at <= VISIT_UNTIL


@dataclass(frozen=True)
class Price:
    """What an order costs and what the elder pays of it, in fen, with the reason that is stored and shown."""

    price_fen: int
    elder_pays_fen: int
    reason: str


ELDER_SHARE_PERCENT: Mapping[str, int] = MappingProxyType({"assisted": 0, "subsidised": 50, "self_paid": 100})
"""Share of the tariff that an elder of each payer class pays, in percent."""


def price(tariff_fen: int, payer_class: str, share_percent: Mapping[str, int] = ELDER_SHARE_PERCENT) -> Price:
    """Work out what the elder pays. A share that is no whole fen is rounded down, in favour of the elder.

    Raises ValueError for a negative tariff. A payer class that nobody has written a share for pays all, and the
    reason says so: a price too high is corrected with a word, a gift is not.
    """
    if tariff_fen < 0:
        raise ValueError("a tariff is not negative")
    percent = share_percent.get(payer_class)
    if percent is None:
        return Price(tariff_fen, tariff_fen, f"payer class {payer_class!r} has no share: pays the whole tariff")
    return Price(tariff_fen, tariff_fen * percent // 100, f"{payer_class} pays {percent} % of the tariff")


@dataclass(frozen=True)
class Need:
    """What an order asks of a company. Coordinates in degrees, if known."""

    item_id: int
    district: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Candidate:
    """A company as dispatch sees it. `offers_today` counts what it was offered, `orders_today` what it has to do."""

    company_id: int
    item_ids: frozenset[int]
    districts: frozenset[str]
    active: bool
    open_from: int
    open_until: int
    daily_capacity: int
    orders_today: int
    offers_today: int
    qualified_workers: int
    rating_sum: int
    rating_count: int
    latitude: float | None = None
    longitude: float | None = None
    already_asked: bool = False
    acceptance: float | None = None
    """Share of offers accepted, 0 to 1, as ranking takes it; None: not enough is known."""
    punctuality: float | None = None
    """Share of visits on time, as above."""
    unavailable: str = ""
    """Why it is not asked now: suspended, or closed by itself. Empty: nothing speaks against it."""


@dataclass(frozen=True)
class Chosen:
    """A company that may be asked, and why it stands where it stands. A higher score is asked sooner."""

    company_id: int
    score: float
    reason: str


@dataclass(frozen=True)
class LeftOut:
    """A company that is not asked, and why."""

    company_id: int
    reason: str


@dataclass(frozen=True)
class Ranking:
    """Who is asked, in order, and who is not."""

    chosen: tuple[Chosen, ...]
    left_out: tuple[LeftOut, ...]


PRIOR_SCORE, PRIOR_COUNT = 4.0, 10
"""A company's rating counts as if it came after ten scores of 4: one angry word does not sink a newcomer."""
KM_PER_POINT = 2.0
UNKNOWN_KM = 5.0
"""Distance that is taken for a company or an elder without coordinates."""
FAIRNESS_POINTS = 2.0
"""Points that a company loses by the time its offers of the day reach its capacity."""
EARTH_KM = 6371.0088
"""Mean radius of the earth, in kilometres (IUGG)."""


def distance_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Give the great-circle distance of two places, by the haversine formula; degrees in, kilometres out."""
    half_lat = radians(to_latitude - latitude) / 2
    half_lon = radians(to_longitude - longitude) / 2
    chord = sin(half_lat) ** 2 + cos(radians(latitude)) * cos(radians(to_latitude)) * sin(half_lon) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, chord)))


def shrunk_rating(rating_sum: int, rating_count: int) -> float:
    """Give the mean score, shrunk toward `PRIOR_SCORE` with the weight of `PRIOR_COUNT` scores."""
    return (PRIOR_SCORE * PRIOR_COUNT + rating_sum) / (PRIOR_COUNT + rating_count)


def rank(need: Need, candidates: Sequence[Candidate], minute_of_day: int) -> Ranking:
    """Decide which companies are asked and in what order; `minute_of_day` is local (0 to 1439). Ties go to the
    lower id, so that the same facts always give the same answer."""
    chosen: list[Chosen] = []
    left_out: list[LeftOut] = []
    for each in candidates:
        why_not = _why_not(need, each, minute_of_day)
        if why_not:
            left_out.append(LeftOut(each.company_id, why_not))
        else:
            chosen.append(_scored(need, each))
    chosen.sort(key=lambda one: (-one.score, one.company_id))
    return Ranking(tuple(chosen), tuple(left_out))


def _why_not(need: Need, each: Candidate, minute: int) -> str:
    """Give the first reason against a company, or nothing."""
    serves = not each.districts or need.district in each.districts
    reasons = (
        (each.active, "not active"),
        (not each.unavailable, each.unavailable),
        (need.item_id in each.item_ids, "does not offer this item"),
        (serves, f"does not serve {need.district or 'an elder without a district'}"),
        (_is_open(each, minute), "closed at this hour"),
        (each.orders_today < each.daily_capacity,
         f"has no capacity left today ({each.orders_today} of {each.daily_capacity})"),
        (each.qualified_workers > 0, "has no worker with the certificate"),
        (not each.already_asked, "was asked before for this order"),
    )  # fmt: skip
    return next((reason for holds, reason in reasons if not holds), "")


def _is_open(each: Candidate, minute: int) -> bool:
    """Tell whether offers are taken; hours that end before they begin go over midnight."""
    if each.open_from <= each.open_until:
        return each.open_from <= minute < each.open_until
    return minute >= each.open_from or minute < each.open_until


def _scored(need: Need, each: Candidate) -> Chosen:
    rating = shrunk_rating(each.rating_sum, each.rating_count)
    here, there = (need.latitude, need.longitude), (each.latitude, each.longitude)
    if None in here or None in there:
        km, how_far = UNKNOWN_KM, "distance unknown"
    else:
        km = distance_km(*here, *there)  # type: ignore[arg-type]  # Neither holds None here.
        how_far = f"{km:.1f} km"
    burden = each.offers_today / each.daily_capacity if each.daily_capacity else 1.0
    score = rating - km / KM_PER_POINT - FAIRNESS_POINTS * burden
    reason = (
        f"{how_far}, rating {rating:.2f} ({each.rating_count} scores), "
        f"{each.offers_today} offers today of {each.daily_capacity}: {score:.2f}"
    )
    return Chosen(each.company_id, round(score, 6), reason)
