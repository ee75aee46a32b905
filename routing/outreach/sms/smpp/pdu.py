"""PDUs of SMPP 3.4 as bytes. Messages are coded by the library `smpp34`; headers and plain strings here.

The numbers are those of the specification "Short Message Peer to Peer Protocol Specification v3.4", chapters 4 and 5.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import smpp34

HEADER: Final = struct.Struct(">IIII")
MOST_BYTES: Final = 70_000
"""A message_payload has 64 kB at most; whoever announces more has lost the thread."""
_VERSION: Final = 0x34
_ANSWER: Final = 0x80000000


class Command(IntEnum):
    """command_id of the requests; the answer to one has the highest bit set besides."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    OUTBIND = 0x0B
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x102
    DATA_SM = 0x103
    GENERIC_NACK = _ANSWER


class Status(IntEnum):
    """command_status, as far as we act on it (chapter 5.1.3)."""

    ROK = 0x00
    RINVMSGLEN = 0x01
    RINVCMDLEN = 0x02
    RINVCMDID = 0x03
    RINVBNDSTS = 0x04
    RALYBND = 0x05
    RSYSERR = 0x08
    RBINDFAIL = 0x0D
    RINVPASWD = 0x0E
    RINVSYSID = 0x0F
    RMSGQFUL = 0x14
    RSUBMITFAIL = 0x45
    RTHROTTLED = 0x58
    RX_T_APPN = 0x64
    """Ours, temporarily: the carrier brings it again."""
    RX_P_APPN = 0x65
    """Ours, for good: the carrier need not bring it again."""


class Tag(IntEnum):
    """Tags of optional parameters (chapter 5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class Garbled(Exception):
    """Bytes that are no PDU; the text holds none of them."""


@dataclass(frozen=True)
class Pdu:
    """One PDU as it came. `body` may be personal, so it is not shown."""

    command: int
    status: int
    sequence: int
    body: bytes = field(repr=False)

    @property
    def answers(self) -> bool:
        """Whether it answers one of ours."""
        return bool(self.command & _ANSWER)

    def encode(self) -> bytes:
        """Give its bytes."""
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body


def length_of(header: bytes) -> int:
    """Give the length that the first 16 bytes announce. Raises Garbled when it can be none."""
    length: int = HEADER.unpack(header)[0]
    if not HEADER.size <= length <= MOST_BYTES:
        raise Garbled(f"a PDU of {length} bytes")
    return length


def parse(data: bytes) -> Pdu:
    """Take a whole PDU apart."""
    _length, command, status, sequence = HEADER.unpack(data[: HEADER.size])
    return Pdu(command, status, sequence, data[HEADER.size :])


def status_name(status: int) -> str:
    """Give a status in the specification's words, for people."""
    try:
        return f"ESME_{Status(status).name}"
    except ValueError:
        return f"status 0x{status:08x}"


def answer(request: Pdu, status: Status = Status.ROK, text: str | None = None) -> Pdu:
    """Answer a request; `text` is the id or the name that some answers carry."""
    body = _string(text) if text is not None else b""
    return Pdu(request.command | _ANSWER, status, request.sequence, body)


def nack(sequence: int, status: Status) -> Pdu:
    """Say that something was not understood."""
    return Pdu(Command.GENERIC_NACK, status, sequence, b"")


def bind(sequence: int, name: str, password: str, system_type: str = "") -> Pdu:
    """Ask to be bound both ways."""
    body = _string(name) + _string(password) + _string(system_type) + bytes((_VERSION, 0, 0)) + _string("")
    return Pdu(Command.BIND_TRANSCEIVER, Status.ROK, sequence, body)


def plain(command: Command, sequence: int) -> Pdu:
    """Make a request without a body: enquire_link, unbind."""
    return Pdu(command, Status.ROK, sequence, b"")


def message(pdu: Pdu) -> smpp34.SubmitSm | smpp34.DeliverSm:
    """Read a submit_sm or deliver_sm. Raises Garbled when it is none."""
    try:
        read = smpp34.decode(pdu.encode())
    except smpp34.SmppError as error:
        raise Garbled(str(error)[:80]) from None
    if not isinstance(read, smpp34.SubmitSm | smpp34.DeliverSm):
        raise Garbled("it carries no message")
    return read


def strings(body: bytes, most: int) -> list[str]:
    """Read up to `most` strings that each end in a zero."""
    return [part.decode("latin-1") for part in body.split(b"\0", most)[:most]]


def _string(text: str) -> bytes:
    return text.encode("ascii", errors="replace").replace(b"\0", b"") + b"\0"
