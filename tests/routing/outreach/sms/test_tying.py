"""To which order a reply belongs: scales, two open questions, relatives, corrections, replies of one moment."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update

from db.demo import DEMO
from db.models import Case, Contact, Order, Rating, ServiceItem, SmsMessage, Worker
from routing.numbers import as_dialled
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from routing.outreach.sms import texts
from routing.outreach.sms.carrier import HandOver
from routing.outreach.sms.outbox import Sms
from tests.routing.orders.test_service import at_once
from tests.routing.outreach.sms.test_inbound import HOME, answers, write
from tests.routing.town import Town

SON = DEMO.wang.contacts[0][2]


def name(town: Town, order: OrderView) -> str:
    return next(each.name for each in town.rows(ServiceItem) if each.id == order.item_id)


def asks(town: Town, order: OrderView, scale: str = "1-5", number: str = DEMO.wang.number, number_to: str = "") -> int:
    """Ask for the score on a scale, as the text says it."""
    text = texts.rate(name(town, order), order.number, scale)
    asked_id = town.sms.queue(f"ask-{order.id}", number, text, order_id=order.id, question=f"{texts.RATING}{scale}")
    if number_to:
        with town.unit_of_work() as session:
            session.execute(update(SmsMessage).where(SmsMessage.id == asked_id).values(number_to=number_to))
    town.sms.send_due()
    return asked_id


def scores(town: Town) -> dict[int, int | None]:
    return {each.order_id: each.score for each in town.rows(Rating)}


def open_cases(town: Town) -> list[str]:
    return [each.kind for each in town.rows(Case) if each.state == "open"]


@pytest.mark.parametrize(
    ("scale", "text", "score"),
    [
        ("5-1", "非常满意", 5),
        ("5-1", "1", 5),
        ("5-1", "4分", 2),
        ("1-10", "10分", 5),
        ("1-10", "3", 2),
        ("1-3", "2分", 3),
    ],
)
def test_a_reply_is_read_on_the_scale_on_which_it_was_asked(town: Town, scale: str, text: str, score: int) -> None:
    order = town.served()
    question = asks(town, order, scale)
    got = write(town, text)
    assert (got.state, scores(town)) == ("understood", {order.id: score})
    rows = {row.id: row for row in town.rows(SmsMessage)}
    assert (rows[question].scale, rows[got.id].scale, rows[got.id].answers) == (scale, scale, question)
    assert ("对不起" in answers(town)[0]) == (score < 3)


def test_the_question_names_the_scale_that_it_holds() -> None:
    assert "回复1到5分，1分最好" in texts.rate("送餐", "304112", "5-1")
    assert "回复0到10分，10分最好" in texts.rate("送餐", "304112", "0-10")
    assert (texts.scale_of("rating-5-1"), texts.scale_of("")) == ("5-1", "1-5")


def test_the_place_in_the_list_answers_which_and_the_case_closes(any_town: Town) -> None:
    town = any_town
    first, second = town.served(), town.served(item="cleaning")
    write(town, "5")
    assert open_cases(town) == ["sms"]
    got = write(town, "第二个")
    assert (got.order_id, scores(town)) == (second.id, {second.id: 5})
    assert open_cases(town) == []
    assert scores(town).get(first.id) is None


@pytest.mark.parametrize("how", ["{0}", "{0}的", "单号{0}", "{1} 5", "{2}"])
def test_which_is_answered_by_number_ending_or_name(town: Town, how: str) -> None:
    order, _other = town.served(), town.served(item="cleaning")
    write(town, "5分，就是晚了")
    assert order.number in answers(town)[0]
    write(town, how.format(order.number, order.number[-3:], name(town, order)))
    assert scores(town) == {order.id: 5}


def test_two_scores_in_one_reply(town: Town) -> None:
    meal, cleaning = town.served(), town.served(item="cleaning")
    got = write(town, f"{name(town, meal)}5分，{name(town, cleaning)}4分")
    assert (got.state, scores(town)) == ("understood", {meal.id: 5, cleaning.id: 4})
    assert "5、4分" in answers(town)[0]


@pytest.mark.parametrize("second", ["5", "都好", "不知道", "好的"])
def test_who_is_asked_which_and_does_not_say_comes_to_a_person(town: Town, second: str) -> None:
    town.served()
    town.served(item="cleaning")
    write(town, "5")
    got = write(town, second)
    assert (got.state, scores(town)) == ("unclear", {})
    assert open_cases(town) == ["sms", "sms"]
    assert len([text for text in answers(town) if "单号加分数" in text]) == 1


def test_an_hour_later_the_number_alone_says_no_score_any_more(town: Town) -> None:
    order, _other = town.served(), town.served(item="cleaning")
    write(town, "5")
    town.clock.forward(minutes=61)
    assert write(town, order.number).state == "unclear"
    assert scores(town) == {}


def test_a_mistyped_score_is_put_right_though_another_question_is_open(town: Town) -> None:
    first, second = town.served(), town.served(item="cleaning")
    asks(town, first)
    asks(town, second)
    write(town, f"{first.number} 5")
    town.clock.forward(minutes=2)
    got = write(town, "打错了, 3")
    assert (got.order_id, scores(town)) == (first.id, {first.id: 3})
    assert json.loads(town.rows(Rating)[0].history)[0]["score"] == 5
    assert write(town, "4").order_id == second.id


def test_a_reply_may_overtake_the_report_of_delivery_and_even_its_own_receipt(town: Town) -> None:
    order = town.served()
    town.sms.send_due()
    town.carrier.outcome = HandOver.UNKNOWN
    asks(town, order)
    (question,) = [row for row in town.rows(SmsMessage) if row.question]
    assert question.state == "failed"
    got = write(town, "5")
    assert (got.order_id, scores(town)) == (order.id, {order.id: 5})


def test_a_question_from_another_number_of_ours_is_not_answered_here(town: Town) -> None:
    order, other = town.served(), town.served(item="cleaning")
    asks(town, order, number_to="1234901")
    asks(town, other)
    assert town.inbox.received("a", HOME, "12349", "5", "").order_id == other.id
    assert town.inbox.received("b", HOME, "1234901", "4", "").order_id == order.id


def test_each_message_says_from_which_of_our_numbers_it_comes(town: Town) -> None:
    """Two outboxes, as of two instances, or before and after a change of the number: nobody sets it by hand."""
    one, other = (
        Sms(town.unit_of_work, town.reading, town.clock, town.carrier, town.cipher.number_index, sender=sender)
        for sender in ("12349", "+861234901")
    )
    meal, cleaning = town.served(), town.served(item="cleaning")
    for sms, order in ((one, meal), (other, cleaning)):
        text = texts.rate(name(town, order), order.number)
        sms.queue(f"ask-{order.id}", DEMO.wang.number, text, order_id=order.id, question=texts.RATING_QUESTION)
    one.send_due()
    assert town.inbox.received("a", HOME, "1234901", "4").order_id == cleaning.id
    assert town.inbox.received("b", HOME, "106912349", "5").order_id == meal.id
    assert scores(town) == {cleaning.id: 4, meal.id: 5}


def test_a_number_in_a_form_that_nobody_knows_tells_nothing(town: Town) -> None:
    sms = Sms(
        town.unit_of_work, town.reading, town.clock, town.carrier, town.cipher.number_index, sender="12349"
    )  # fmt: skip
    order = town.served()
    sms.queue(
        "ask", DEMO.wang.number, texts.rate("送餐", order.number), order_id=order.id, question=texts.RATING_QUESTION
    )
    sms.send_due()
    assert town.inbox.received("a", HOME, "", "4").order_id == order.id
    assert town.inbox.received("b", HOME, "10690000", "3").order_id == order.id


def test_a_relative_of_two_elders_is_heard_for_the_order_that_is_named(town: Town) -> None:
    with town.unit_of_work() as session:
        for elder in session.scalars(select(Contact)).all()[:1]:
            session.add(
                Contact(elder_id=town.elder_id(DEMO.quiet), name="王建国", relation="外甥", number=SON,
                        number_index=elder.number_index)
            )  # fmt: skip
    mothers, uncles = town.served(), town.served(DEMO.quiet)
    son = as_dialled(SON)
    got = write(town, "5分", son)
    assert (got.state, scores(town)) == ("unclear", {})
    named = write(town, f"{uncles.number} 4分", son)
    assert (named.state, scores(town)) == ("understood", {uncles.id: 4})
    last = town.orders.history(uncles.id)[-1]
    assert (last.actor, last.channel) == ("contact", "sms")
    assert town.orders.get(mothers.id).state is OrderState.DONE


def test_one_telephone_of_an_elder_and_of_a_relative_is_asked_whom_it_means(town: Town) -> None:
    with town.unit_of_work() as session:
        session.add(
            Contact(elder_id=town.elder_id(DEMO.quiet), name="王桂兰", relation="邻居", number=DEMO.wang.number,
                    number_index=town.cipher.number_index(DEMO.wang.number))
        )  # fmt: skip
    own, neighbours = town.served(), town.served(DEMO.quiet)
    assert write(town, "5").state == "unclear"
    assert own.number in answers(town)[0]
    assert neighbours.number in answers(town)[0]
    write(town, own.number)
    assert scores(town) == {own.id: 5}


def test_replies_of_one_moment_count_in_their_order_and_none_is_lost(any_town: Town) -> None:
    order = any_town.served()
    asks(any_town, order)
    said = [3, 5, 4, 5, 3, 4]
    at_once(len(said), lambda at: write(any_town, f"{said[at]}分", carrier_id=f"same-moment-{at}"))
    rows = [row for row in any_town.rows(SmsMessage) if row.direction == "in"]
    assert [row.state for row in rows] == ["understood"] * len(said)
    last = json.loads(max(rows, key=lambda row: row.id).understood)["score"]
    (rating,) = any_town.rows(Rating)
    assert rating.score == last
    heard = [json.loads(row.understood)["score"] for row in sorted(rows, key=lambda row: row.id)]
    changes = [score for at, score in enumerate(heard) if at + 1 < len(heard) and heard[at + 1] != score]
    assert [each["score"] for each in json.loads(rating.history or "[]")] == changes


def test_what_is_said_beside_a_score_is_kept(town: Town) -> None:
    town.served()
    write(town, "5分，就是来晚了")
    assert town.rows(Rating)[0].remark == "5分，就是来晚了"


def test_a_changed_score_changes_scorecard_and_worker(any_town: Town) -> None:
    order = any_town.served()
    assert order.company_id is not None

    def card() -> tuple[int, int, tuple[int, int]]:
        counts = any_town.scorecards.of_company(any_town.orders.get(order.id).company_id or 0).card.counts
        worker = next(each for each in any_town.rows(Worker) if each.id == order.worker_id)
        return counts.score_sum, counts.score_count, (worker.rating_sum, worker.rating_count)

    asks(any_town, order)
    any_town.ratings.score(order.id, "call", score=4, done=True)
    any_town.clock.forward(minutes=1)
    assert card() == (4, 1, (4, 1))
    for text, score in (("5分", 5), ("打错了，2分", 2), ("改成3分", 3)):
        write(any_town, text)
        any_town.clock.forward(minutes=1)
        assert card() == (score, 1, (score, 1))


def test_a_reply_to_a_closed_order_still_counts(town: Town) -> None:
    order = town.served()
    asks(town, order)
    with town.unit_of_work() as session:
        session.execute(update(Order).where(Order.id == order.id).values(state=OrderState.CLOSED.value))
    assert write(town, "4分").order_id == order.id
    assert scores(town) == {order.id: 4}
