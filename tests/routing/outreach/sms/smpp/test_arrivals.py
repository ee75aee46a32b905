"""What came over the link: written once, joined, read in the end, whatever the order and however often."""

from __future__ import annotations

import itertools
from functools import partial

import pytest

from db.demo import DEMO
from db.models import SmsMessage, SmsPart, SmsReport, SmsSegment
from routing.outreach.sms.carrier import HandOver, OutgoingSms, Receipt
from routing.outreach.sms.encoding import write
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.reports import DeliveryReport
from routing.outreach.sms.smpp.arrivals import JOIN_WITHIN, MOST_ATTEMPTS, Arrivals
from routing.outreach.sms.smpp.deliveries import MISSING, Segment
from routing.outreach.sms.smpp.receipts import Receipted
from tests.routing.town import Town

PHONE = "09319000101"
"""王桂兰's, as the carrier writes it."""


def arrivals_of(town: Town, inbox: object = None) -> Arrivals:
    return Arrivals(
        unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, inbox=inbox or town.inbox,  # type: ignore[arg-type]  # A double of a test.
        number_index=lambda raw: town.cipher.number_index("+86" + raw.lstrip("0")),
        content_index=partial(town.cipher.index, "sms-content"),
    )  # fmt: skip


def parts_of(text: str, reference: int = 7) -> list[Segment]:
    parts = write(text).parts
    return [Segment(PHONE, "12349", part, 8, reference, len(parts), at) for at, part in enumerate(parts, 1)]


def whole(text: str) -> Segment:
    return Segment(PHONE, "12349", text.encode("utf-16-be"), 8)


def texts_in(town: Town) -> list[str]:
    return [row.text for row in town.rows(SmsMessage) if row.direction == "in"]


LONG = "饭菜很好，谢谢" * 20 + "😀"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_joined_parts_are_put_together_in_any_order_and_however_often_they_come(
    any_town: Town, order: tuple[int, ...]
) -> None:
    arrivals, parts = arrivals_of(any_town), parts_of(LONG)
    assert len(parts) == 3
    for at in order:
        arrivals.write([parts[at]])
        arrivals.hand_on()
        arrivals.write([parts[at], parts[at]])
        arrivals.hand_on()
    assert texts_in(any_town) == [LONG]


def test_a_part_within_an_emoji_is_joined_before_it_is_read(town: Town) -> None:
    data = "好😀".encode("utf-16-be")
    cut = [Segment(PHONE, "12349", each, 8, 1, 2, at) for at, each in enumerate((data[:4], data[4:]), 1)]
    arrivals_of(town).write(cut)
    arrivals_of(town).hand_on()
    assert texts_in(town) == ["好😀"]


def test_a_part_that_never_comes_holds_the_rest_no_longer_than_a_bound(town: Town) -> None:
    arrivals, parts = arrivals_of(town), parts_of(LONG)
    arrivals.write([parts[0], parts[2]])
    assert arrivals.hand_on() == 0
    town.clock.now += JOIN_WITHIN
    town.clock.forward(seconds=1)
    assert arrivals.hand_on() == 1
    arrivals.write([parts[2]])  # The carrier says it again.
    assert arrivals.hand_on() == 0
    (text,) = texts_in(town)
    assert text == LONG[:67] + MISSING + LONG[134:]


def test_a_reference_that_comes_round_again_begins_a_message_of_its_own(town: Town) -> None:
    arrivals = arrivals_of(town)
    for text in ("一" * 100, "二" * 100, "三" * 100):
        for part in parts_of(text, reference=3):
            arrivals.write([part])
            arrivals.hand_on()
    assert texts_in(town) == ["一" * 100, "二" * 100, "三" * 100]


def test_a_message_that_the_carrier_brings_again_is_read_once_and_a_new_one_is_new(town: Town) -> None:
    arrivals = arrivals_of(town)
    for text in ("5", "5", "1", "5"):
        arrivals.write([whole(text)])
        arrivals.hand_on()
    assert texts_in(town) == ["5", "1", "5"]
    town.clock.forward(minutes=6)
    arrivals.write([whole("5")])
    arrivals.hand_on()
    assert len(texts_in(town)) == 4


def test_a_crash_between_writing_and_reading_loses_and_doubles_nothing(any_town: Town) -> None:
    class Dies:
        def received(self, *arguments: str) -> object:
            any_town.inbox.received(*arguments)
            raise SystemExit

    arrivals_of(any_town).write([whole("五分")])
    with pytest.raises(SystemExit):
        arrivals_of(any_town, Dies()).hand_on()
    assert arrivals_of(any_town).hand_on() == 1
    assert texts_in(any_town) == ["五分"]
    assert arrivals_of(any_town).hand_on() == 0


def test_a_message_that_cannot_be_read_keeps_no_other_waiting_and_is_given_up_in_the_end(town: Town) -> None:
    tried: list[str] = []

    class Chokes:
        def received(self, carrier_id: str, sender: str, to: str, text: str, ts: str = "") -> object:
            tried.append(text)
            if text == "bad":
                raise RuntimeError("no")
            return town.inbox.received(carrier_id, sender, to, text, ts)

    arrivals = arrivals_of(town, Chokes())
    arrivals.write([whole("bad"), whole("good")])
    for _ in range(MOST_ATTEMPTS + 2):
        arrivals.hand_on()
    assert texts_in(town) == ["good"]
    assert tried.count("bad") == MOST_ATTEMPTS


def test_what_is_old_is_forgotten(town: Town) -> None:
    arrivals = arrivals_of(town)
    arrivals.write([whole("a"), Receipted("1", PHONE, DeliveryReport.DELIVERED)])
    arrivals.hand_on()
    town.clock.forward(days=8)
    arrivals.tidy()
    assert not town.rows(SmsSegment)
    assert not town.rows(SmsReport)
    assert texts_in(town) == ["a"]


# Receipts


def handed_over(town: Town, ids: tuple[str, ...], text: str = "您好") -> int:
    class Gives:
        def hand_over(self, _message: OutgoingSms) -> Receipt:
            return Receipt(HandOver.ACCEPTED, "", ids)

    sms = Sms(town.unit_of_work, town.reading, town.clock, Gives(), town.cipher.number_index)
    message = sms.queue(f"key-{ids}", DEMO.wang.number, text)
    sms.send_due()
    return message


def state(town: Town) -> str:
    return town.rows(SmsMessage)[0].state


def reported(carrier_id: str, report: DeliveryReport = DeliveryReport.DELIVERED) -> Receipted:
    return Receipted(carrier_id, PHONE, report)


@pytest.mark.parametrize(
    ("given", "named"), [("0001E240", "1e240"), ("1E240", "123456"), ("123456", "0001E240"), ("a-1", "A-1")]
)
def test_a_report_finds_its_message_by_the_id_in_any_writing(town: Town, given: str, named: str) -> None:
    handed_over(town, (given,))
    arrivals_of(town).write([reported(named)])
    assert state(town) == "delivered"


def test_an_id_in_another_writing_counts_only_for_the_same_phone(town: Town) -> None:
    handed_over(town, ("10",))
    arrivals_of(town).write([Receipted("16", "09319000102", DeliveryReport.FAILED)])
    assert state(town) == "sent"


def test_a_message_is_delivered_when_all_its_parts_are_and_failed_with_one(any_town: Town) -> None:
    arrivals = arrivals_of(any_town)
    handed_over(any_town, ("a", "b"), "字" * 100)
    arrivals.write([reported("a")])
    assert state(any_town) == "sent"
    arrivals.write([reported("b", DeliveryReport.UNDER_WAY), reported("a")])
    assert state(any_town) == "sent"
    arrivals.write([reported("b", DeliveryReport.FAILED)])
    assert state(any_town) == "failed"
    arrivals.write([reported("b")])
    assert state(any_town) == "delivered"
    arrivals.write([reported("b", DeliveryReport.EXPIRED), reported("a", DeliveryReport.UNDER_WAY)])  # Late, and wrong.
    assert state(any_town) == "delivered"


def test_a_report_that_overtakes_the_answer_waits_for_it(any_town: Town) -> None:
    arrivals_of(any_town).write([reported("ff")])
    handed_over(any_town, ("255",))
    assert state(any_town) == "delivered"
    assert [part.carrier_id for part in any_town.rows(SmsPart)] == ["255"]
