"""Scorecards as the databases count them, the standing that dispatch weighs, and the suggestion that is made once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from db.demo import DEMO
from db.models import Case, Company, CompanyStanding, CompanySuggestion, Offer, Order, OrderEvent, Rating, Visit
from routing.errors import NotFound
from routing.orders.cases import Cases
from routing.orders.policy import OrderState
from routing.orders.scorecards.policy import PERIOD, Counts, Share
from tests.routing.town import Town

QUARTER = timedelta(minutes=15)


def happened(
    town: Town, at: datetime, number: int, *, state: str = "accepted", reason: str = "", seconds: int = 60,
    late: timedelta = QUARTER, verified: bool = True, score: int | None = None, complaint: str | None = None,
    company: str = DEMO.company.code,
) -> None:  # fmt: skip
    """Write so many orders as if they had happened at a time: offered, answered, visited, scored, complained of."""
    elder, item = town.elder_id(DEMO.wang), town.item_id("meal")
    company_id, worker = town.company_id(company), town.worker_id(DEMO.worker.code)
    at = at.astimezone(UTC)
    with town.unit_of_work() as session:
        for _ in range(number):
            key = f"h-{len(session.identity_map)}-{session.query(Order).count()}"
            accepted = state == "accepted"
            order = Order(
                number=key[-12:], key=key, elder_id=elder, item_id=item, company_id=company_id if accepted else None,
                worker_id=worker, state="done", source="voice", due_at=at + timedelta(hours=2), price_fen=0,
                elder_pays_fen=0, price_reason="", created_at=at, updated_at=at,
            )  # fmt: skip
            session.add(order)
            session.flush()
            answered = at + timedelta(seconds=seconds)
            session.add(
                Offer(order_id=order.id, company_id=company_id, round=1, state=state, offered_at=at,
                      expires_at=at + 4 * QUARTER, answered_at=answered, decline_reason=reason)
            )  # fmt: skip
            if not accepted:
                continue
            begun = order.due_at + late
            session.add(
                Visit(order_id=order.id, worker_id=worker, elder_id=elder, checked_in_at=begun,
                      checked_out_at=begun + 2 * QUARTER, in_verified=True, out_verified=verified, in_call_id="i")
            )  # fmt: skip
            session.add(
                OrderEvent(order_id=order.id, at=begun, from_state="visiting", to_state="done", actor="-", channel="-")
            )
            if score is not None:
                session.add(Rating(order_id=order.id, channel="call", score=score, at=begun))
            if complaint is not None:
                session.add(
                    Case(key=f"c-{key}", kind="complaint", state="closed", order_id=order.id, opened_at=begun,
                         result=complaint or None)
                )  # fmt: skip


def test_everything_is_counted_on_both_databases(any_town: Town) -> None:
    town, now = any_town, any_town.clock()
    happened(town, now - timedelta(days=3), 3, seconds=40, score=5)
    happened(town, now - timedelta(days=40), 2, seconds=100, late=timedelta(hours=1), verified=False, score=2)
    happened(town, now - timedelta(days=4), 1, seconds=70, late=-QUARTER, complaint="upheld", score=1)
    happened(town, now - timedelta(days=5), 1, seconds=90, complaint="unfounded")
    happened(town, now - timedelta(days=3), 2, state="declined", reason="too_far", seconds=10)
    happened(town, now - timedelta(days=3), 1, state="declined", seconds=20)
    happened(town, now - timedelta(days=3), 4, state="expired")
    happened(town, now - timedelta(days=3), 5, state="withdrawn")
    happened(town, now - PERIOD - timedelta(days=1), 9, score=1)
    happened(town, now - timedelta(days=3), 2, company="C02")
    card = town.scorecards.of_company(town.company_id()).card
    assert card.counts == Counts(
        accepted=7, declined=3, expired=4, visits=7, verified=5, begun=7, on_time=5, score_sum=20, score_count=6,
        complaints=2, upheld=1, disputes=0, done=7,
    )  # fmt: skip
    assert (card.acceptance, card.verified, card.punctuality) == (Share(7, 14), Share(5, 7), Share(5, 7))
    assert card.answer_seconds == pytest.approx(median([40, 40, 40, 100, 100, 70, 90, 10, 10, 20]), abs=0.01)
    assert dict(card.declined_for) == {"too_far": 2, "": 1}
    assert card.score == pytest.approx((40 + 20) / 16)
    assert card.complaints_per_100 == pytest.approx(100 * 2 / 7)


def test_an_even_number_of_answers_has_the_mean_of_the_two_in_the_middle(any_town: Town) -> None:
    for seconds in (10, 20, 40, 80):
        happened(any_town, any_town.clock() - timedelta(days=1), 1, seconds=seconds)
    card = any_town.scorecards.of_company(any_town.company_id()).card
    assert card.answer_seconds == pytest.approx(30, abs=0.01)


def test_the_elders_latest_word_is_the_score_of_an_order(any_town: Town) -> None:
    town = any_town
    happened(town, town.clock() - timedelta(days=1), 1, score=1)
    (rating,) = town.rows(Rating)
    with town.unit_of_work() as session:
        session.add(Rating(order_id=rating.order_id, channel="sms", score=4, at=rating.at + QUARTER))
    counted = town.scorecards.of_company(town.company_id()).card.counts
    assert (counted.score_sum, counted.score_count) == (4, 1)


def test_a_visit_that_nobody_checked_out_of_is_over_and_not_verified_after_a_while(town: Town) -> None:
    happened(town, town.clock() - timedelta(days=2), 1)
    with town.unit_of_work() as session:
        for visit in session.query(Visit):
            visit.checked_out_at = visit.out_verified = None
    assert town.scorecards.of_company(town.company_id()).card.verified == Share(0, 1)
    with town.unit_of_work() as session:
        for visit in session.query(Visit):
            visit.checked_in_at = town.clock() - timedelta(hours=1)
    assert town.scorecards.of_company(town.company_id()).card.verified == Share(0, 0), "it is not over yet"


def test_months_are_local_ones_the_oldest_first(any_town: Town) -> None:
    town = any_town
    happened(town, datetime(2026, 1, 31, 15, 59, tzinfo=UTC), 1)  # A minute before midnight in the hotline's zone.
    happened(town, datetime(2026, 1, 31, 16, 1, tzinfo=UTC), 2, state="declined", reason="other")
    months = town.scorecards.months(town.company_id(), 3)
    assert [each.month for each in months] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert [each.card.counts.answered for each in months] == [1, 2, 0]
    assert dict(months[1].card.declined_for) == {"other": 2}


def test_a_company_that_did_nothing_has_an_empty_card(town: Town) -> None:
    cards = town.scorecards.all()
    assert [each.code for each in cards] == ["C01", "C02", "C03"]
    assert cards[0].card.counts == Counts()
    assert cards[0].grounds == ()
    with pytest.raises(NotFound):
        town.scorecards.of_company(999)


def test_the_standing_is_written_and_dispatch_sees_it(any_town: Town) -> None:
    town = any_town
    happened(town, town.clock() - timedelta(days=3), 8)
    happened(town, town.clock() - timedelta(days=3), 2, state="expired")
    assert town.scorecards.refresh() == 0
    town.scorecards.refresh()
    standings = {each.company_id: each for each in town.rows(CompanyStanding)}
    assert len(standings) == len(town.rows(Company))
    mine = standings[town.company_id()]
    assert mine.acceptance == pytest.approx((8 + 8) / 20)
    assert mine.punctuality == pytest.approx((8 + 8) / 18)
    assert standings[town.company_id("C02")].acceptance is None


def test_a_suspension_is_suggested_once_and_a_decision_ends_it(any_town: Town) -> None:
    town = any_town
    happened(town, town.clock() - timedelta(days=3), 20, verified=False)
    assert [town.scorecards.refresh() for _ in range(3)] == [1, 0, 0]
    (case,) = [each for each in town.rows(Case) if each.kind == "provider"]
    (raised,) = town.rows(CompanySuggestion)
    assert (raised.codes, raised.case_id, raised.reasons) == ("verified", case.id, "0 of 20 visits verified, below 50%")
    town.cases.close(case.id, "talked with them", None, "user:2")
    town.clock.forward(days=1)
    assert town.scorecards.refresh() == 0, "a person has decided"
    town.clock.forward(days=30)
    assert town.scorecards.refresh() == 1, "and is asked again after a month"
    view = town.suspensions.suspend(town.company_id(), "no proof of visits", actor="user:2")
    assert {each.state for each in town.rows(Case)} == {"closed"}
    town.clock.forward(days=31)
    assert (view.until_at, town.scorecards.refresh()) == (None, 0)


def test_a_complaint_counts_as_upheld_when_a_person_says_so(town: Town) -> None:
    order = town.served()
    scored = town.ratings.score(order.id, "call", score=1)
    cases: Cases = town.cases
    assert scored.complaint_case_id is not None
    cases.close(scored.complaint_case_id, "the meal was cold", None, "user:2", result="upheld")
    town.clock.forward(minutes=1)
    counted = town.scorecards.of_company(town.company_id()).card.counts
    assert (counted.complaints, counted.upheld, counted.disputes, counted.done) == (1, 1, 1, 1)
    assert town.orders.get(order.id).state is OrderState.DISPUTED


def test_two_jobs_at_once_write_one_standing_each_and_ask_once(any_town: Town) -> None:
    town = any_town
    happened(town, town.clock() - timedelta(days=3), 20, verified=False)
    with ThreadPoolExecutor(3) as pool:
        asked = list(pool.map(lambda _: town.scorecards.refresh(), range(3)))
    assert sum(asked) == 1
    assert len(town.rows(CompanyStanding)) == len(town.rows(Company))
    assert len(town.rows(CompanySuggestion)) == 1
