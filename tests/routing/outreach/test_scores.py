"""Scores: one for each order and channel, the latest word wins, the sums follow."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.demo import DEMO
from db.models import Case, Company, Rating, Worker
from routing.errors import Invalid, NotFound
from routing.orders.policy import OrderState
from routing.outreach.scores import NotDoneYet
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town


def sums(town: Town) -> tuple[int, int]:
    """Sum and count of the company's ratings; the worker's are the same."""
    company = next(each for each in town.rows(Company) if each.name == DEMO.company.name)
    workers = [each for each in town.rows(Worker) if each.company_id == company.id]
    assert (sum(each.rating_sum for each in workers), sum(each.rating_count for each in workers)) == (
        company.rating_sum,
        company.rating_count,
    )
    return company.rating_sum, company.rating_count


def test_a_good_score_rates_the_order(town: Town) -> None:
    order = town.served()
    scored = town.ratings.score(order.id, "call", score=5, done=True)
    assert (scored.order.state, scored.complaint_case_id) == (OrderState.RATED, None)
    last = town.orders.history(order.id)[-1]
    assert (last.actor, last.channel, last.reason) == (f"elder:{order.elder_id}", "phone_key", "score 5")
    assert sums(town) == (5, 1)


@pytest.mark.parametrize("word", [{"score": 2}, {"score": 1, "done": True}, {"done": False}])
def test_a_low_score_or_not_done_opens_a_complaint_once(town: Town, word: dict[str, object]) -> None:
    order = town.served()
    scored = town.ratings.score(order.id, "call", **word)  # type: ignore[arg-type]
    assert scored.order.state is OrderState.DISPUTED
    town.ratings.score(order.id, "sms", **word)  # type: ignore[arg-type]
    (case,) = town.rows(Case)
    assert (case.kind, case.order_id, case.id) == ("complaint", order.id, scored.complaint_case_id)
    assert case.due_at is not None


def test_the_latest_word_wins_and_the_sums_are_adjusted(town: Town) -> None:
    order = town.served()
    for channel, score, expected in (("call", 5, (5, 1)), ("sms", 3, (3, 1)), ("sms", 4, (4, 1)), ("call", 5, (5, 1))):
        town.clock.forward(minutes=1)
        town.ratings.score(order.id, channel, score=score)
        assert sums(town) == expected
    ratings = {each.channel: each for each in town.rows(Rating)}
    assert (ratings["call"].score, ratings["sms"].score) == (5, 4)
    assert [each["score"] for each in json.loads(ratings["sms"].history)] == [3]


WORDS = st.lists(
    st.tuples(st.sampled_from(["call", "sms", "desk"]), st.integers(1, 5), st.integers(-120, 120)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS)
def test_whatever_is_said_one_score_stands_for_each_channel_and_the_last_word_counts(
    town: Town, words: list[tuple[str, int, int]]
) -> None:
    """Also when the clock is set back between two words. Changes are kept, and the sums follow the word that counts."""
    before = sums(town)
    order = town.served()
    said: dict[str, list[int]] = {}
    for channel, score, minutes in words:
        town.clock.forward(minutes=minutes)
        town.ratings.score(order.id, channel, score=score)
        if said.setdefault(channel, [score])[-1] != score:
            said[channel].append(score)
        assert sums(town) == (before[0] + score, before[1] + 1)
    rows = {each.channel: each for each in town.rows(Rating) if each.order_id == order.id}
    assert {channel: each.score for channel, each in rows.items()} == {each: of[-1] for each, of in said.items()}
    for channel, each in rows.items():
        assert [one["score"] for one in json.loads(each.history or "[]")] == said[channel][:-1]


def test_the_same_word_twice_leaves_no_history(town: Town) -> None:
    order = town.served()
    town.ratings.score(order.id, "call", score=4)
    town.ratings.score(order.id, "call", score=4)
    assert town.rows(Rating)[0].history == ""
    assert sums(town) == (4, 1)


def test_done_without_a_score_waits_for_one(town: Town) -> None:
    order = town.served()
    assert town.ratings.score(order.id, "call", done=True).order.state is OrderState.DONE
    assert sums(town) == (0, 0)


def test_a_low_score_after_a_good_one_disputes_also_a_closed_order(town: Town) -> None:
    order = town.served()
    town.ratings.score(order.id, "call", score=5)
    town.clock.forward(days=2)
    assert town.ratings.close_rated(timedelta(days=1)) == 1
    assert town.orders.get(order.id).state is OrderState.CLOSED
    assert town.ratings.score(order.id, "sms", score=1).order.state is OrderState.DISPUTED


def test_an_order_that_nobody_scores_is_closed_after_a_while_and_a_late_word_still_counts(town: Town) -> None:
    order = town.served()
    town.clock.forward(days=6)
    assert town.ratings.close_unscored(timedelta(days=7)) == 0
    town.clock.forward(days=2)
    assert town.ratings.close_unscored(timedelta(days=7)) == 1
    assert town.orders.history(order.id)[-1].to_state == OrderState.CLOSED
    assert town.ratings.score(order.id, "sms", score=1).order.state is OrderState.DISPUTED


def test_two_who_close_at_once_close_each_order_once(any_town: Town) -> None:
    orders = [any_town.served().id for _ in range(3)]
    for order in orders:
        any_town.ratings.score(order, "call", score=5)
    any_town.clock.forward(days=2)
    assert sum(at_once(2, lambda _at: any_town.ratings.close_rated(timedelta(days=1)))) == 3  # type: ignore[arg-type]
    assert all([each.to_state for each in any_town.orders.history(order)].count("closed") == 1 for order in orders)


def test_an_order_rated_just_now_is_not_closed_yet(town: Town) -> None:
    town.ratings.score(town.served().id, "call", score=5)
    assert town.ratings.close_rated(timedelta(days=1)) == 0


def test_what_cannot_be_rated(town: Town) -> None:
    order = town.place()
    with pytest.raises(NotDoneYet):
        town.ratings.score(order.id, "call", score=5)
    with pytest.raises(NotFound):
        town.ratings.score(999, "call", score=5)
    for channel, score in (("call", 6), ("call", 0), ("letter", 5)):
        with pytest.raises(Invalid):
            town.ratings.score(order.id, channel, score=score)
    assert not town.rows(Rating)


def test_words_that_come_at_once_count_once(any_town: Town) -> None:
    order = any_town.served()
    at_once(6, lambda at: any_town.ratings.score(order.id, ("call", "sms", "desk")[at % 3], score=3 + at % 3))
    assert len(any_town.rows(Rating)) == 3
    assert sums(any_town)[1] == 1
    assert sums(any_town)[0] in (3, 4, 5)
