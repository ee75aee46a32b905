"""Handing messages over by submit_sm, part by part."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol

import smpp34

from routing.outreach.sms.carrier import UNWANTED, HandOver, OutgoingSms, Receipt
from routing.outreach.sms.encoding import Alphabet, Written, write
from routing.outreach.sms.smpp import pdu as pdus
from routing.outreach.sms.smpp.pace import Pace
from routing.outreach.sms.smpp.pdu import Command, Pdu, Status, Tag
from routing.outreach.sms.smpp.pending import NotWritten, Unanswered

HAND_OVER_SECONDS: Final = 60.0
"""A hand-over of all parts takes no longer; the claim of a message lasts twice as long."""
_WINDOW_SECONDS: Final = 10.0
_THROTTLED_SECONDS: Final = (0.5, 1.0, 2.0, 4.0)
"""Pauses after "too much" and "queue full": four more tries of a part, and then the outbox keeps it for later."""
_TOO_MUCH: Final = frozenset({Status.RTHROTTLED, Status.RMSGQFUL})
_LATER: Final = frozenset({*_TOO_MUCH, Status.RSYSERR, Status.RX_T_APPN, Status.RINVBNDSTS, Status.RSUBMITFAIL})
_CODING: Final = {Alphabet.GSM7: 0x00, Alphabet.LATIN1: 0x03, Alphabet.UCS2: 0x08}
_HAS_HEADER: Final = 0x40
_JOINED_HEADER: Final = bytes((0x05, 0x00, 0x03))
"""User data header: five octets, of which one element, an 8-bit reference (3GPP TS 23.040, 9.2.3.24.1)."""
_INTERNATIONAL, _NATIONAL, _SHORT, _NAME = (1, 1), (0, 1), (3, 0), (5, 0)
"""TON and NPI (chapter 5.2.5): E.164, as dialled, a short code, a name in letters."""
_SHORT_DIGITS: Final = 6
_LONGEST: Final = 254


class Link(Protocol):
    """Asks the carrier (routing.outreach.sms.smpp.link)."""

    def ask(self, make: Callable[[int], bytes], patience: float) -> Pdu:
        """Send a request made for a sequence number and give its answer. Raises NotWritten or Unanswered."""


@dataclass(frozen=True)
class SmppManner:
    """How this carrier wants messages. `plain` is what its data_coding 0 or 3 stands for, `joined_as_payload` whether a
    long text goes in one PDU, as message_payload, and is parted by the carrier."""

    sender: str
    plain: Alphabet = Alphabet.GSM7
    joined_as_payload: bool = False
    ask_for_reports: bool = True


class SmppCarrier:
    """Carries SMS over an SMPP link. Threads may share one; the link's window bounds what is under way."""

    def __init__(
        self,
        link: Link,
        manner: SmppManner,
        pace: Pace,
        *,
        as_dialled: Callable[[str], str] = str,
        pause: Callable[[float], object] = time.sleep,
        pauses: tuple[float, ...] = _THROTTLED_SECONDS,
    ) -> None:
        """`as_dialled` turns E.164 into what the carrier wants."""
        self._link = link
        self._manner = manner
        self._pace = pace
        self._as_dialled = as_dialled
        self._pause = pause
        self._pauses = pauses
        self._references = count(secrets.randbelow(256))  # A phone must not join parts of two runs.
        self._counting = threading.Lock()

    def hand_over(self, message: OutgoingSms) -> Receipt:
        """Hand one message over. Of several parts, what follows an accepted one is never tried again either: the
        message as a whole is then UNKNOWN."""
        if not message.text:
            return Receipt(HandOver.REFUSED, "empty text")
        written = write(message.text, self._manner.plain)
        until = time.monotonic() + HAND_OVER_SECONDS
        ids: list[str] = []
        bodies = self._bodies(written)
        for body in bodies:
            outcome, said = self._part(message, written, body, until, begun=bool(ids))
            if outcome is not HandOver.ACCEPTED:
                return self._ended(outcome, said, ids, len(bodies))
            ids.append(said)
        return Receipt(HandOver.ACCEPTED, f"{len(ids)} taken", tuple(ids))

    def _ended(self, outcome: HandOver, said: str, ids: list[str], parts: int) -> Receipt:
        if ids:
            return Receipt(HandOver.UNKNOWN, f"{len(ids)} of {parts} parts were taken, then: {said}", tuple(ids))
        return Receipt(outcome, said)

    def _part(
        self, message: OutgoingSms, written: Written, body: _Body, until: float, *, begun: bool
    ) -> tuple[HandOver, str]:
        """Hand one part over; the text is the carrier's id, or why not. What has `begun` goes on to its end: half a
        message is worse than one that comes a moment after the word that it is not wanted."""
        for again in (*self._pauses, None):
            if (wait := self._pace.turn()) > until - time.monotonic():
                return HandOver.NOT_TAKEN, "the rate limit leaves no room"
            self._pause(wait)
            if not begun and not message.wanted():
                return UNWANTED.outcome, UNWANTED.detail
            try:
                answer = self._link.ask(lambda at: self._submit(message, written, body, at), _WINDOW_SECONDS)
            except NotWritten as error:
                return HandOver.NOT_TAKEN, str(error)
            except Unanswered as error:
                return HandOver.UNKNOWN, str(error)
            outcome = _outcome(answer)
            if outcome is HandOver.ACCEPTED:
                return outcome, (pdus.strings(answer.body, 1) or [""])[0]
            said = pdus.status_name(answer.status)
            if answer.status not in _TOO_MUCH or again is None or time.monotonic() + again > until:
                return outcome, said
            self._pace.rest(again)
        raise AssertionError("the last try has no pause behind it")

    def _bodies(self, written: Written) -> list[_Body]:
        if len(written.parts) == 1:
            return [_Body(written.parts[0], 0, as_payload=len(written.parts[0]) > _LONGEST)]
        if self._manner.joined_as_payload:
            return [_Body(b"".join(written.parts), 0, as_payload=True)]
        with self._counting:
            reference = next(self._references) & 0xFF
        total = len(written.parts)
        headers = (_JOINED_HEADER + bytes((reference, total, at)) for at in range(1, total + 1))
        return [
            _Body(header + part, _HAS_HEADER, as_payload=False)
            for header, part in zip(headers, written.parts, strict=True)
        ]

    def _submit(self, message: OutgoingSms, written: Written, body: _Body, sequence: int) -> bytes:
        sender, number = self._manner.sender, self._as_dialled(message.number)
        from_ton, from_npi = _kind(sender)
        to_ton, to_npi = _kind(number)
        tlvs = [smpp34.Tlv(Tag.MESSAGE_PAYLOAD, body.data)] if body.as_payload else []
        return smpp34.SubmitSm(
            sender.lstrip("+"), number.lstrip("+"), b"" if body.as_payload else body.data,
            source_addr_ton=from_ton, source_addr_npi=from_npi, dest_addr_ton=to_ton, dest_addr_npi=to_npi,
            esm_class=body.esm_class, registered_delivery=int(self._manner.ask_for_reports),
            data_coding=_CODING[written.alphabet], tlvs=tlvs, sequence_number=sequence,
        ).encode()  # fmt: skip


@dataclass(frozen=True)
class _Body:
    data: bytes
    esm_class: int
    as_payload: bool


def _outcome(answer: Pdu) -> HandOver:
    if answer.command == Command.GENERIC_NACK:
        return HandOver.REFUSED  # It did not understand the PDU, and would not the next time.
    if answer.status == Status.ROK:
        return HandOver.ACCEPTED
    return HandOver.NOT_TAKEN if answer.status in _LATER else HandOver.REFUSED


def _kind(number: str) -> tuple[int, int]:
    if number.startswith("+"):
        return _INTERNATIONAL
    if not number.isdigit():
        return _NAME
    return _SHORT if len(number) <= _SHORT_DIGITS else _NATIONAL
