"""Delivery reports: they go forward only, are believed only by their own address, and find their message or say so."""

from __future__ import annotations

from itertools import permutations

import pytest

from db.demo import DEMO
from db.models import SmsMessage
from routing.errors import NotFound
from routing.outreach.sms.carrier import HandOver
from routing.outreach.sms.kannel import report_of
from routing.outreach.sms.reports import DeliveryReport, ReportAddress, state_after
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

NUMBER = DEMO.wang.number
UNDER_WAY, DELIVERED, FAILED, EXPIRED = DeliveryReport


def sent(town: Town, outcome: HandOver = HandOver.ACCEPTED) -> int:
    """Queue a message and hand it over."""
    message = town.sms.queue("key", NUMBER, "text")
    town.carrier.outcome = outcome
    town.sms.send_due()
    return message


def row(town: Town) -> SmsMessage:
    (only,) = town.rows(SmsMessage)
    return only


@pytest.mark.parametrize(
    ("report", "state", "understood"),
    [
        (UNDER_WAY, "sent", ""),
        (DELIVERED, "delivered", ""),
        (FAILED, "failed", "the carrier reports: failed"),
        (EXPIRED, "expired", "the carrier reports: expired"),
    ],
)
def test_a_report_settles_the_message_whoever_brings_it_again(
    any_town: Town, report: DeliveryReport, state: str, understood: str
) -> None:
    message = sent(any_town)
    said = at_once(3, lambda _at: any_town.sms.report(message, report))
    assert said == [state] * 3
    assert (row(any_town).state, row(any_town).understood) == (state, understood)


@pytest.mark.parametrize("reports", [*permutations((UNDER_WAY, UNDER_WAY, DELIVERED)), (UNDER_WAY, FAILED, DELIVERED)])
def test_delivered_stays_delivered_in_whatever_order_it_is_told(town: Town, reports: list[DeliveryReport]) -> None:
    message = sent(town)
    for report in reports:
        town.sms.report(message, report)
    assert (row(town).state, row(town).understood) == ("delivered", "")


@pytest.mark.parametrize("last", [FAILED, EXPIRED])
def test_what_failed_is_not_under_way_again(town: Town, last: DeliveryReport) -> None:
    message = sent(town)
    assert [town.sms.report(message, report) for report in (last, UNDER_WAY, FAILED, EXPIRED)] == [last.value] * 4


def test_a_report_may_overtake_the_gateways_own_answer(town: Town) -> None:
    message = town.sms.queue("key", NUMBER, "text")
    claimed = town.sms._claims.claim(message)
    assert claimed is not None
    assert town.sms.report(message, DELIVERED) == "delivered"
    town.sms._claims.settle(message, town.carrier.hand_over(claimed))
    assert row(town).state == "delivered"


@pytest.mark.parametrize("outcome", [HandOver.UNKNOWN, HandOver.NOT_TAKEN])
def test_a_message_that_we_gave_up_may_have_arrived_and_is_not_sent_again(town: Town, outcome: HandOver) -> None:
    message = sent(town, outcome)
    assert town.sms.report(message, DELIVERED) == "delivered"
    town.sms.send_due()
    assert len(town.carrier.handed) == 1


def test_nothing_is_believed_of_a_message_that_was_never_handed_over(town: Town) -> None:
    message = town.sms.queue("key", NUMBER, "text")
    assert town.sms.report(message, DELIVERED) == "queued"


def test_a_message_that_is_not_there_or_came_in(town: Town) -> None:
    came = town.inbox.received("id", NUMBER, "12349", "hello", "1770000000").id
    for message in (999, came):
        with pytest.raises(NotFound):
            town.sms.report(message, DELIVERED)


def test_each_state_has_its_place() -> None:
    for state in ("queued", "sending", "sent", "failed", "expired", "delivered"):
        assert state_after(state, DELIVERED) == "delivered"


def test_the_address_of_a_report_is_good_for_its_message_only() -> None:
    reports = ReportAddress("https://console.example/sms/report", lambda reference: f"k{reference}".encode())
    assert reports.of("17", "%d") == "https://console.example/sms/report?id=17&key=6b3137&status=%d"
    assert reports.gave("17", "6b3137")
    assert not any(reports.gave(*pair) for pair in (("18", "6b3137"), ("17", ""), ("17", "钥匙"), ("17", "6B3137")))


@pytest.mark.parametrize("url", ["", "console/sms", "ftp://a/b", "http://a/b?c=d", "http://a/%d"])
def test_what_is_no_address_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="ELDERLINE_SMS_REPORT_URL"):
        ReportAddress(url, str.encode)


def test_what_kannel_says() -> None:
    told = {str(status): report_of(str(status)) for status in (1, 2, 4, 8, 16, 34, 66)}
    assert list(told.values()) == [DELIVERED, FAILED, UNDER_WAY, UNDER_WAY, FAILED, EXPIRED, FAILED]
    assert {report_of(status) for status in ("", "0", "3", "-1", "1.0", "x", "١", "²", "1" * 5000)} == {None}
