"""Delivery receipts, in the forms that carriers give them: as text, as TLVs, or both (SMPP 3.4, appendix B, 5.3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import smpp34

from routing.outreach.sms.reports import DeliveryReport
from routing.outreach.sms.smpp.pdu import Tag

_TYPE: Final = 0x3C
_RECEIPT, _INTERMEDIATE = 0x04, 0x20
_ID = re.compile(r"(?i)(?:^|[\s;,])id\s*[:=]\s*\"?([!-~]{1,65}?)\"?(?=[\s;,]|$)")
_STAT = re.compile(r"(?i)(?:^|[\s;,])stat(?:us)?\s*[:=]\s*\"?([A-Z]{2}:[0-9A-Z]+|[A-Z]+)")
_WHOLE = re.compile(r"(?i)^\s*id\s*[:=]\S+\s+sub\s*[:=]\s*\d+\s+dlvrd\s*[:=]\s*\d+\s+submit date\s*[:=].*\bstat\s*[:=]")
"""A receipt that does not say that it is one: no person writes so."""

_BY_NUMBER: Final = {
    1: DeliveryReport.UNDER_WAY, 2: DeliveryReport.DELIVERED, 3: DeliveryReport.EXPIRED, 4: DeliveryReport.FAILED,
    5: DeliveryReport.FAILED, 6: DeliveryReport.UNDER_WAY, 7: DeliveryReport.FAILED, 8: DeliveryReport.FAILED,
}  # fmt: skip
"""message_state (5.2.28): en route, delivered, expired, deleted, undeliverable, accepted, unknown, rejected."""
_BY_WORD: Final = (
    ("DELIV", DeliveryReport.DELIVERED), ("EXPIRE", DeliveryReport.EXPIRED), ("DELET", DeliveryReport.FAILED),
    ("UNDEL", DeliveryReport.FAILED), ("REJEC", DeliveryReport.FAILED), ("FAIL", DeliveryReport.FAILED),
    ("UNKNOWN", DeliveryReport.FAILED), ("ACCEP", DeliveryReport.UNDER_WAY), ("ENROUTE", DeliveryReport.UNDER_WAY),
    ("BUFFER", DeliveryReport.UNDER_WAY), ("ACKED", DeliveryReport.UNDER_WAY),
)  # fmt: skip
"""Beginnings of the words, for they are cut and spelt in many ways: DELIVRD, DELIVERED, UNDELIV, ACCEPTD."""


@dataclass(frozen=True)
class Receipted:
    """What a receipt says of one part. `carrier_id` is as the receipt writes it, `number` the phone's."""

    carrier_id: str
    number: str = field(repr=False)
    report: DeliveryReport
    said: str = ""


def receipt_of(message: smpp34.DeliverSm | smpp34.SubmitSm) -> Receipted | None:
    """Read a receipt. None: it is none, or it tells of no message, so that nothing can be done with it."""
    by_tlv = {tlv.tag: tlv for tlv in message.tlvs}
    named = by_tlv.get(Tag.RECEIPTED_MESSAGE_ID)
    state = by_tlv.get(Tag.MESSAGE_STATE)
    text = body_of(message).decode("latin-1")
    if not is_receipt(message):
        return None
    found, told = _ID.search(text), _STAT.search(text)
    carrier_id = _plain(named.value) if named is not None else ""
    carrier_id = carrier_id or (found[1] if found else "")
    report, said = None, ""
    if state is not None:
        number = state.value[-1] if state.value else 0
        report, said = _BY_NUMBER.get(number), f"message_state {number}"
    if report is None and told is not None:
        report, said = _report(told[1].upper()), told[1].upper()[:20]
    if not carrier_id:
        return None
    return Receipted(carrier_id[:65], message.source_addr, report or DeliveryReport.UNDER_WAY, said)


def is_receipt(message: smpp34.DeliverSm | smpp34.SubmitSm) -> bool:
    """Tell whether it is a receipt: it says so, or names what it receipts, or can be nothing else."""
    if message.esm_class & _TYPE in (_RECEIPT, _INTERMEDIATE):
        return True
    tags = {tlv.tag for tlv in message.tlvs}
    if {Tag.RECEIPTED_MESSAGE_ID, Tag.MESSAGE_STATE} <= tags:
        return True
    return bool(_WHOLE.match(body_of(message).decode("latin-1")))


def body_of(message: smpp34.DeliverSm | smpp34.SubmitSm) -> bytes:
    """Give the text's bytes: of message_payload, if short_message is empty."""
    if message.short_message:
        return message.short_message
    payloads = (tlv.value for tlv in message.tlvs if tlv.tag == Tag.MESSAGE_PAYLOAD)
    return next(payloads, b"")


def same_ids(carrier_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the forms in which submit_sm_resp may have named what a receipt names: those that are surely the same
    (case, leading zeros), and those that are so if the carrier writes one in hexadecimal and the other in decimal."""
    bare = plain_id(carrier_id)
    others: set[str] = set()
    if bare.isdigit():
        others.add(f"{int(bare):x}")
    if re.fullmatch(r"[0-9a-f]{1,32}", bare):
        others.add(str(int(bare, 16)))
    return (bare,), tuple(sorted(others - {bare}))


def plain_id(carrier_id: str) -> str:
    """Give an id in the one form in which it is kept: lower case, without leading zeros."""
    return carrier_id.strip().lower().lstrip("0")[:65] or "0"


def _plain(value: bytes) -> str:
    return value.split(b"\0", 1)[0].decode("latin-1").strip()


def _report(word: str) -> DeliveryReport | None:
    if ":" in word:  # A code of a network in China, as MK:0001: none of them means that it arrived.
        return DeliveryReport.FAILED
    return next((report for begin, report in _BY_WORD if word.startswith(begin)), None)
