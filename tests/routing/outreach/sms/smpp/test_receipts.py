"""Delivery receipts in the forms that carriers use."""

from __future__ import annotations

import pytest
import smpp34
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.sms.reports import DeliveryReport, whole
from routing.outreach.sms.smpp.deliveries import Segment, read_delivery
from routing.outreach.sms.smpp.pdu import Tag
from routing.outreach.sms.smpp.receipts import Receipted, plain_id, same_ids

USUAL = "id:{} sub:001 dlvrd:001 submit date:2603040910 done date:2603040911 stat:{} err:000 text:"
DELIVERED, FAILED = DeliveryReport.DELIVERED, DeliveryReport.FAILED
EXPIRED, UNDER_WAY = DeliveryReport.EXPIRED, DeliveryReport.UNDER_WAY


def receipt(text: str, esm_class: int = 4, **tlvs: bytes) -> Receipted | Segment | None:
    return read_delivery(
        smpp34.DeliverSm(
            "13900000077", "12349", text.encode(), esm_class=esm_class,
            tlvs=[smpp34.Tlv(Tag[name.upper()], value) for name, value in tlvs.items()],
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "carrier_id", "report"),
    [
        (USUAL.format("0123AB", "DELIVRD"), "0123AB", DELIVERED),
        (USUAL.format("17", "UNDELIV"), "17", FAILED),
        (USUAL.format("17", "EXPIRED"), "17", EXPIRED),
        (USUAL.format("17", "REJECTD"), "17", FAILED),
        (USUAL.format("17", "DELETED"), "17", FAILED),
        (USUAL.format("17", "UNKNOWN"), "17", FAILED),
        (USUAL.format("17", "ACCEPTD"), "17", UNDER_WAY),
        (USUAL.format("17", "ENROUTE"), "17", UNDER_WAY),
        (USUAL.format("17", "MK:0001"), "17", FAILED),
        (USUAL.format("17", "WHATEVR"), "17", UNDER_WAY),
        (
            "Id:a-b-c Sub:1 Dlvrd:1 Submit Date:1 Stat:DELIVRD Err:0 Text:id:9 stat:UNDELIV",
            "a-b-c",
            DELIVERED,
        ),
        ("id:17;stat:DELIVRD;err:000", "17", DELIVERED),
        ('id="17" status="DELIVERED"', "17", DELIVERED),
        ("stat:DELIVRD id:17", "17", DELIVERED),
        ("id: 17 sub: 001 stat: FAILED", "17", FAILED),
    ],
)
def test_a_receipt_as_text(text: str, carrier_id: str, report: DeliveryReport) -> None:
    read = receipt(text)
    assert isinstance(read, Receipted)
    assert (read.carrier_id, read.report, read.number) == (carrier_id, report, "13900000077")


@pytest.mark.parametrize(
    ("state", "report"),
    [(1, UNDER_WAY), (2, DELIVERED), (3, EXPIRED), (4, FAILED), (5, FAILED), (6, UNDER_WAY), (7, FAILED), (8, FAILED)],
)
def test_a_receipt_by_tlvs_alone_even_if_it_does_not_say_what_it_is(state: int, report: DeliveryReport) -> None:
    for esm_class in (0, 4):
        read = receipt("", esm_class, receipted_message_id=b"1f\0", message_state=bytes((state,)))
        assert read == Receipted("1f", "13900000077", report, f"message_state {state}")


def test_tlvs_are_believed_before_the_text() -> None:
    read = receipt(USUAL.format("1", "UNDELIV"), receipted_message_id=b"2\0", message_state=b"\x02")
    assert isinstance(read, Receipted)
    assert (read.carrier_id, read.report) == ("2", DELIVERED)


def test_a_receipt_that_does_not_say_so_is_known_by_its_form() -> None:
    assert isinstance(receipt(USUAL.format("1", "DELIVRD"), esm_class=0), Receipted)


@pytest.mark.parametrize("text", ["id:5", "我的id:5 stat:ok", "stat:DELIVRD id:1", "5分"])
def test_what_a_person_writes_is_no_receipt(text: str) -> None:
    assert isinstance(receipt(text, esm_class=0), Segment)


@pytest.mark.parametrize("text", ["", "stat:DELIVRD", "nonsense"])
def test_a_receipt_of_nothing_is_nothing(text: str) -> None:
    assert receipt(text) is None


@given(st.text(max_size=100).filter(lambda text: len(text.encode()) <= 254), st.integers(0, 255))
def test_whatever_comes_is_read(text: str, esm_class: int) -> None:
    receipt(text, esm_class)


@given(st.integers(1, 2**63))
def test_an_id_is_found_in_decimal_and_in_hexadecimal(number: int) -> None:
    for given_id, named in (
        (f"{number:x}", f"{number}"),
        (f"{number}", f"{number:016X}"),
        (f"{number:08d}", f"{number}"),
    ):
        sure, likely = same_ids(named)
        assert plain_id(given_id) in sure + likely


@given(st.lists(st.sampled_from(DeliveryReport), max_size=5), st.integers(1, 5))
def test_a_message_is_delivered_only_if_every_part_is(parts: list[DeliveryReport], total: int) -> None:
    if whole(parts, total) is DELIVERED:
        assert set(parts) == {DELIVERED}
        assert len(parts) >= total
