"""Which companies are asked, in what order, how many at once, and why the others are not. Pure: values in, ranking out.

The reasons are codes with numbers, so that they can be stored, counted, and shown in any language; `reason` says the
same in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from routing.orders.dispatching.distance import distances_from


@dataclass(frozen=True)
class Weights:
    """What counts how much, in points: one point is one whole mark of the elders' score from 1 to 5.

    All of them are judgements, not measurements; they stand here together so that they are changed together.
    """

    km_per_point: float = 2.0
    """Two kilometres, ten minutes on a bicycle, weigh as much as one mark: near comes first within a quarter of a
    town, and good comes first among neighbours."""
    unknown_km: float = 5.0
    """Distance that is taken for a company or an elder without coordinates: neither near nor last."""
    fairness: float = 2.0
    """Points that a company loses by the time its offers of the day reach its capacity: work spreads before it
    piles."""
    acceptance: float = 1.0
    """Points between a company that accepts everything and one that accepts nothing: each refusal costs the elder up to
    ten minutes, a fraction of what a bad visit costs."""
    punctuality: float = 2.0
    """Points between always and never in time: being left waiting is what elders complain of first."""
    neutral: float = 0.8
    """Share that is taken for acceptance and punctuality while not enough is known: a newcomer is neither punished nor
    put before those who have proved themselves."""


WEIGHTS = Weights()
PRIOR_SCORE, PRIOR_COUNT = 4.0, 10
"""A company's rating counts as if it came after ten scores of 4: one angry word does not sink a newcomer."""
AT_ONCE = 3
"""Companies that an emergency is offered to in the same moment: as many as would else be asked one by one."""
URGENT_WITHIN = timedelta(hours=3)
"""An urgent service wanted within this time is an emergency; the same one promised for tomorrow is not. What is wanted
now is promised for within two and a half hours."""


@dataclass(frozen=True)
class Need:
    """What an order asks of a company. Coordinates in degrees, if known."""

    item_id: int
    district: str
    latitude: float | None = None
    longitude: float | None = None
    preferred: int | None = None
    """The company that the elder would like to come, if the plan of the order names one."""


class Candidate(NamedTuple):
    """A company as dispatch sees it. `offers_today` counts what it was offered, `orders_today` what it has to do.

    A tuple, as all that a ranking is made of: hundreds are made for each order while somebody waits. `acceptance` and
    `punctuality` are shares from 0 to 1; None: not enough is known. `radius_km`: it goes no farther.
    """

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
    punctuality: float | None = None
    suspended: bool = False
    has_phone: bool = True
    radius_km: float | None = None
    gave_up: bool = False
    paused: bool = False
    """It has said that it takes no orders for a time."""


class Why(StrEnum):
    """Why a company is not asked."""

    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    PAUSED = "paused"
    ITEM = "item"
    DISTRICT = "district"
    RADIUS = "radius"
    HOURS = "hours"
    CAPACITY = "capacity"
    CERTIFICATE = "certificate"
    GAVE_UP = "gave_up"
    ASKED = "asked"
    PHONE = "phone"


class Facts(NamedTuple):
    """What a company's place in the ranking is made of. `km` is None where a place is not known."""

    km: float | None
    rating: float
    scores: int
    acceptance: float | None
    punctuality: float | None
    offers_today: int
    daily_capacity: int


class Chosen(NamedTuple):
    """A company that may be asked, and why it stands where it stands. A higher score is asked sooner."""

    company_id: int
    score: float
    km: float | None
    candidate: Candidate
    preferred: bool = False
    """The elder would like this one: it stands before all others, whatever its score."""

    @property
    def facts(self) -> Facts:
        """What the score is made of, rounded as it is shown."""
        each = self.candidate
        return Facts(
            None if self.km is None else round(self.km, 2),
            round(shrunk_rating(each.rating_sum, each.rating_count), 2), each.rating_count, each.acceptance,
            each.punctuality, each.offers_today, each.daily_capacity,
        )  # fmt: skip

    @property
    def reason(self) -> str:
        """The facts in a sentence. Kilometres are whole ones: distances from several known places to the tenth would
        tell where an elder lives."""
        km, rating, scores, acceptance, punctuality, offers, capacity = self.facts
        return (
            f"{'as the elder prefers, ' if self.preferred else ''}"
            f"{'distance unknown' if km is None else f'about {km:.0f} km'}, rating {rating:.2f} ({scores} scores), "
            f"accepts {_share(acceptance)}, in time {_share(punctuality)}, {offers} offers today of {capacity}: "
            f"{self.score:.2f}"
        )


class LeftOut(NamedTuple):
    """A company that is not asked, and why; `numbers` belong to the reason: done and possible, or kilometres."""

    company_id: int
    why: Why
    numbers: tuple[float, ...] = ()

    @property
    def reason(self) -> str:
        """The reason in words that go on after the company's name."""
        return _IN_WORDS[self.why].format(*self.numbers)


_IN_WORDS: Mapping[Why, str] = MappingProxyType(
    {
        Why.INACTIVE: "is not active",
        Why.ITEM: "does not offer this item",
        Why.SUSPENDED: "is suspended",
        Why.PAUSED: "takes no orders for a time, as it said",
        Why.DISTRICT: "does not serve this district",
        Why.RADIUS: "goes no farther than {1:g} km",
        Why.HOURS: "is closed at this hour",
        Why.CAPACITY: "has no capacity left that day ({0:g} of {1:g})",
        Why.CERTIFICATE: "has no worker with the certificate",
        Why.GAVE_UP: "gave this order up",
        Why.ASKED: "was asked before for this order",
        Why.PHONE: "has no telephone number",
    }
)


@dataclass(frozen=True)
class Ranking:
    """Who is asked, in order, and who is not."""

    chosen: tuple[Chosen, ...]
    left_out: tuple[LeftOut, ...]


def shrunk_rating(rating_sum: int, rating_count: int) -> float:
    """Give the mean score, shrunk toward `PRIOR_SCORE` with the weight of `PRIOR_COUNT` scores."""
    return (PRIOR_SCORE * PRIOR_COUNT + rating_sum) / (PRIOR_COUNT + rating_count)


def asked_at_once(urgent: bool, due_at: datetime, now: datetime) -> int:
    """Tell how many companies an order is offered to at once: an emergency to `AT_ONCE`, anything else to one."""
    return AT_ONCE if urgent and due_at - now <= URGENT_WITHIN else 1


def rank(
    need: Need, candidates: Sequence[Candidate], minute_of_day: int, weights: Weights = WEIGHTS,
    others: Sequence[LeftOut] = (),
) -> Ranking:  # fmt: skip
    """Decide which companies are asked and in what order; `minute_of_day` is local (0 to 1439). Ties go to the
    lower id, so that the same facts always give the same answer. The company that the elder prefers is asked first, if
    nothing speaks against it: a preference lets nobody through that would be left out. `others` are those of whom one
    knows without looking closely that they are left out, as most are who do not offer the item."""
    chosen: list[Chosen] = []
    left_out = list(others)
    how_far = _how_far(need)
    for each in candidates:
        km = how_far(each)
        why_not = _why_not(need, each, minute_of_day, km)
        if why_not is None:
            chosen.append(_scored(each, km, weights, each.company_id == need.preferred))
        else:
            left_out.append(LeftOut(each.company_id, why_not, _numbers(why_not, each, km)))
    chosen.sort(key=lambda one: (not one.preferred, -one.score, one.company_id))
    left_out.sort()
    return Ranking(tuple(chosen), tuple(left_out))


def _how_far(need: Need) -> Callable[[Candidate], float | None]:
    """Give what tells how far a company is from the elder: nothing where one of the places is not known."""
    if need.latitude is None or need.longitude is None:
        return lambda _each: None
    measure = distances_from(need.latitude, need.longitude)
    return lambda each: (
        None if each.latitude is None or each.longitude is None else measure(each.latitude, each.longitude)
    )


def _why_not(need: Need, each: Candidate, minute: int, km: float | None) -> Why | None:  # noqa: PLR0911
    """Give the first reason against a company, or nothing: one line a reason. The telephone comes last: a company that
    only lacks a number is one that a person can still reach otherwise."""
    if not each.active:
        return Why.INACTIVE
    if need.item_id not in each.item_ids:
        return Why.ITEM
    if each.suspended:
        return Why.SUSPENDED
    if each.paused:
        return Why.PAUSED
    if each.districts and need.district not in each.districts:
        return Why.DISTRICT
    if each.radius_km is not None and (km or 0.0) > each.radius_km:
        return Why.RADIUS
    if not _is_open(each, minute):
        return Why.HOURS
    if each.orders_today >= each.daily_capacity:
        return Why.CAPACITY
    if each.qualified_workers <= 0:
        return Why.CERTIFICATE
    if each.gave_up:
        return Why.GAVE_UP
    if each.already_asked:
        return Why.ASKED
    return None if each.has_phone else Why.PHONE


def _numbers(why: Why, each: Candidate, km: float | None) -> tuple[float, ...]:
    """Give the numbers that belong to a reason."""
    if why is Why.CAPACITY:
        return (each.orders_today, each.daily_capacity)
    if why is Why.RADIUS:
        return (round(km or 0.0, 1), each.radius_km or 0.0)
    return (each.open_from, each.open_until) if why is Why.HOURS else ()


def _is_open(each: Candidate, minute: int) -> bool:
    """Tell whether offers are taken; hours that end before they begin go over midnight."""
    if each.open_from <= each.open_until:
        return each.open_from <= minute < each.open_until
    return minute >= each.open_from or minute < each.open_until


def _scored(each: Candidate, km: float | None, weights: Weights, preferred: bool) -> Chosen:
    (company_id, _, _, _, _, _, capacity, _, offers, _, rating_sum, rating_count, _, _, _, acceptance, punctuality,
     *_) = each  # fmt: skip  # At once: asking hundreds of times for fields by name would be half of the work.
    score = (
        (PRIOR_SCORE * PRIOR_COUNT + rating_sum) / (PRIOR_COUNT + rating_count)
        - (weights.unknown_km if km is None else km) / weights.km_per_point
        - weights.fairness * (offers / capacity if capacity else 1.0)
        + weights.acceptance * (weights.neutral if acceptance is None else acceptance)
        + weights.punctuality * (weights.neutral if punctuality is None else punctuality)
    )
    return Chosen(company_id, round(score, 6), km, each, preferred)


def _share(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.0%}"
