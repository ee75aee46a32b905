"""A carrier that takes its time, or goes at the worst moment."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import structlog

from routing.outreach.sms.carrier import UNWANTED, HandOver, OutgoingSms
from routing.outreach.sms.smpp.carrier import SmppCarrier, SmppManner
from routing.outreach.sms.smpp.intake import Intake
from routing.outreach.sms.smpp.pace import Pace
from routing.outreach.sms.smpp.pdu import Command, Pdu
from routing.outreach.sms.smpp.session import Timers
from scripts.sms_carrier.smsc import Cut, Smsc, Talk
from tests.routing.outreach.sms.smpp.bound import SECONDS, run_link, run_smsc
from tests.routing.outreach.sms.smpp.test_arrivals import PHONE, arrivals_of, texts_in
from tests.routing.town import Town
from tests.waiting import until

MESSAGE = OutgoingSms("17", "+8614599990401", "您好")
LONG = OutgoingSms("18", "+8614599990401", "字" * 150)


class Slow:
    """Answers the first submit so many seconds later, from another thread."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.smsc: Smsc | None = None
        self.answered = threading.Event()

    def __call__(self, heard: Pdu, talk: Talk) -> bool:
        if heard.command != Command.SUBMIT_SM or self.answered.is_set():
            return False

        def late() -> None:
            assert self.smsc is not None
            self.smsc.act(talk, heard)
            self.answered.set()

        threading.Timer(self.seconds, late).start()
        return True


def test_an_answer_that_is_slow_but_in_time_counts() -> None:
    slow = Slow(0.5)
    with run_smsc(slow, receipt_seconds=None) as smsc, run_link(smsc) as ours:
        slow.smsc = smsc
        assert ours.carrier.hand_over(MESSAGE).outcome is HandOver.ACCEPTED


def test_an_answer_that_is_too_late_changes_nothing_and_breaks_nothing() -> None:
    slow = Slow(1.0)
    with (
        structlog.testing.capture_logs() as logs,
        run_smsc(slow, receipt_seconds=None) as smsc,
        run_link(smsc, timers=Timers(answer=0.3)) as ours,
    ):
        slow.smsc = smsc
        assert ours.carrier.hand_over(MESSAGE).outcome is HandOver.UNKNOWN
        assert slow.answered.wait(SECONDS)
        until(lambda: any(line["event"] == "smpp.late_answer" for line in logs), SECONDS)
        assert smsc.binds == 1
    assert len(smsc.book.taken) == 1


def test_a_carrier_that_does_not_answer_the_unbind_holds_nobody_up() -> None:
    with run_smsc(lambda heard, _talk: heard.command == Command.UNBIND) as smsc:
        with run_link(smsc):
            began = time.monotonic()
        assert time.monotonic() - began < SECONDS
        assert smsc.heard[-1].command == Command.UNBIND


def test_a_carrier_that_goes_before_it_hears_our_acknowledgement_brings_it_again_and_we_read_it_once(
    town: Town,
) -> None:
    cuts = iter([True])

    def fault(heard: Pdu, _talk: Talk) -> bool:
        if heard.command == Command.DELIVER_SM | 0x80000000 and next(cuts, False):
            raise Cut
        return False

    intake = Intake(arrivals_of(town))
    intake.start()
    with run_smsc(fault) as smsc, run_link(smsc, intake.deliver):
        smsc.book._again = 0.1
        (key,) = smsc.book.reply(PHONE, "12349", "五分，谢谢")
        assert smsc.book.wait_for(lambda book: book.was_brought(key), SECONDS)
        assert smsc.binds == 2
        intake.stop()
    assert texts_in(town) == ["五分，谢谢"]


def test_who_opts_out_while_the_rate_keeps_a_message_waiting_does_not_get_it_and_half_of_one_is_finished() -> None:
    left, waits = [True, True, False], list[float]()
    with run_smsc() as smsc, run_link(smsc) as ours:
        whole = ours.carrier.hand_over(replace(LONG, wanted=lambda: left.pop(0)))
        carrier = SmppCarrier(ours.link, SmppManner("12349"), Pace(1.0), pause=waits.append)
        first = carrier.hand_over(replace(MESSAGE, wanted=lambda: left.pop(0)))
        second = carrier.hand_over(replace(MESSAGE, wanted=lambda: left.pop(0)))
    assert (whole.outcome, len(whole.ids)) == (HandOver.ACCEPTED, 3), "asked about once, before its first part"
    assert (first.outcome, second) == (HandOver.ACCEPTED, UNWANTED)
    assert waits[-1] > 0, "it was asked after its turn had come"
    assert len(smsc.book.taken) == 4
