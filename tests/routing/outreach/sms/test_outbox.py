"""The outbox: each message once, at most once, and not after its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import OptOut, SmsMessage
from routing.errors import Invalid
from routing.outreach.sms import company_texts, texts
from routing.outreach.sms.carrier import HandOver, OutgoingSms, Receipt
from routing.outreach.sms.outbox import Sent, Sms
from tests.routing.orders.test_service import at_once
from tests.routing.town import MORNING, Town

NUMBER = DEMO.wang.number


def state(town: Town) -> str:
    return town.rows(SmsMessage)[0].state


def test_what_is_queued_is_sent_once(town: Town) -> None:
    first = town.sms.queue("key", NUMBER, "您好")
    assert town.sms.queue("key", NUMBER, "something else") == first
    assert town.sms.send_due().accepted == 1
    assert town.sms.send_due().accepted == 0
    assert [(message.number, message.text) for message in town.carrier.handed] == [(NUMBER, "您好")]
    assert state(town) == "sent"


def test_senders_at_once_send_each_message_once(any_town: Town) -> None:
    for at in range(12):
        any_town.sms.queue(f"key-{at}", NUMBER, f"text {at}")
    at_once(4, lambda _at: any_town.sms.send_due())
    assert sorted(message.text for message in any_town.carrier.handed) == sorted(f"text {at}" for at in range(12))
    assert {row.state for row in any_town.rows(SmsMessage)} == {"sent"}


def test_a_gateway_that_is_away_is_tried_again_until_the_deadline(town: Town) -> None:
    town.sms.queue("key", NUMBER, "text", deadline=town.clock() + timedelta(hours=1))
    town.carrier.outcome = HandOver.NOT_TAKEN
    assert town.sms.send_due().waiting == 1
    assert state(town) == "queued"
    town.clock.forward(minutes=61)
    assert town.sms.send_due().expired == 1
    town.carrier.outcome = HandOver.ACCEPTED
    assert town.sms.send_due().accepted == 0
    assert state(town) == "expired"


@pytest.mark.parametrize("outcome", [HandOver.NOT_TAKEN, HandOver.UNKNOWN])
def test_a_gateway_in_trouble_is_not_fed_the_whole_queue(town: Town, outcome: HandOver) -> None:
    for at in range(5):
        town.sms.queue(f"key-{at}", NUMBER, "text")
    town.carrier.outcome = outcome
    town.sms.send_due()
    assert len(town.carrier.handed) == 1


@pytest.mark.parametrize("outcome", [HandOver.UNKNOWN, HandOver.REFUSED])
def test_what_may_have_been_sent_is_never_sent_again(town: Town, outcome: HandOver) -> None:
    town.sms.queue("key", NUMBER, "text")
    town.carrier.outcome = outcome
    assert town.sms.send_due().failed == 1
    town.carrier.outcome = HandOver.ACCEPTED
    town.sms.send_due()
    assert len(town.carrier.handed) == 1
    assert state(town) == "failed"


def test_a_sender_that_dies_between_claim_and_answer_sends_at_most_once(any_town: Town) -> None:
    class Dies:
        def hand_over(self, message: OutgoingSms) -> Receipt:
            any_town.carrier.handed.append(message)
            raise SystemExit

    dying = Sms(any_town.unit_of_work, any_town.reading, any_town.clock, Dies(), any_town.cipher.number_index)
    dying.queue("key", NUMBER, "text")
    with pytest.raises(SystemExit):
        dying.send_due()
    assert any_town.sms.send_due().accepted == 0
    assert state(any_town) == "sending"
    any_town.clock.forward(minutes=3)
    assert any_town.sms.send_due().failed == 1
    (row,) = any_town.rows(SmsMessage)
    assert (row.state, len(any_town.carrier.handed)) == ("failed", 1)
    assert "unknown" in row.understood


def test_rounds_that_find_nothing_wait_for_no_writer(town: Town) -> None:
    town.sms.queue("key", NUMBER, "text")
    assert town.sms.send_due().accepted == 1
    with town.unit_of_work() as writer:
        writer.execute(select(1))  # The transaction begins here, with SQLite's write lock.
        assert town.sms.send_due() == Sent()
        assert town.inbox.read_waiting() == 0


def test_who_opted_out_gets_nothing(town: Town) -> None:
    with town.unit_of_work() as session:
        session.add(OptOut(number_index=town.cipher.number_index(NUMBER), channel="sms", at=town.clock()))
    town.sms.queue("key", NUMBER, "text")
    assert town.sms.send_due().accepted == 0
    assert (state(town), town.rows(SmsMessage)[0].understood) == ("failed", "opted out")


def test_who_opts_out_while_a_message_waits_does_not_get_it_any_more(any_town: Town) -> None:
    any_town.sms.queue("key", NUMBER, "text")
    any_town.sms.queue("answer-1", NUMBER, texts.help_comes())
    with any_town.unit_of_work() as session:
        index = any_town.cipher.number_index(NUMBER)
        session.add(OptOut(number_index=index, channel="sms", at=any_town.clock()))
    any_town.sms.queue("answer-2", NUMBER, texts.help_comes())
    assert any_town.sms.send_due().accepted == 2
    assert [message.text for message in any_town.carrier.handed] == [texts.help_comes()] * 2
    assert (state(any_town), any_town.rows(SmsMessage)[0].understood) == ("failed", "opted out")


@pytest.mark.parametrize("text", ["", "字" * 269])
def test_a_text_that_cannot_be_sent_is_refused_when_it_is_written(town: Town, text: str) -> None:
    with pytest.raises(Invalid):
        town.sms.queue("key", NUMBER, text)


def test_parts_are_counted_as_they_are_sent() -> None:
    # 3GPP TS 23.040: 70 characters in one message, 67 in each part of a joined one.
    assert [texts.parts("字" * count) for count in (0, 1, 70, 71, 134, 135)] == [1, 1, 1, 2, 2, 3]
    assert texts.parts("😀" * 36) == 2


def test_our_own_texts_take_few_parts() -> None:
    item, number = "送餐", "123456"
    said = [
        texts.accepted(item, "田师傅", "今天11:30", number), texts.rate(item, number), texts.thanks(5), texts.sorry(),
        texts.opted_out(), texts.help_comes(), texts.unclear(), texts.which((number,) * 4), texts.stranger(),
        company_texts.offered(item, number, "清水湾街道"), texts.empty(),
    ]  # fmt: skip
    assert all(texts.parts(text) == 1 and text.startswith("【银龄热线】") for text in said)


def test_what_companies_are_told_takes_two_parts_at_most_whatever_names_are() -> None:
    long, numbers = "长" * 200, ["123456789012"] * 20
    said = [
        company_texts.offered(long, numbers[0], long), company_texts.accepted(numbers[0], "12月31日11:30"),
        company_texts.declined(numbers[0]), company_texts.taken(numbers[0], long), company_texts.over(numbers[0]),
        company_texts.already_yours(numbers[0]), company_texts.not_qualified(numbers[0]),
        company_texts.unclear(numbers), company_texts.which(numbers),
        company_texts.offer_or_score(numbers[0], numbers[1]),
    ]  # fmt: skip
    assert all(texts.parts(text) <= 2 and text.startswith("【银龄热线】") for text in said)


def test_moments_are_written_as_people_say_them() -> None:
    later = [MORNING + timedelta(hours=hours) for hours in (0, 24, 48)]
    assert [texts.moment(at, MORNING) for at in later] == ["今天9:10", "明天9:10", "3月6日9:10"]
