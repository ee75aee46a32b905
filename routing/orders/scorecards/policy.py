"""What a company's counts say of it: shares, the score, and when a person should think about suspending it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum

from routing.orders.dispatching.policy import PRIOR_COUNT, PRIOR_SCORE, shrunk_rating

PERIOD = timedelta(days=90)
"""What ranking and pages look back on."""
LATELY = timedelta(days=30)
"""What complaints are counted over when a suspension is suggested."""
ON_TIME = timedelta(minutes=30)
"""A visit is punctual that begins within so long of the promised time, sooner or later: times are promised by the half
hour."""
FORGOTTEN = timedelta(hours=16)
"""A visit that nobody has checked out of for so long is over, and its end is not verified."""

PRIOR_SHARE, PRIOR_WEIGHT = 0.8, 10
"""A share counts as if it came after ten cases of which eight were good: the first "no" of a newcomer sinks nobody."""
LEAST_KNOWN = 5
"""Cases below which ranking takes a share as not known."""


class DeclineReason(StrEnum):
    """Why a company declines, by the key that says so: 1 to 4, in this order."""

    NO_STAFF = "no_staff"
    TOO_FAR = "too_far"
    BAD_TIME = "bad_time"
    OTHER = "other"


@dataclass(frozen=True)
class Counts:
    """What happened in a period. All are counts of the same company, so that two periods add up."""

    accepted: int = 0
    declined: int = 0
    expired: int = 0
    visits: int = 0
    """Visits that are over."""
    verified: int = 0
    """Of these, visits that began and ended with a call from a phone of the elder."""
    begun: int = 0
    """Visits that have begun."""
    on_time: int = 0
    """Of these, visits that began within `ON_TIME` of the promised time."""
    score_sum: int = 0
    score_count: int = 0
    complaints: int = 0
    upheld: int = 0
    """Complaints that a person has found to be right."""
    disputes: int = 0
    done: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Counts)))

    @property
    def answered(self) -> int:
        """Offers that ended by themselves: expiry counts as an answer, which was not yes."""
        return self.accepted + self.declined + self.expired


@dataclass(frozen=True)
class Share:
    """Some of a number; `value` is 0 to 1, or None of nothing."""

    part: int
    of: int

    @property
    def value(self) -> float | None:
        return self.part / self.of if self.of else None

    @property
    def shrunk(self) -> float:
        """(prior x weight + part) / (weight + number): between the prior and the share as it is."""
        return shrunk_share(self.part, self.of)


@dataclass(frozen=True)
class Scorecard:
    """A company in a period. The median is in seconds; `score` is 1 to 5."""

    counts: Counts
    acceptance: Share
    punctuality: Share
    verified: Share
    score: float
    score_formula: str
    """How the score was worked out, with its numbers."""
    complaints_per_100: float | None
    """Complaints per 100 visits that are over; None without any."""
    answer_seconds: float | None
    """Median time from an offer to its answer by the company; None if none was answered."""
    declined_for: Mapping[str, int]
    """Reasons for declining, counted; the empty word stands for no reason given."""


@dataclass(frozen=True)
class Standing:
    """What the ranking of dispatch takes of a company; shares are shrunk, 0 to 1, or None while too little is known."""

    acceptance: float | None
    punctuality: float | None
    verified: float | None
    score: float
    complaints_per_100: float | None


def shrunk_share(part: int, of: int, prior: float = PRIOR_SHARE, weight: int = PRIOR_WEIGHT) -> float:
    """Give a share, shrunk toward `prior` with the weight of `weight` cases. Raises ValueError for what is no share."""
    if not 0 <= part <= of:
        raise ValueError(f"{part} of {of} is no share")
    return (prior * weight + part) / (weight + of)


def scorecard(
    counts: Counts, answer_seconds: float | None = None, declined_for: Mapping[str, int] | None = None
) -> Scorecard:
    """Work a scorecard out of counts."""
    score = shrunk_rating(counts.score_sum, counts.score_count)
    return Scorecard(
        counts=counts,
        acceptance=Share(counts.accepted, counts.answered),
        punctuality=Share(counts.on_time, counts.begun),
        verified=Share(counts.verified, counts.visits),
        score=score,
        score_formula=(
            f"({PRIOR_SCORE:g} × {PRIOR_COUNT} + {counts.score_sum}) / ({PRIOR_COUNT} + {counts.score_count})"
            f" = {score:.2f}"
        ),
        complaints_per_100=100 * counts.complaints / counts.visits if counts.visits else None,
        answer_seconds=answer_seconds,
        declined_for=dict(declined_for or {}),
    )


def standing(card: Scorecard) -> Standing:
    """Give what ranking takes of a scorecard."""
    return Standing(
        acceptance=_known(card.acceptance),
        punctuality=_known(card.punctuality),
        verified=_known(card.verified),
        score=card.score,
        complaints_per_100=card.complaints_per_100 if card.counts.visits >= LEAST_KNOWN else None,
    )


def _known(share: Share) -> float | None:
    return share.shrunk if share.of >= LEAST_KNOWN else None


@dataclass(frozen=True)
class SuspensionRules:
    """From where on a person should think about suspending a company. Shares are of the last 90 days."""

    upheld_complaints: int = 3
    """Complaints found right within `LATELY`."""
    least_visits: int = 20
    verified_share: float = 0.5
    punctual_share: float = 0.5
    least_offers: int = 20
    acceptance_share: float = 0.3
    least_scores: int = 10
    score: float = 3.0
    disputes: int = 5


@dataclass(frozen=True)
class Ground:
    """One reason to suspend: a code, and a sentence with its numbers."""

    code: str
    reason: str


def grounds(card: Scorecard, lately: Counts, rules: SuspensionRules | None = None) -> tuple[Ground, ...]:
    """Give what speaks for suspending a company: `card` is of the last 90 days, `lately` of the last 30."""
    known = rules or SuspensionRules()
    found: list[Ground] = []
    if lately.upheld >= known.upheld_complaints:
        found.append(Ground("complaints", f"{lately.upheld} complaints upheld in {LATELY.days} days"))
    shares = (
        ("verified", "visits verified", card.verified, known.least_visits, known.verified_share),
        ("punctuality", "visits on time", card.punctuality, known.least_visits, known.punctual_share),
        ("acceptance", "offers accepted", card.acceptance, known.least_offers, known.acceptance_share),
    )
    for code, what, share, least, limit in shares:
        if share.of >= least and share.part < limit * share.of:
            found.append(Ground(code, f"{share.part} of {share.of} {what}, below {limit:.0%}"))
    counts = card.counts
    if counts.score_count >= known.least_scores and card.score < known.score:
        found.append(Ground("score", f"score {card.score:.2f} of {counts.score_count}, below {known.score:g}"))
    if lately.disputes >= known.disputes:
        found.append(Ground("disputes", f"{lately.disputes} orders disputed in {LATELY.days} days"))
    return tuple(found)


RAISED_AGAIN_AFTER = timedelta(days=30)
"""A person who decided against a suspension is not asked again for the same reasons before this."""


@dataclass(frozen=True)
class Raised:
    """The last time that a suspension was suggested. `age` is how long ago; `open` while nobody has decided."""

    codes: frozenset[str]
    age: timedelta
    open: bool


def is_news(found: Iterable[Ground], last: Raised | None, *, suspended: bool) -> bool:
    """Tell whether a person should be asked: once, and again only for a new reason or after a while."""
    codes = {each.code for each in found}
    if not codes or suspended:
        return False
    if last is None:
        return True
    if last.open:
        return False
    return bool(codes - last.codes) or last.age >= RAISED_AGAIN_AFTER
