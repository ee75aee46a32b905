"""One contract for every adapter, each run against its real counterpart, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from routing.outreach.sms.carrier import UNWANTED, HandOver, OutgoingSms
from routing.outreach.sms.reports import DeliveryReport
from routing.outreach.sms.smpp.pdu import Command, Pdu
from scripts.sms_carrier.smsc import Cut, Talk
from tests.routing.outreach.sms.kannel_boxes import SECONDS
from tests.routing.outreach.sms.rigs import RIGS, Rig
from tests.waiting import until

TEXTS = (
    "【银龄热线】您订的送餐已安排 😀 a&b=c+d%",
    "Dinner at 12: {[€5]} ~ok|",
    "字" * 150,
    "word " * 70,
    "😀" * 100,
    "\u202e right to left",
)


@pytest.fixture(scope="module", params=list(RIGS))
def rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    with RIGS[request.param](folder) as running:
        yield running


NUMBERS = count(13900000100)


def one(text: str) -> OutgoingSms:
    return OutgoingSms("17", f"+86{next(NUMBERS)}", text)


@pytest.mark.parametrize("text", TEXTS)
def test_the_phone_shows_the_text_exactly_and_we_hear_that_it_did(rig: Rig, text: str) -> None:
    message = one(text)
    assert rig.carrier.hand_over(message).outcome is HandOver.ACCEPTED
    until(lambda: text in rig.texts(), SECONDS)
    assert rig.next_report() is DeliveryReport.DELIVERED


@pytest.mark.parametrize("text", ["五分，谢谢", "5", "不满意" * 60 + "😀", "TD"])
def test_a_reply_reaches_us_exactly(rig: Rig, text: str) -> None:
    rig.smsc.book.reply("13900000077", "12349", text)
    assert rig.next_reply() == text


def test_an_empty_text_is_refused(rig: Rig) -> None:
    assert rig.carrier.hand_over(one("")).outcome is HandOver.REFUSED


def test_a_message_whose_number_opts_out_while_it_waits_does_not_go(rig: Rig) -> None:
    """It was claimed, and is asked about as the last thing before the first of it goes."""
    before, asked = len(rig.smsc.book.taken), list[str]()

    def wanted() -> bool:
        asked.append("asked")
        return False

    for text in ("short", "字" * 150):
        assert rig.carrier.hand_over(replace(one(text), wanted=wanted)) == UNWANTED
    assert (len(rig.smsc.book.taken), len(asked)) == (before, 2)


def test_a_wrong_password_takes_nothing(rig: Rig) -> None:
    before = len(rig.smsc.book.taken)
    assert rig.wrong(one("secret")) in (HandOver.REFUSED, HandOver.NOT_TAKEN)
    assert len(rig.smsc.book.taken) == before


def test_a_carrier_that_hangs_up_before_it_answers_gets_the_message_once_from_us(rig: Rig) -> None:
    """Kannel has taken it, and itself tells the carrier again; what is ours to promise is that we hand over once."""
    seen = 0

    def cuts_once(heard: Pdu, _talk: Talk) -> bool:
        nonlocal seen
        if heard.command != Command.SUBMIT_SM:
            return False
        seen += 1
        if seen == 1:
            raise Cut
        return False

    rig.smsc.fault = cuts_once
    try:
        outcome = rig.carrier.hand_over(one("cut")).outcome
        until(lambda: rig.smsc.bound == 1, SECONDS)
    finally:
        rig.smsc.fault = None
    assert outcome in (HandOver.ACCEPTED, HandOver.UNKNOWN)
    assert rig.texts().count("cut") <= 1
