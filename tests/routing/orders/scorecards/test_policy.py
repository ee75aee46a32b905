"""Scorecards: bounds, shrinkage, order that does not matter, and when a person is asked about a suspension."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.dispatching.policy import PRIOR_SCORE
from routing.orders.scorecards.policy import (
    LEAST_KNOWN,
    PRIOR_SHARE,
    RAISED_AGAIN_AFTER,
    Counts,
    Ground,
    Raised,
    Share,
    SuspensionRules,
    grounds,
    is_news,
    scorecard,
    shrunk_share,
    standing,
)

NUMBERS = st.integers(0, 10_000)


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    """Counts that can be: no more verified visits than visits, scores of 1 to 5, and so on."""
    visits, begun = sorted((draw(NUMBERS), draw(NUMBERS)))
    scores, complaints = draw(NUMBERS), draw(NUMBERS)
    return Counts(
        accepted=draw(NUMBERS), declined=draw(NUMBERS), expired=draw(NUMBERS), visits=visits,
        verified=draw(st.integers(0, visits)), begun=begun, on_time=draw(st.integers(0, begun)),
        score_sum=draw(st.integers(scores, 5 * scores)), score_count=scores, complaints=complaints,
        upheld=draw(st.integers(0, complaints)), disputes=draw(NUMBERS), done=draw(NUMBERS),
    )  # fmt: skip


@given(counts())
def test_everything_is_within_its_bounds(counted: Counts) -> None:
    card = scorecard(counted)
    for share in (card.acceptance, card.punctuality, card.verified):
        assert share.value is None or 0 <= share.value <= 1
        assert 0 < share.shrunk < 1
    assert 1 <= card.score <= 5
    assert card.complaints_per_100 is None or card.complaints_per_100 >= 0
    stands = standing(card)
    for known in (stands.acceptance, stands.punctuality, stands.verified):
        assert known is None or 0 <= known <= 1


@given(NUMBERS, NUMBERS)
def test_a_share_is_shrunk_toward_the_prior_and_the_less_the_more_is_known(part: int, more: int) -> None:
    of = part + more
    shrunk = shrunk_share(part, of)
    if of:
        low, high = sorted((PRIOR_SHARE, part / of))
        assert low - 1e-12 <= shrunk <= high + 1e-12
        assert abs(shrunk_share(2 * part, 2 * of) - part / of) <= abs(shrunk - part / of) + 1e-12
    else:
        assert shrunk == PRIOR_SHARE


@given(counts())
def test_the_score_is_shrunk_toward_the_prior(counted: Counts) -> None:
    card = scorecard(counted)
    if counted.score_count:
        low, high = sorted((PRIOR_SCORE, counted.score_sum / counted.score_count))
        assert low - 1e-12 <= card.score <= high + 1e-12
    else:
        assert card.score == PRIOR_SCORE
    assert card.score_formula.endswith(f"= {card.score:.2f}")
    assert str(counted.score_sum) in card.score_formula


@given(st.lists(counts(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_what_happened_does_not_matter(parts: list[Counts], random: object) -> None:
    mixed = list(parts)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # A Random of hypothesis.
    assert scorecard(reduce(add, parts, Counts())) == scorecard(reduce(add, mixed, Counts()))


@given(counts(), st.sampled_from(["accepted", "verified", "on_time"]))
def test_one_more_good_deed_never_makes_it_worse(counted: Counts, what: str) -> None:
    good = {
        "accepted": {"accepted": 1},
        "verified": {"verified": 1, "visits": 1},
        "on_time": {"on_time": 1, "begun": 1},
    }
    better = counted + Counts(**good[what])
    name = {"accepted": "acceptance", "verified": "verified", "on_time": "punctuality"}[what]
    assert getattr(scorecard(better), name).shrunk >= getattr(scorecard(counted), name).shrunk


def test_what_is_no_share_is_refused() -> None:
    for part, of in ((2, 1), (-1, 3)):
        with pytest.raises(ValueError, match="no share"):
            shrunk_share(part, of)


def test_expiry_counts_as_no() -> None:
    card = scorecard(Counts(accepted=6, declined=1, expired=3))
    assert card.acceptance == Share(6, 10)


def test_too_little_is_not_known() -> None:
    few = Counts(accepted=LEAST_KNOWN - 1, begun=LEAST_KNOWN, on_time=LEAST_KNOWN)
    stands = standing(scorecard(few))
    assert (stands.acceptance, stands.verified, stands.complaints_per_100) == (None, None, None)
    assert stands.punctuality == pytest.approx((8 + LEAST_KNOWN) / (10 + LEAST_KNOWN))


GOOD = Counts(accepted=100, visits=100, verified=100, begun=100, on_time=100, score_sum=450, score_count=100)


@pytest.mark.parametrize(
    ("changed", "lately", "code"),
    [
        ({}, Counts(upheld=3, complaints=3), "complaints"),
        ({"verified": 49}, Counts(), "verified"),
        ({"on_time": 49}, Counts(), "punctuality"),
        ({"accepted": 29, "declined": 41, "expired": 30}, Counts(), "acceptance"),
        ({"score_sum": 250}, Counts(), "score"),
        ({}, Counts(disputes=5), "disputes"),
    ],
)
def test_each_ground_is_found_with_its_numbers(changed: dict[str, int], lately: Counts, code: str) -> None:
    (ground,) = grounds(scorecard(replace(GOOD, **changed)), lately)
    assert ground.code == code
    assert any(digit in ground.reason for digit in "0123456789")


@pytest.mark.parametrize(
    ("few", "lately"),
    [
        (Counts(visits=19, begun=19), Counts()),
        (Counts(declined=19), Counts()),
        (Counts(score_count=9, score_sum=9), Counts()),
        (GOOD, Counts(upheld=2, complaints=9, disputes=4)),
        (replace(GOOD, verified=50, on_time=50, accepted=30, declined=70), Counts()),
    ],
)
def test_too_few_cases_and_what_is_just_enough_suggest_nothing(few: Counts, lately: Counts) -> None:
    assert grounds(scorecard(few), lately) == ()


@given(counts(), counts())
def test_whoever_does_nothing_wrong_is_never_suggested(counted: Counts, lately: Counts) -> None:
    perfect = replace(
        counted,
        declined=0,
        expired=0,
        verified=counted.visits,
        on_time=counted.begun,
        score_sum=5 * counted.score_count,
    )
    assert grounds(scorecard(perfect), replace(lately, upheld=0, disputes=0)) == ()


def test_the_rules_can_be_set() -> None:
    assert grounds(scorecard(GOOD), Counts(upheld=1), SuspensionRules(upheld_complaints=1))


FOUND = (Ground("score", "-"),)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "suspended", "news"),
    [
        (None, False, True),
        (None, True, False),
        (Raised(frozenset({"score"}), 60 * DAY, open=True), False, False),
        (Raised(frozenset({"score"}), DAY, open=False), False, False),
        (Raised(frozenset({"score", "verified"}), DAY, open=False), False, False),
        (Raised(frozenset({"verified"}), DAY, open=False), False, True),
        (Raised(frozenset({"score"}), RAISED_AGAIN_AFTER, open=False), False, True),
    ],
)
def test_a_person_is_asked_once_and_again_only_for_news(last: Raised | None, suspended: bool, news: bool) -> None:
    assert is_news(FOUND, last, suspended=suspended) is news
    assert not is_news((), last, suspended=suspended)


def test_all_counts_add_up() -> None:
    one = Counts(*range(1, len(fields(Counts)) + 1))
    assert one + one == Counts(*(2 * each for each in range(1, len(fields(Counts)) + 1)))
