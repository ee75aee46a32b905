"""What a deliver_sm brings from a phone: a text, or one part of a joined one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import smpp34

from routing.outreach.sms.encoding import Alphabet, read
from routing.outreach.sms.smpp.pdu import Tag
from routing.outreach.sms.smpp.receipts import Receipted, body_of, is_receipt, receipt_of

_HAS_HEADER: Final = 0x40
_GBK: Final = 0x0F
"""No coding of SMPP, but what gateways to China's networks use (CMPP's msg_fmt 15)."""
MISSING: Final = "[…]"
"""Stands where a part never came."""


@dataclass(frozen=True)
class Segment:
    """One part from a phone, as bytes: joined parts may be parted within a character. `reference` None: a whole one."""

    sender: str = field(repr=False)
    to: str
    data: bytes = field(repr=False)
    coding: int
    reference: int | None = None
    total: int = 1
    part: int = 1


def read_delivery(message: smpp34.DeliverSm | smpp34.SubmitSm) -> Segment | Receipted | None:
    """Tell what it is. None: a receipt that names no message, which nobody can use."""
    if is_receipt(message):
        return receipt_of(message)
    data, reference = body_of(message), None
    total, part = 1, 1
    if message.esm_class & _HAS_HEADER and data and data[0] < len(data):
        header, data = data[1 : 1 + data[0]], data[1 + data[0] :]
        reference, total, part = _joined(header) or (None, 1, 1)
    else:
        tlvs = {tlv.tag: tlv.as_int() for tlv in message.tlvs}
        named = tlvs.get(Tag.SAR_MSG_REF_NUM)
        if named is not None:
            reference = named
            total = tlvs.get(Tag.SAR_TOTAL_SEGMENTS) or 1
            part = tlvs.get(Tag.SAR_SEGMENT_SEQNUM) or 1
    if reference is None or total < 2 or not 1 <= part <= total:
        reference, total, part = None, 1, 1
    return Segment(
        message.source_addr, message.destination_addr, data, message.data_coding, reference, total, part
    )  # fmt: skip


def _joined(header: bytes) -> tuple[int, int, int] | None:
    """Find the element that joins (3GPP TS 23.040, 9.2.3.24.1 and .8): reference, parts in all, this part."""
    at = 0
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if element == 0x00 and len(value) == 3:
            return value[0], value[1], value[2]
        if element == 0x08 and len(value) == 4:
            return int.from_bytes(value[:2], "big"), value[2], value[3]
        at += 2 + length
    return None


def text_of(data: bytes, coding: int, plain: Alphabet = Alphabet.GSM7) -> str:
    """Read the bytes of a whole message by its data_coding (SMPP 3.4, 5.2.19; 3GPP TS 23.038, 4). `plain` is what the
    carrier's coding 0 stands for. Never raises; NUL is left out."""
    gbk = coding == _GBK
    text = data.decode("gb18030", errors="replace") if gbk else read(data, _alphabet(coding, plain))
    return text.replace("\0", "").removeprefix("\ufeff")


def _alphabet(coding: int, plain: Alphabet) -> Alphabet:
    if coding >= 0xF0:  # With a message class: bit 2 tells 8 bit data from the default alphabet.
        return Alphabet.LATIN1 if coding & 0x04 else Alphabet.GSM7
    if coding >= 0xC0:  # Message waiting; the group 1110 is UCS-2.
        return Alphabet.UCS2 if coding & 0xF0 == 0xE0 else Alphabet.GSM7
    if coding & 0x0C == 0x08 and coding & 0x03 == 0:
        return Alphabet.UCS2
    if coding & 0xCF == 0:
        return plain
    return Alphabet.LATIN1


def joined_text(parts: dict[int, bytes], total: int, coding: int, plain: Alphabet = Alphabet.GSM7) -> str:
    """Put parts together in their order; each run of parts that never came is marked with `MISSING`."""
    runs: list[bytes | None] = []
    for at in range(1, total + 1):
        data = parts.get(at)
        if data is None:
            if not runs or runs[-1] is not None:
                runs.append(None)
        elif runs and (last := runs[-1]) is not None:
            runs[-1] = last + data
        else:
            runs.append(data)
    return "".join(MISSING if run is None else text_of(run, coding, plain) for run in runs)
