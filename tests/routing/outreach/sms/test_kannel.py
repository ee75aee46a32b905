"""SMS both ways through Debian's own Kannel; the carrier behind it is a small web server, as Kannel allows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

import pytest

from db.demo import DEMO
from routing.orders.policy import OrderState
from routing.outreach.sms.carrier import HandOver, OutgoingSms
from routing.outreach.sms.reports import ReportAddress
from tests.routing.outreach.sms.kannel_boxes import Kannel, gateway_of, handed_on, run_kannel
from tests.routing.town import Town


@pytest.fixture
def kannel(tmp_path: Path) -> Iterator[Kannel]:
    with run_kannel(tmp_path) as running:
        yield running


def test_a_chinese_message_reaches_the_carrier_exactly(kannel: Kannel) -> None:
    text = "【银龄热线】您订的送餐已安排 😀 a&b=c+d"
    receipt = gateway_of(kannel).hand_over(OutgoingSms("1", "+8614599990401", text))
    assert receipt.outcome is HandOver.ACCEPTED
    query = dict(part.split("=", 1) for part in urlsplit(kannel.next_request()).query.split("&"))
    assert (query["to"], query["from"], query["charset"]) == ("14599990401", "12349", "UTF-16BE")
    assert unquote_to_bytes(query["text"].replace("+", " ")).decode("utf-16-be") == text


def test_a_wrong_password_is_refused(kannel: Kannel) -> None:
    assert gateway_of(kannel, "wrong").hand_over(OutgoingSms("1", "+8614599990401", "a")).outcome is HandOver.REFUSED
    assert kannel.carrier.asked.empty()


def test_a_reply_comes_in_and_rates_the_order(kannel: Kannel, town: Town) -> None:
    order = town.served()
    reply = {"from": "09319000101", "to": "12349", "text": "五分，谢谢", "charset": "UTF-8", "coding": "2"}
    assert DEMO.wang.number.endswith("9319000101")
    kannel.carrier_says(**reply)
    got = {name: values[0] for name, values in parse_qs(urlsplit(kannel.next_request()).query).items()}
    assert got["text"] == "五分，谢谢"
    received = town.inbox.received(got["id"], got["from"], got["to"], got["text"], got["ts"])
    assert (received.order_id, received.reading.score) == (order.id, 5)
    assert town.orders.get(order.id).state is OrderState.RATED


def test_what_became_of_a_message_is_reported_by_our_id_and_nothing_personal(kannel: Kannel) -> None:
    """Taken by the carrier (8), and then delivered (1); of three parts Kannel asks for the first one's."""
    reports = ReportAddress(f"http://127.0.0.1:{kannel.carrier.port}/sms/report", str.encode)
    message = OutgoingSms("17", "+8614599990401", "字" * 150)
    assert gateway_of(kannel, reports=reports).hand_over(message).outcome is HandOver.ACCEPTED
    requests = [kannel.next_request() for _ in range(4)]  # The first report may overtake the last part.
    (taken,) = [each for each in requests if not each.startswith("/carrier")]
    (asked,) = [part for each in requests if each != taken and "dlr-mask" in (part := handed_on(each))]
    kannel.carrier_reports(asked, 1)
    assert [taken, kannel.next_request()] == [f"/sms/report?id=17&key=3137&status={status}" for status in (8, 1)]


@pytest.mark.parametrize("text", ["", "😀👵🏻 5", "字" * 2000, "  ", "<b>'; DROP TABLE elders;--&to=1"])
def test_whatever_is_replied_comes_in_exactly_and_goes_to_a_person(kannel: Kannel, town: Town, text: str) -> None:
    """From a number that nobody knows, by way of the real gateway; who wrote nothing is asked what was meant."""
    kannel.carrier_says(**{"from": "13900000077", "to": "12349", "text": text, "charset": "UTF-8", "coding": "2"})
    query = urlsplit(kannel.next_request()).query
    got = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
    assert got["text"] == text
    received = town.inbox.received(got["id"], got["from"], got["to"], got["text"], got["ts"])
    assert received.state == ("stranger" if text.strip() else "unclear")
    assert [case.kind for case in town.cases.open_cases()] == (["sms"] if text.strip() else [])
