"""A gateway that is down for an hour, slow, talks nonsense, drops what it took, or reports whenever it likes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from db.demo import DEMO
from db.models import Case, Rating, SmsMessage
from routing.orders.policy import OrderState
from routing.outreach import jobs
from routing.outreach.sms.carrier import Carrier, HandOver
from routing.outreach.sms.due import UNREPORTED, is_unreported, outbox_figures
from routing.outreach.sms.outbox import Sent, Sms
from routing.outreach.sms.reports import DeliveryReport
from tests.ports import free_port
from tests.routing.outreach.sms.gateway import run_gateway
from tests.routing.outreach.sms.kannel_boxes import Kannel, gateway_of, run_kannel
from tests.routing.outreach.sms.test_carriers import carrier_of
from tests.routing.outreach.sms.test_inbound import asked, write
from tests.routing.town import Town

NUMBER = DEMO.wang.number


def outbox(town: Town, carrier: Carrier, ticks: Callable[[], float] = lambda: 0.0) -> Sms:
    return Sms(town.unit_of_work, town.reading, town.clock, carrier, town.cipher.number_index, ticks=ticks)


def states(town: Town) -> Counter[str]:
    return Counter(row.state for row in town.rows(SmsMessage) if row.direction == "out")


def test_down_for_an_hour_none_is_lost_and_none_goes_twice(town: Town, tmp_path: Path) -> None:
    """With Debian's own Kannel, which is not there for an hour and then is."""
    port = free_port()
    sms = outbox(town, gateway_of(Kannel(port, 0, None)))  # type: ignore[arg-type]  # Nobody listens: no carrier yet.
    texts = [f"news {at}" for at in range(12)]
    for text in texts:
        sms.queue(text, NUMBER, text)
    sms.queue("short", NUMBER, "only within half an hour", deadline=town.clock() + timedelta(minutes=30))
    rounds = []
    for _ in range(30):
        rounds.append(sms.send_due())
        town.clock.forward(minutes=2)
    assert all(each.accepted == 0 for each in rounds)
    assert states(town) == {"queued": 12, "expired": 1}
    assert {row.understood for row in town.rows(SmsMessage)} <= {"", "no connection: ConnectionRefusedError"}
    with run_kannel(tmp_path, sendsms=port) as kannel:
        assert sms.send_due() == Sent(accepted=12)
        assert sms.send_due() == Sent()
        got = [kannel.handed_on()["text"] for _ in texts]
        assert kannel.carrier.asked.empty()
    read = [text.encode("latin-1").decode("utf-16-be") if "\0" in text else text for text in got]
    assert sorted(read) == sorted(texts)
    assert states(town) == {"sent": 12, "expired": 1}


def test_a_slow_gateway_does_not_have_a_job_stopped_in_the_middle_of_a_message(town: Town) -> None:
    """Each takes ten seconds: the job ends before RQ ends it, and the next goes on; all go, once."""
    passed = [0.0]
    sms = outbox(town, carrier_of("http://127.0.0.1:1/"), ticks=lambda: passed[0])
    with run_gateway() as gateway:

        def takes_ten_seconds() -> None:
            passed[0] += 10

        gateway.before_answer = takes_ten_seconds
        sms = outbox(town, carrier_of(gateway.url), ticks=lambda: passed[0])
        for at in range(10):
            sms.queue(f"n{at}", NUMBER, f"n{at}")
        took = []
        while states(town)["queued"]:
            began = passed[0]
            took.append((sms.send_due(jobs.SMS_A_ROUND, within=jobs.SMS_SECONDS).accepted, passed[0] - began))
        assert [accepted for accepted, _seconds in took] == [1] * 10
        assert max(seconds for _accepted, seconds in took) + 13 < jobs.JOB_SECONDS
        assert Counter(each["text"] for each in gateway.got) == {f"n{at}": 1 for at in range(10)}


def test_full_rounds_follow_each_other_without_waiting_for_the_clock(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    for at in range(2 * jobs.SMS_A_ROUND + 1):
        town.sms.queue(f"n{at}", NUMBER, f"n{at}")
    services = SimpleNamespace(
        clock=town.clock, sms=town.sms, inbox=SimpleNamespace(read_waiting=lambda **before: read.append(before)),
        consents=SimpleNamespace(drop_forbidden=lambda: 0),
    )  # fmt: skip
    monkeypatch.setattr(jobs._provided, "factory", lambda: services)
    assert jobs.send_sms() == 2 * jobs.SMS_A_ROUND + 1
    assert len(read) == 3


@pytest.mark.parametrize(
    ("status", "says", "raw", "state"),
    [
        (500, b"", b"", "failed"),
        (200, b"<html>maintenance</html>", b"", "sent"),
        (202, b"\x00\xff" * 100_000, b"", "sent"),
        (202, b"", b"what?\r\n", "failed"),
        (202, b"", b"HTTP/1.1 9999999999 \xff\r\n\r\n", "failed"),
        (202, b"", b"\r\n" * 50_000, "failed"),
        (204, b"", b"", "failed"),
    ],
)
def test_nonsense_ends_one_message_and_the_next_go_when_it_is_over(
    town: Town, status: int, says: bytes, raw: bytes, state: str
) -> None:
    """What may have been taken is not sent again; the round ends, so that the others are not burnt on it."""
    with run_gateway() as gateway:
        gateway.status, gateway.says, gateway.raw = status, says, raw
        sms = outbox(town, carrier_of(gateway.url))
        for text in ("one", "two", "three"):
            sms.queue(text, NUMBER, text)
        sms.send_due()
        rows = {row.text: row for row in town.rows(SmsMessage)}
        assert rows["one"].state == state
        if state == "failed":
            assert rows["one"].understood.startswith("unknown: ")
            assert rows["two"].state == "queued"
        gateway.status, gateway.says, gateway.raw = 202, b"0: Accepted for delivery", b""
        sms.send_due()
        assert Counter(each["text"] for each in gateway.got) == {"one": 1, "two": 1, "three": 1}


def test_what_is_taken_and_dropped_is_shown_after_an_hour(town: Town) -> None:
    """A gateway that takes everything and delivers nothing: there is no report, and that is said and counted."""
    for text in ("one", "two"):
        town.sms.queue(text, NUMBER, text)
    town.sms.send_due()
    one = next(row for row in town.rows(SmsMessage) if row.text == "one")
    town.sms.report(one.id, DeliveryReport.DELIVERED)
    shown = []
    for minutes in (59, 2):
        town.clock.forward(minutes=minutes)
        with town.reading() as session:
            figures = outbox_figures(session, town.clock())
        overdue = [row.text for row in town.rows(SmsMessage) if is_unreported(row, town.clock())]
        shown.append((figures.unreported, overdue))
    assert shown == [(0, []), (1, ["two"])]
    assert "reported nothing" in UNREPORTED
    (two,) = [row for row in town.rows(SmsMessage) if row.text == "two"]
    town.sms.report(two.id, DeliveryReport.DELIVERED)  # Late, and true all the same.
    assert states(town) == {"delivered": 2}


def test_reports_on_a_message_that_is_not_sent_yet_or_was_given_up(town: Town) -> None:
    message = town.sms.queue("key", NUMBER, "text")
    assert town.sms.report(message, DeliveryReport.DELIVERED) == "queued"
    town.carrier.outcome = HandOver.UNKNOWN
    town.sms.send_due()
    said = [town.sms.report(message, each) for each in (DeliveryReport.UNDER_WAY, DeliveryReport.DELIVERED)]
    assert said[-1] == "delivered"
    assert town.sms.report(message, DeliveryReport.FAILED) == "delivered"
    town.carrier.outcome = HandOver.ACCEPTED
    assert town.sms.send_due() == Sent()


def test_a_reply_to_an_order_that_is_closed_counts_or_comes_to_a_person(town: Town) -> None:
    """Whoever answers days later, after the order was closed: the score still counts, a low one opens its complaint."""
    order = town.served()
    asked(town, order)
    write(town, "5分")
    town.clock.forward(hours=25)
    assert town.ratings.close_rated(jobs.CLOSED_AFTER) == 1
    assert town.orders.get(order.id).state is OrderState.CLOSED
    got = write(town, "2分")
    (rating,) = town.rows(Rating)
    assert (got.state, rating.score) == ("understood", 2)
    assert [case.kind for case in town.rows(Case)] == ["complaint"]
    again = write(town, "2分")
    assert len(town.rows(Case)) == 1
    assert again.state == "understood"
