"""One contract for all carriers, and what is particular to each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from routing.outreach.sms import kannel
from routing.outreach.sms.carrier import Carrier, HandOver, OutgoingSms
from routing.outreach.sms.development import DevelopmentOutbox
from routing.outreach.sms.kannel import KannelGateway
from routing.outreach.sms.reports import ReportAddress
from tests.ports import free_port
from tests.routing.outreach.sms.gateway import Gateway, run_gateway

REPORTS = ReportAddress("http://127.0.0.1:8000/sms/report", lambda reference: b"signed " + reference.encode())
MESSAGE = OutgoingSms("17", "+8614599990401", "【银龄热线】您订的送餐已安排 😀 & a=b")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with run_gateway() as running:
        yield running


def carrier_of(url: str) -> KannelGateway:
    return KannelGateway(
        url, user="elderline", password="p&ss", sender="12349", reports=REPORTS,
        as_dialled=lambda number: number.removeprefix("+86"),
    )  # fmt: skip


@pytest.fixture(params=["development", "kannel"])
def carrier(request: pytest.FixtureRequest, gateway: Gateway) -> Carrier:
    return DevelopmentOutbox() if request.param == "development" else carrier_of(gateway.url)


def test_a_message_is_taken(carrier: Carrier) -> None:
    assert carrier.hand_over(MESSAGE).outcome is HandOver.ACCEPTED


@pytest.mark.parametrize("text", ["a", "字" * 268, "\n", "😀" * 100, "%&=#+ \u202e"])
def test_whatever_the_text_it_is_taken(carrier: Carrier, text: str) -> None:
    assert carrier.hand_over(OutgoingSms("1", MESSAGE.number, text)).outcome is HandOver.ACCEPTED


def test_an_empty_text_is_refused(carrier: Carrier) -> None:
    assert carrier.hand_over(OutgoingSms("1", MESSAGE.number, "")).outcome is HandOver.REFUSED


def test_a_receipt_and_a_message_show_no_personal_data(carrier: Carrier) -> None:
    shown = repr(MESSAGE) + repr(carrier.hand_over(MESSAGE))
    assert MESSAGE.number not in shown
    assert "送餐" not in shown


def test_the_gateway_gets_the_message_exactly(gateway: Gateway) -> None:
    carrier_of(gateway.url).hand_over(MESSAGE)
    (got,) = gateway.got
    assert got == {
        "username": "elderline",
        "password": "p&ss",
        "from": "12349",
        "to": "14599990401",
        "text": MESSAGE.text,
        "coding": "2",
        "charset": "UTF-8",
        "dlr-mask": "31",
        "dlr-url": "http://127.0.0.1:8000/sms/report?id=17&key=7369676e6564203137&status=%d",
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, HandOver.ACCEPTED),
        (202, HandOver.ACCEPTED),
        (403, HandOver.REFUSED),
        (404, HandOver.REFUSED),
        (503, HandOver.NOT_TAKEN),
        (500, HandOver.UNKNOWN),
        (302, HandOver.UNKNOWN),
    ],
)
def test_what_the_gateway_says_decides(gateway: Gateway, status: int, outcome: HandOver) -> None:
    gateway.status = status
    assert carrier_of(gateway.url).hand_over(MESSAGE).outcome is outcome


def test_a_gateway_that_is_away_has_taken_nothing() -> None:
    carrier = carrier_of(f"http://127.0.0.1:{free_port()}/cgi-bin/sendsms")
    assert carrier.hand_over(MESSAGE).outcome is HandOver.NOT_TAKEN


def test_a_gateway_that_says_nothing_may_have_taken_it(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kannel, "ANSWER_SECONDS", 0.2)
    gateway.silent = True
    assert carrier_of(gateway.url).hand_over(MESSAGE).outcome is HandOver.UNKNOWN
    assert len(gateway.got) == 1


@pytest.mark.parametrize("url", ["", "sendsms", "ftp://a/b", "http://"])
def test_what_is_no_url_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="ELDERLINE_SMS_URL"):
        carrier_of(url)
