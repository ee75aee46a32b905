"""The link on a simulated carrier that does what carriers do: cuts, stays silent, speaks nonsense, refuses."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import pytest
import structlog

from routing.outreach.sms.carrier import HandOver, OutgoingSms
from routing.outreach.sms.encoding import Alphabet
from routing.outreach.sms.smpp import pdu as pdus
from routing.outreach.sms.smpp.carrier import SmppManner
from routing.outreach.sms.smpp.pdu import Command, Pdu, Status
from routing.outreach.sms.smpp.session import Timers
from scripts.sms_carrier.smsc import Cut, Fault, Talk
from tests.ports import free_port
from tests.routing.outreach.sms.smpp.bound import PASSWORD, SECONDS, run_link, run_smsc
from tests.routing.outreach.sms.smpp.certificates import self_signed
from tests.waiting import until

MESSAGE = OutgoingSms("17", "+8614599990401", "【银龄热线】您订的送餐已安排 😀")
LONG = OutgoingSms("18", "+8614599990401", "字" * 150)
IMPATIENT = Timers(connect=2, answer=0.4, enquire=0.3)


class On:
    """A fault that strikes at the nth PDU of one command, once or always."""

    def __init__(self, command: int, act: Fault, *, nth: int = 1, always: bool = False) -> None:
        self.command, self.act, self.nth, self.always = command, act, nth, always
        self.struck = 0

    def __call__(self, heard: Pdu, talk: Talk) -> bool:
        if heard.command != self.command:
            return False
        self.nth -= 1
        if self.nth > 0 or (self.struck and not self.always):
            return False
        self.struck += 1
        return self.act(heard, talk)


def cut(_heard: Pdu, _talk: Talk) -> bool:
    raise Cut


def silence(_heard: Pdu, _talk: Talk) -> bool:
    return True


def says(status: int) -> Fault:
    def act(heard: Pdu, talk: Talk) -> bool:
        talk.send(pdus.answer(heard, Status(status), ""))
        return True

    return act


def garbage(_heard: Pdu, talk: Talk) -> bool:
    talk.send_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    return True


def test_a_message_goes_and_the_carrier_gives_its_id() -> None:
    with run_smsc() as smsc, run_link(smsc) as ours:
        receipt = ours.carrier.hand_over(MESSAGE)
    (taken,) = smsc.book.taken
    assert (receipt.outcome, receipt.ids) == (HandOver.ACCEPTED, (taken.id,))
    assert (taken.number, taken.sender, taken.text) == ("14599990401", "12349", MESSAGE.text)
    assert taken.wants_report
    assert [pdu.command for pdu in smsc.heard][-1] == Command.UNBIND  # Not cut off: we took leave.


def test_a_long_message_goes_in_parts_that_a_phone_can_join() -> None:
    with run_smsc() as smsc, run_link(smsc) as ours:
        assert ours.carrier.hand_over(LONG).outcome is HandOver.ACCEPTED
    parts = [taken.segment for taken in smsc.book.taken]
    assert [(part.part, part.total, len(part.data)) for part in parts] == [(1, 3, 134), (2, 3, 134), (3, 3, 32)]
    assert len({part.reference for part in parts}) == 1
    assert "".join(taken.text for taken in smsc.book.taken) == LONG.text


def test_a_long_message_goes_in_one_pdu_where_the_carrier_wants_it_so() -> None:
    with run_smsc() as smsc, run_link(smsc, manner=SmppManner("12349", joined_as_payload=True)) as ours:
        assert ours.carrier.hand_over(LONG).outcome is HandOver.ACCEPTED
    assert [taken.text for taken in smsc.book.taken] == [LONG.text]


@pytest.mark.parametrize(
    ("text", "plain", "coding"),
    [
        ("Dinner at 12 €5", Alphabet.GSM7, 0),
        ("café ô", Alphabet.LATIN1, 3),
        ("a", Alphabet.UCS2, 8),
        ("字", Alphabet.GSM7, 8),
    ],
)
def test_the_alphabet_is_the_smallest_that_fits(text: str, plain: Alphabet, coding: int) -> None:
    with run_smsc() as smsc, run_link(smsc, manner=SmppManner("12349", plain)) as ours:
        ours.carrier.hand_over(OutgoingSms("1", MESSAGE.number, text))
    (taken,) = smsc.book.taken
    assert (taken.segment.coding, taken.text) == (coding, text)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (On(Command.SUBMIT_SM, cut), HandOver.UNKNOWN),
        (On(Command.SUBMIT_SM, silence), HandOver.UNKNOWN),
        (On(Command.SUBMIT_SM, garbage), HandOver.UNKNOWN),
        (On(Command.SUBMIT_SM, says(Status.RTHROTTLED)), HandOver.ACCEPTED),
        (On(Command.SUBMIT_SM, says(Status.RMSGQFUL)), HandOver.ACCEPTED),
        (On(Command.SUBMIT_SM, says(Status.RTHROTTLED), always=True), HandOver.NOT_TAKEN),
        (On(Command.SUBMIT_SM, says(Status.RSYSERR)), HandOver.NOT_TAKEN),
        (On(Command.SUBMIT_SM, says(Status.RINVMSGLEN)), HandOver.REFUSED),
    ],
)
def test_what_the_carrier_does_with_a_submit_decides(fault: On, outcome: HandOver) -> None:
    with run_smsc(fault) as smsc, run_link(smsc, timers=IMPATIENT) as ours:
        assert ours.carrier.hand_over(MESSAGE).outcome is outcome
        assert fault.struck
        assert ours.link.wait_until_bound(SECONDS)  # Whatever it was, the link stands again.
        submits = [pdu for pdu in smsc.heard if pdu.command == Command.SUBMIT_SM]
        # Only what was surely not taken was said again.
        assert len(submits) == {HandOver.ACCEPTED: 2, HandOver.NOT_TAKEN: 4 if fault.always else 1}.get(outcome, 1)


def test_a_generic_nack_to_a_submit_refuses_it() -> None:
    def nack(heard: Pdu, talk: Talk) -> bool:
        talk.send(pdus.nack(heard.sequence, Status.RINVCMDID))
        return True

    with run_smsc(On(Command.SUBMIT_SM, nack)) as smsc, run_link(smsc) as ours:
        assert ours.carrier.hand_over(MESSAGE).outcome is HandOver.REFUSED


@pytest.mark.parametrize("nth", [2, 3])
def test_parts_that_follow_an_accepted_one_and_fail_leave_the_whole_unknown(nth: int) -> None:
    with run_smsc(On(Command.SUBMIT_SM, says(Status.RSYSERR), nth=nth)) as smsc, run_link(smsc) as ours:
        receipt = ours.carrier.hand_over(LONG)
    assert (receipt.outcome, len(receipt.ids)) == (HandOver.UNKNOWN, nth - 1)
    assert f"{nth - 1} of 3 parts" in receipt.detail
    assert len(smsc.book.taken) == nth - 1


@pytest.mark.parametrize("act", [cut, silence, garbage, says(Status.RSYSERR)])
def test_a_bind_that_fails_is_tried_again(act: Fault) -> None:
    with run_smsc(On(Command.BIND_TRANSCEIVER, act)) as smsc, run_link(smsc, timers=IMPATIENT) as ours:
        assert smsc.binds == 1
        assert ours.carrier.hand_over(MESSAGE).outcome is HandOver.ACCEPTED


def test_a_wrong_password_is_told_with_the_setting_and_without_the_secret() -> None:
    with (
        structlog.testing.capture_logs() as logs,
        run_smsc() as smsc,
        run_link(smsc, password="wr0ng", bound=False) as ours,
    ):
        assert ours.link.wait_for(lambda state: state.wants_a_person, SECONDS)
        why = ours.link.state.why
        receipt = ours.carrier.hand_over(MESSAGE)
    assert "ESME_RINVPASWD" in why
    assert "ELDERLINE_SMS_PASSWORD" in why
    assert receipt.outcome is HandOver.NOT_TAKEN
    assert "wr0ng" not in why + repr(logs) + receipt.detail
    assert PASSWORD not in repr(logs)
    assert any(line["event"] == "smpp.away" for line in logs)


def test_over_tls_only_a_carrier_with_a_trusted_certificate_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with run_smsc(tls=context) as smsc:
        with run_link(smsc, tls=True, bound=False) as ours:
            assert ours.link.wait_for(lambda state: "TLS" in state.why, SECONDS)
            assert not smsc.heard
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with run_link(smsc, tls=True) as ours:
            assert [ours.carrier.hand_over(LONG).outcome for _ in range(3)] == [HandOver.ACCEPTED] * 3
    assert len(smsc.book.taken) == 9


def test_a_carrier_that_is_not_there_has_taken_nothing() -> None:
    with run_link(free_port(), bound=False) as ours:
        assert ours.link.wait_for(lambda state: "no connection" in state.why, SECONDS)
        assert ours.carrier.hand_over(MESSAGE).outcome is HandOver.NOT_TAKEN


def test_a_silent_link_is_asked_whether_it_lives_and_replaced_when_it_does_not() -> None:
    with run_smsc(On(Command.ENQUIRE_LINK, silence)) as smsc, run_link(smsc, timers=IMPATIENT):
        until(lambda: smsc.binds == 2, SECONDS)
        assert sum(pdu.command == Command.ENQUIRE_LINK for pdu in smsc.heard) >= 1


def test_the_carriers_questions_are_answered() -> None:
    answers: list[Pdu] = []

    def asks(heard: Pdu, talk: Talk) -> bool:
        if heard.command == Command.SUBMIT_SM:
            talk.send(pdus.plain(Command.ENQUIRE_LINK, 901))
            talk.send(pdus.plain(Command.ALERT_NOTIFICATION, 902))
            talk.send(pdus.plain(Command.DATA_SM, 903))
        elif heard.answers:
            answers.append(heard)
        return False

    with run_smsc(asks) as smsc, run_link(smsc) as ours:
        assert ours.carrier.hand_over(MESSAGE).outcome is HandOver.ACCEPTED
        until(lambda: len(answers) >= 2, SECONDS)
    assert [(each.command, each.status, each.sequence) for each in answers[:2]] == [
        (Command.ENQUIRE_LINK | Command.GENERIC_NACK, Status.ROK, 901),
        (Command.GENERIC_NACK, Status.RINVCMDID, 903),
    ]


def test_a_carrier_that_unbinds_us_is_bound_again() -> None:
    def unbinds(_heard: Pdu, talk: Talk) -> bool:
        talk.send(pdus.plain(Command.UNBIND, 900))
        return False

    with run_smsc(On(Command.SUBMIT_SM, unbinds)) as smsc, run_link(smsc) as ours:
        ours.carrier.hand_over(MESSAGE)
        until(lambda: smsc.binds == 2, SECONDS)
        assert ours.link.wait_until_bound(SECONDS)
        assert ours.carrier.hand_over(MESSAGE).outcome is HandOver.ACCEPTED


def test_no_more_than_the_window_is_ever_under_way() -> None:
    waiting: list[tuple[Pdu, Talk]] = []
    most = 0

    def keeps(heard: Pdu, talk: Talk) -> bool:
        nonlocal most
        if heard.command != Command.SUBMIT_SM:
            return False
        waiting.append((heard, talk))
        most = max(most, len(waiting))
        if len(waiting) == 3:
            for each, where in waiting:
                smsc.act(where, each)
            waiting.clear()
        return True

    with run_smsc(keeps, receipt_seconds=None) as smsc, run_link(smsc, window=3) as ours:
        outcomes: list[HandOver] = []
        senders = [
            threading.Thread(target=lambda: outcomes.append(ours.carrier.hand_over(MESSAGE).outcome)) for _ in range(9)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(SECONDS)
    assert outcomes == [HandOver.ACCEPTED] * 9
    assert most == 3


def test_answers_out_of_order_find_their_questions() -> None:
    kept: list[tuple[Pdu, Talk]] = []

    def turns_round(heard: Pdu, talk: Talk) -> bool:
        if heard.command != Command.SUBMIT_SM:
            return False
        kept.append((heard, talk))
        if len(kept) == 2:
            for each, where in reversed(kept):
                smsc.act(where, each)
        return True

    got: dict[str, tuple[str, ...]] = {}
    with run_smsc(turns_round, receipt_seconds=None) as smsc, run_link(smsc) as ours:

        def send(text: str) -> None:
            got[text] = ours.carrier.hand_over(OutgoingSms("1", MESSAGE.number, text)).ids

        senders = [threading.Thread(target=send, args=(text,)) for text in ("a", "b")]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(SECONDS)
    assert got == {taken.text: (taken.id,) for taken in smsc.book.taken}
