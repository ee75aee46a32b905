"""Calls that are owed: one dial for one claim, settled once, retried, and nothing promised is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from db.demo import DEMO
from db.models import Callback, OptOut, SmsMessage
from routing.calls.messages import PlaceCall
from routing.errors import NotFound
from routing.outreach import owing
from routing.outreach.callbacks import Callbacks
from routing.writing import one_at_a_time
from tests.routing.orders.test_service import at_once
from tests.routing.town import ZONE, Town


def row(town: Town, kind: str = "after_service") -> Callback:
    return next(each for each in town.rows(Callback) if each.kind == kind)


def dial(town: Town) -> PlaceCall:
    """Go on to when the next call is due and have it dialled."""
    due = [each.due_at for each in town.rows(Callback) if each.state == "due"]
    town.clock.now = max(town.clock.now, *due)
    before = len(town.placed)
    assert town.callbacks.dial_due() == 1
    return town.placed[before]


def test_what_is_owed_is_dialled_when_it_is_due_and_not_before(town: Town) -> None:
    order = town.served()
    assert town.callbacks.dial_due() == 0
    call = dial(town)
    assert call.cause == f"after-service-order-{order.id}.1"
    assert (call.number, call.flow, call.reference) == (DEMO.wang.number, "after_service", str(order.id))
    assert call.expires_at > town.clock().timestamp()
    assert town.callbacks.dial_due() == 0


def test_one_cause_is_owed_once_whoever_asks(any_town: Town) -> None:
    at_once(
        5,
        lambda _at: any_town.callbacks.owe(
            "promise-1", kind="promise", flow="", reference="1", number=DEMO.wang.number
        ),
    )
    assert len(any_town.rows(Callback)) == 1


def test_claims_at_once_dial_each_call_once(any_town: Town) -> None:
    for number in range(6):
        any_town.callbacks.owe(f"test-{number}", kind="test", flow="f", reference="1", number=DEMO.wang.number)
    claims = at_once(4, lambda _at: any_town.callbacks.claim_due())
    causes = [call.cause for claimed in claims for call in claimed]  # type: ignore[attr-defined]
    assert sorted(causes) == [f"test-{number}.1" for number in range(6)]


def test_claims_at_once_take_no_more_lines_than_there_are(any_town: Town) -> None:
    for number in range(14):
        any_town.callbacks.owe(f"test-{number}", kind="test", flow="f", reference="1", number=DEMO.wang.number)
    claims = at_once(4, lambda _at: any_town.callbacks.claim_due())
    assert sum(len(claimed) for claimed in claims) == 10  # type: ignore[arg-type]


def test_who_claims_waits_for_who_is_claiming(any_town: Town) -> None:
    """Else both count the same lines as free, and one takes calls that the other has not seen."""
    for number in range(14):
        any_town.callbacks.owe(f"test-{number}", kind="test", flow="f", reference="1", number=DEMO.wang.number)
    with ThreadPoolExecutor(1) as pool:
        with any_town.unit_of_work() as session:
            one_at_a_time(session, owing.CLAIMING)
            until = any_town.clock() + timedelta(minutes=1)
            last = update(Callback).where(Callback.cause.not_in([f"test-{number}" for number in range(4)]))
            session.execute(last.values(state="dialling", claimed_until=until))
            other = pool.submit(any_town.callbacks.claim_due)
            wait([other], timeout=0.5)  # Nobody tells that a thread waits for a lock.
            assert not other.done()
        assert other.result(10) == ()


def test_two_who_sweep_at_once_take_up_each_call_once(any_town: Town) -> None:
    for number in range(6):
        any_town.callbacks.owe(f"test-{number}", kind="test", flow="f", reference="1", number=DEMO.wang.number)
    any_town.callbacks.claim_due()
    any_town.clock.forward(minutes=3)
    assert sum(at_once(2, lambda _at: any_town.callbacks.sweep())) == 6  # type: ignore[arg-type]
    assert {(each.state, each.attempts) for each in any_town.rows(Callback)} == {("due", 1)}


def test_no_more_calls_than_lines(town: Town) -> None:
    for number in range(14):
        town.callbacks.owe(f"test-{number}", kind="test", flow="f", reference="1", number=DEMO.wang.number)
    assert len(town.callbacks.claim_due(room=3)) == 3
    assert len(town.callbacks.claim_due()) == 7
    assert town.callbacks.claim_due() == ()
    town.callbacks.settle("test-0.1", "answered")
    assert len(town.callbacks.claim_due()) == 1


def test_a_call_that_a_person_makes_is_not_dialled(town: Town) -> None:
    town.callbacks.owe("message-1", kind="message", flow="", reference="1", number=DEMO.wang.number)
    assert town.callbacks.claim_due() == ()


def test_not_answered_is_tried_again_with_a_cause_of_its_own_and_then_asked_by_sms(town: Town) -> None:
    order = town.served()
    causes = []
    for outcome in ("no_answer", "busy", "refused"):
        call = dial(town)
        causes.append(call.cause)
        town.callbacks.settle(call.cause, outcome)
        town.callbacks.settle(call.cause, outcome)
    assert causes == [f"after-service-order-{order.id}.{attempt}" for attempt in (1, 2, 3)]
    assert (row(town).state, row(town).last_outcome) == ("failed", "refused")
    asked = [each for each in town.rows(SmsMessage) if each.question]
    assert [(each.question, each.order_id) for each in asked] == [("rating-1-5", order.id)]
    assert order.number in asked[0].text
    town.clock.forward(days=3)
    assert town.callbacks.dial_due() == 0


def test_a_question_that_falls_due_at_night_is_queued_when_the_hours_of_sms_begin(any_town: Town) -> None:
    any_town.served()
    with any_town.unit_of_work() as session:
        row = session.scalars(select(Callback).where(Callback.kind == "after_service")).one()
        row.state, row.due_at = "asking", any_town.clock()
    any_town.clock.now = any_town.clock.now.replace(hour=23)
    any_town.callbacks.sweep()
    (asking,) = [each for each in any_town.rows(Callback) if each.kind == "after_service"]
    assert (asking.state, asking.due_at.astimezone(any_town.clock.now.tzinfo).hour) == ("asking", 8)
    any_town.clock.now = asking.due_at.astimezone(any_town.clock.now.tzinfo)
    any_town.callbacks.sweep()
    assert [each.state for each in any_town.rows(Callback) if each.kind == "after_service"] == ["failed"]
    assert len([each for each in any_town.rows(SmsMessage) if each.question]) == 1


def test_a_retry_keeps_to_the_hours(town: Town) -> None:
    town.clock.forward(hours=10, minutes=30)
    town.served()
    call = dial(town)
    town.callbacks.settle(call.cause, "no_answer")
    assert row(town).due_at == datetime(2026, 3, 5, 9, tzinfo=ZONE), "the next morning, not at its edge"


def test_a_call_that_came_due_at_night_waits_for_the_morning(town: Town) -> None:
    town.served()
    town.clock.forward(hours=13)
    assert town.callbacks.dial_due() == 0
    assert row(town).due_at.astimezone(ZONE).hour == 8
    assert row(town).attempts == 0


@pytest.mark.parametrize("stale", ["after-service-order-1.0", "after-service-order-1.2", "nothing-of-ours.1", "", "x"])
def test_an_outcome_of_another_attempt_changes_nothing(town: Town, stale: str) -> None:
    town.served()
    dial(town)
    town.callbacks.settle(stale, "busy")
    assert (row(town).state, row(town).attempts) == ("dialling", 1)


def test_an_answered_call_is_the_flows_and_done_when_it_says_so(town: Town) -> None:
    town.served()
    call = dial(town)
    cause = row(town).cause
    town.callbacks.begin(cause)
    town.callbacks.settle(call.cause, "no_answer")
    assert row(town).state == "answered"
    town.callbacks.finish(cause, reached=True)
    town.callbacks.settle(call.cause, "answered")
    assert row(town).state == "done"


def test_the_flow_may_be_over_before_anyone_hears_that_it_was_answered(town: Town) -> None:
    town.served()
    call = dial(town)
    town.callbacks.finish(row(town).cause, reached=True)
    town.callbacks.settle(call.cause, "answered")
    assert row(town).state == "done"


def test_an_answering_machine_is_no_answer(town: Town) -> None:
    town.served()
    dial(town)
    town.callbacks.begin(row(town).cause)
    town.callbacks.finish(row(town).cause, reached=False)
    assert (row(town).state, row(town).last_outcome) == ("due", "not_reached")


def test_a_cause_that_nobody_owes(town: Town) -> None:
    with pytest.raises(NotFound):
        town.callbacks.begin("nothing")


def test_who_has_been_rated_meanwhile_is_not_rung(town: Town) -> None:
    order = town.served()
    town.ratings.score(order.id, "sms", score=5)
    town.clock.forward(hours=1)
    assert town.callbacks.dial_due() == 0
    assert (row(town).state, row(town).last_outcome) == ("cancelled", "rated_already")


def test_who_wants_no_calls_is_not_rung(town: Town) -> None:
    town.served()
    with town.unit_of_work() as session:
        index = town.cipher.number_index(DEMO.wang.number)
        session.add(OptOut(number_index=index, channel="call", at=town.clock()))
    town.clock.forward(hours=1)
    assert town.callbacks.dial_due() == 0
    assert row(town).last_outcome == "opted_out"


def test_a_company_is_rung_again_while_its_offer_is_open(town: Town) -> None:
    town.place()
    call = dial(town)
    town.callbacks.settle(call.cause, "busy")
    again = dial(town)
    assert again.cause.endswith(".2")
    offer_id, _, company_id = town.open_offers()[0]
    town.dispatch.answer(offer_id, True, actor=f"company:{company_id}", channel="phone_key")
    town.callbacks.settle(again.cause, "busy")
    assert row(town, "offer").state == "cancelled"


def test_an_offer_that_was_answered_is_not_told(town: Town) -> None:
    town.accept(town.place())
    assert row(town, "offer").state == "cancelled"
    assert town.callbacks.dial_due() == 0


STEPS = ("before the claim", "after the claim", "after the router has it", "after the answer", "in the talk")


@pytest.mark.parametrize("dies", STEPS)
def test_whenever_a_process_dies_the_elder_is_rung_and_never_twice_at_once(any_town: Town, dies: str) -> None:
    order = any_town.served()
    any_town.clock.forward(hours=1)
    cause = f"after-service-order-{order.id}"
    step = STEPS.index(dies)
    if step >= 1:
        (call,) = any_town.callbacks.claim_due()
        if step >= 2:
            any_town.placed.append(call)
        if step >= 3:
            any_town.callbacks.settle(call.cause, "answered")
        if step >= 4:
            any_town.callbacks.begin(cause)
    restarted = any_town.callbacks
    if step:
        assert restarted.sweep() == 0
        assert restarted.dial_due() == 0
        any_town.clock.forward(minutes=20)
        assert restarted.sweep() == 1
        assert restarted.sweep() == 0
    before = len(any_town.placed)
    dial(any_town)
    again = any_town.placed[before]
    assert again.cause == f"{cause}.{2 if step else 1}"
    if any_town.placed[:-1]:
        assert any_town.placed[0].expires_at < any_town.clock().timestamp()
    any_town.callbacks.finish(cause, reached=True)
    assert any_town.callbacks.get(cause).state == "done"


def test_a_router_that_cannot_be_told_loses_nothing(town: Town) -> None:
    def broken(_call: PlaceCall) -> None:
        raise ConnectionError("Redis is away")

    town.served()
    town.clock.forward(hours=1)
    lonely = Callbacks(
        unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, place_call=broken, sms=town.sms,
        number_index=town.cipher.number_index, rules=town.callbacks._rules, ring_seconds=30, lines=10,
    )  # fmt: skip
    assert lonely.dial_due() == 1
    town.clock.forward(minutes=3)
    assert lonely.sweep() == 1
    assert row(town).state == "due"
