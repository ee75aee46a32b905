"""From the wire into the database: acknowledged when it is written, and not before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import smpp34
from sqlalchemy.exc import OperationalError

from db.models import SmsSegment
from routing.outreach.sms.smpp.deliveries import Segment, read_delivery
from routing.outreach.sms.smpp.intake import Intake
from routing.outreach.sms.smpp.pdu import Command, Pdu, Status, parse
from routing.outreach.sms.smpp.receipts import Receipted
from tests.routing.outreach.sms.smpp.bound import SECONDS, run_link, run_smsc
from tests.routing.outreach.sms.smpp.test_arrivals import PHONE, arrivals_of, texts_in
from tests.routing.town import Town
from tests.waiting import until


def deliver(data: bytes, sequence: int = 5, **more: int) -> Pdu:
    return parse(smpp34.DeliverSm(PHONE, "12349", data, sequence_number=sequence, **more).encode())


class Session:
    def __init__(self) -> None:
        self.said: list[tuple[int, int]] = []

    def send(self, pdu: Pdu) -> None:
        assert pdu.command == Command.DELIVER_SM | 0x80000000
        self.said.append((pdu.sequence, pdu.status))


class Kept:
    """Writes as it is told."""

    def __init__(
        self, session: Session, fails: Callable[[list[object]], Exception | None] = lambda _came: None
    ) -> None:
        self.session, self.fails = session, fails
        self.written: list[object] = []

    def write(self, came: list[object]) -> None:
        assert not self.session.said, "acknowledged before it was written"
        if (error := self.fails(came)) is not None:
            raise error
        self.written += came

    def hand_on(self) -> int:
        return 0


def run_intake(kept: Kept, session: Session, pdus: list[Pdu]) -> None:
    intake = Intake(kept, wait=lambda _seconds: None)
    for each in pdus:
        intake.deliver(session, each)
    intake.start()
    intake.stop()


def test_a_message_is_acknowledged_after_it_is_written() -> None:
    session = Session()
    run_intake(Kept(session), session, [deliver(b"a", 1), deliver(b"b", 2)])
    assert session.said == [(1, Status.ROK), (2, Status.ROK)]


def test_while_the_database_is_away_the_carrier_keeps_the_message() -> None:
    session = Session()
    away = OperationalError("BEGIN", None, Exception("away"))
    kept = Kept(session, lambda _came: away)
    run_intake(kept, session, [deliver(b"a", 1)])
    assert session.said == [(1, Status.RX_T_APPN)]
    assert not kept.written


def test_what_cannot_be_written_for_good_costs_no_other_message() -> None:
    session = Session()

    class Picky(Kept):
        def write(self, came: list[object]) -> None:
            if any(isinstance(each, Segment) and each.data == b"bad" for each in came):
                raise ValueError("no")
            self.written += came

    kept = Picky(session)
    run_intake(kept, session, [deliver(b"a", 1), deliver(b"bad", 2), deliver(b"c", 3)])
    assert session.said == [(1, Status.ROK), (2, Status.RX_P_APPN), (3, Status.ROK)]


@pytest.mark.parametrize("body", [b"", b"\x00" * 5, b"\xff" * 60])
def test_what_is_no_message_is_refused_for_good(body: bytes) -> None:
    session = Session()
    run_intake(Kept(session), session, [Pdu(Command.DELIVER_SM, 0, 4, body)])
    assert session.said == [(4, Status.RX_P_APPN)]


def test_replies_over_the_wire_rate_the_order_while_the_database_stumbles(town: Town) -> None:
    """From a phone to the score, through the simulated carrier; the first write fails, and the carrier comes again."""
    order = town.served()
    arrivals = arrivals_of(town)
    stumbles = iter([True])
    write_really = arrivals.write

    def write_(came: list[Segment | Receipted]) -> None:
        if next(stumbles, False):
            raise OperationalError("BEGIN", None, Exception("away"))
        write_really(came)

    arrivals.write = write_  # type: ignore[method-assign]  # The database stumbles once.
    intake = Intake(arrivals, wait=lambda _seconds: None)
    intake.start()
    with run_smsc() as smsc, run_link(smsc, intake.deliver):
        smsc.book._again = 0.1
        keys = smsc.book.reply(PHONE, "12349", "五分，谢谢")
        assert smsc.book.wait_for(lambda book: all(map(book.was_brought, keys)), SECONDS)
        until(lambda: town.orders.get(order.id).state.value == "rated", SECONDS)
        intake.stop()
    assert texts_in(town) == ["五分，谢谢"]


def test_500_replies_in_a_second_are_all_kept_and_acknowledged(town: Town) -> None:
    arrivals = arrivals_of(town, type("Reads", (), {"received": lambda *_arguments: None})())
    intake = Intake(arrivals)
    intake.start()
    with run_smsc() as smsc, run_link(smsc, intake.deliver):
        keys = [smsc.book.reply(f"0931{at:07}", "12349", "5")[0] for at in range(500)]
        assert smsc.book.wait_for(lambda book: all(map(book.was_brought, keys)), SECONDS)
        until(lambda: all(row.handed_at for row in town.rows(SmsSegment)), SECONDS)
        intake.stop()
    assert len(town.rows(SmsSegment)) == 500


def test_the_whole_way_of_a_delivery_is_read_from_its_bytes() -> None:
    read = read_delivery(smpp34.DeliverSm(PHONE, "12349", b"\x05\x00\x03\x09\x02\x01ab", esm_class=0x40))
    assert read == Segment(PHONE, "12349", b"ab", 0, 9, 2, 1)
