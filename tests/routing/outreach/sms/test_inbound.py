"""What people write to us, and what becomes of it."""

from __future__ import annotations

import json

import pytest

from db.demo import DEMO
from db.models import Case, OptOut, Rating, SmsMessage
from routing.calls.messages import CaseOpened
from routing.numbers import as_dialled
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from routing.outreach.ratings import ReplyKind
from routing.outreach.sms.inbound import Received
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

HOME = as_dialled(DEMO.wang.number)


def asked(town: Town, order: OrderView) -> None:
    """Have the score asked for by SMS, because nobody answered three calls."""
    cause = f"after-service-order-{order.id}"
    for attempt in (1, 2, 3):
        town.clock.now = max(town.clock.now, town.callbacks.get(cause).due_at)
        assert town.callbacks.dial_due() >= 1
        town.callbacks.settle(f"{cause}.{attempt}", "no_answer")
    town.sms.send_due()


def write(town: Town, text: str, sender: str = HOME, carrier_id: str = "") -> Received:
    return town.inbox.received(carrier_id or f"id-{len(town.rows(SmsMessage))}", sender, "12349", text, "2026-03-04")


def answers(town: Town) -> list[str]:
    return [row.text for row in town.rows(SmsMessage) if row.key.startswith("answer-")]


def test_a_score_is_tied_to_the_open_question_and_thanked_for(town: Town) -> None:
    order = town.served()
    asked(town, order)
    got = write(town, "5分")
    assert (got.state, got.order_id, got.reading.score) == ("understood", order.id, 5)
    assert town.orders.get(order.id).state is OrderState.RATED
    assert "5分" in answers(town)[0]
    (rating,) = town.rows(Rating)
    assert (rating.channel, rating.score) == ("sms", 5)
    kept = next(row for row in town.rows(SmsMessage) if row.direction == "in")
    assert json.loads(kept.understood)["score"] == 5


def test_the_carrier_may_bring_it_again(any_town: Town) -> None:
    order = any_town.served()
    got = at_once(4, lambda _at: write(any_town, "4", carrier_id="same"))
    assert {each.id for each in got} == {got[0].id}  # type: ignore[attr-defined]
    assert [rating.score for rating in any_town.rows(Rating)] == [4]
    assert len(answers(any_town)) == 1
    assert any_town.orders.get(order.id).state is OrderState.RATED
    assert write(any_town, "4", carrier_id="same").repeated


def test_without_an_id_of_the_carrier_the_text_and_time_tell_repeats(town: Town) -> None:
    town.served()
    first = town.inbox.received("", HOME, "12349", "5", "2026-03-04 10:00:00")
    again = town.inbox.received("", HOME, "12349", "5", "2026-03-04 10:00:00")
    assert (again.id, again.repeated) == (first.id, True)


def test_a_low_score_opens_a_complaint_and_says_sorry(town: Town) -> None:
    order = town.served()
    got = write(town, "不满意")
    assert got.case_id is not None
    assert town.orders.get(order.id).state is OrderState.DISPUTED
    assert "对不起" in answers(town)[0]


def test_nobody_came_is_a_complaint(town: Town) -> None:
    order = town.served()
    write(town, "没人来")
    (case,) = town.rows(Case)
    assert (case.kind, case.order_id) == ("complaint", order.id)
    assert town.rows(Rating)[0].done is False


def test_she_may_change_her_word(town: Town) -> None:
    order = town.served()
    asked(town, order)
    write(town, "5")
    town.clock.forward(minutes=5)
    write(town, "3")
    (rating,) = town.rows(Rating)
    assert rating.score == 3
    assert json.loads(rating.history)[0]["score"] == 5


def test_two_open_questions_are_not_mixed_up(town: Town) -> None:
    orders = [town.served(), town.served(item="cleaning")]
    got = write(town, "5")
    assert (got.state, got.order_id) == ("unclear", None)
    assert not town.rows(Rating)
    assert all(order.number in answers(town)[0] for order in orders)
    assert [case.kind for case in town.rows(Case)] == ["sms"]
    named = write(town, f"{orders[1].number} 4")
    assert (named.order_id, named.reading.score) == (orders[1].id, 4)
    assert write(town, "5").order_id == orders[0].id


def test_a_question_that_was_answered_by_telephone_is_not_open_any_more(town: Town) -> None:
    earlier, later = town.served(), town.served(item="cleaning")
    town.ratings.score(earlier.id, "call", score=4, done=True)
    assert write(town, "5").order_id == later.id


def test_two_elders_on_one_number_are_told_apart_by_the_order(town: Town) -> None:
    husband, wife = DEMO.couple
    first, second = town.served(husband), town.served(wife)
    sender = as_dialled(husband.number)
    assert write(town, "满意", sender).state == "unclear"
    got = write(town, f"{second.number}满意", sender)
    assert got.order_id == second.id
    assert town.orders.get(first.id).state is OrderState.DONE


def test_someone_elses_order_cannot_be_rated(town: Town) -> None:
    order = town.served()
    got = write(town, f"{order.number} 1", as_dialled(DEMO.quiet.number))
    assert got.order_id is None
    assert not town.rows(Rating)


@pytest.mark.parametrize("text", ["救命", "我摔倒了，5分"])
def test_a_cry_for_help_opens_a_case_at_once(town: Town, text: str) -> None:
    town.served()
    got = write(town, text)
    (case,) = town.rows(Case)
    assert (case.id, case.kind, case.elder_id) == (got.case_id, "sos", town.elder_id(DEMO.wang))
    assert any(isinstance(message, CaseOpened) and message.kind == "sos" for message in town.published)
    assert not town.rows(Rating)
    assert "求助" in answers(town)[0]


def test_a_cry_for_help_from_a_stranger_counts_as_much(town: Town) -> None:
    write(town, "救命", as_dialled(DEMO.stranger))
    assert [case.kind for case in town.rows(Case)] == ["sos"]


def test_an_opt_out_is_honoured_at_once_and_acknowledged_once(town: Town) -> None:
    town.served()
    before = len(town.carrier.handed)
    town.sms.send_due()
    assert write(town, "TD").reading.kind is ReplyKind.OPT_OUT
    write(town, "退订")
    assert len(town.rows(OptOut)) == 1
    town.sms.queue("news", DEMO.wang.number, "news")
    town.sms.send_due()
    assert [message.text for message in town.carrier.handed[before:]][-1].startswith("【银龄热线】已为您退订")
    assert len(answers(town)) == 1


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_an_empty_message_is_answered_and_changes_nothing(town: Town, text: str) -> None:
    town.served()
    got = write(town, text)
    assert (got.state, got.reading.understood) == ("unclear", "empty")
    assert not town.rows(Case)
    assert not town.rows(Rating)
    assert len(answers(town)) == 1


@pytest.mark.parametrize("text", ["😀😀", "字" * 2000, "你们\x00好吗", "\u202eabc", "什么时候再来？"])
def test_what_is_no_score_is_put_before_a_person(town: Town, text: str) -> None:
    town.served()
    got = write(town, text)
    assert got.state == "unclear"
    (case,) = town.rows(Case)
    assert (case.kind, case.sms_id) == ("sms", got.id)
    assert not town.rows(Rating)
    assert len(answers(town)) == 1


def test_five_thousand_characters_are_kept_and_no_more(town: Town) -> None:
    write(town, "字" * 9000)
    assert len(next(row for row in town.rows(SmsMessage) if row.direction == "in").text) == 5000


def test_a_stranger_is_told_how_to_reach_us(town: Town) -> None:
    got = write(town, "你们有什么服务", as_dialled(DEMO.stranger))
    assert got.state == "stranger"
    assert "12349" in answers(town)[0]


@pytest.mark.parametrize("sender", ["", "anonymous", "10086", "abc", "x" * 300])
def test_a_sender_that_is_no_number_is_kept_and_not_answered(town: Town, sender: str) -> None:
    got = write(town, "5", sender)
    assert got.state == "stranger"
    assert not answers(town)


def test_machines_that_answer_each_other_stop(town: Town) -> None:
    for at in range(15):
        write(town, f"auto reply {at}", as_dialled(DEMO.stranger))
    assert len(answers(town)) == 10
    town.clock.forward(days=1, seconds=1)
    write(town, "once more", as_dialled(DEMO.stranger))
    assert len(answers(town)) == 11


def test_a_reply_to_a_question_of_long_ago_is_read_by_a_person(town: Town) -> None:
    order = town.served()
    asked(town, order)
    town.clock.forward(days=8)
    assert write(town, "5").state == "unclear"
    assert not town.rows(Rating)


def test_what_was_written_and_not_read_is_read_later(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    order = town.served()

    def broken(*_anything: object, **_named: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(town.ratings, "score_within", broken)
        with pytest.raises(ConnectionError):
            write(town, "5")
    assert not town.rows(Rating)
    assert town.inbox.read_waiting() == 1
    assert town.orders.get(order.id).state is OrderState.RATED
    assert town.inbox.read_waiting() == 0
