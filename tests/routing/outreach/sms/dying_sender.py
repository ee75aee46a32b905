"""A sender in a process of its own that dies by SIGKILL, at the step that it is told and at its second message."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta

from db.encryption import FieldCipher
from db.session import make_engine, make_reading, make_unit_of_work
from routing.outreach.sms.carrier import Carrier, OutgoingSms, Receipt
from routing.outreach.sms.claims import Claims
from routing.outreach.sms.kannel import KannelGateway
from routing.outreach.sms.outbox import Sms
from tests.routing.outreach.sms.smpp.bound import run_link

BEFORE_CLAIM, AFTER_CLAIM, HANDING_OVER = "before the claim", "after the claim's commit", "during the hand-over"
AFTER_ANSWER, AFTER_SETTLING = "after the answer", "after settling"
STEPS = (BEFORE_CLAIM, AFTER_CLAIM, HANDING_OVER, AFTER_ANSWER, AFTER_SETTLING)
"""Every step of a message on its way out. During the hand-over it is the carrier that kills the sender."""
TEXTS = ("one", "two", "three")
KEYS = ("ZWxkZXJsaW5lLWZpZWxkLWtleS1mb3ItdGVzdHMtMDE=", "ZWxkZXJsaW5lLWluZGV4LWtleS1mb3ItdGVzdHMtMDE=")


class Dying(Claims):
    """Claims that kill their process."""

    step = ""
    claimed = 0

    def claim(self, message_id: int) -> OutgoingSms | None:
        self.claimed += 1
        self._die(BEFORE_CLAIM)
        claimed = super().claim(message_id)
        self._die(AFTER_CLAIM)
        return claimed

    def settle(self, message_id: int, receipt: Receipt) -> None:
        self._die(AFTER_ANSWER)
        super().settle(message_id, receipt)
        self._die(AFTER_SETTLING)

    def _die(self, step: str) -> None:
        if step == self.step and self.claimed == 2:
            os.kill(os.getpid(), signal.SIGKILL)


def outbox(url: str, carrier: Carrier, later: timedelta = timedelta()) -> Sms:
    """The outbox of a database, as a process has it that starts so much later."""
    cipher = FieldCipher(*KEYS)
    engine = make_engine(url, cipher)
    return Sms(
        make_unit_of_work(engine), make_reading(engine), lambda: datetime.now(UTC) + later, carrier,
        cipher.number_index,
    )  # fmt: skip


def send(url: str, carrier: Carrier, step: str) -> None:
    sms = outbox(url, carrier)
    dying = sms._claims
    dying.__class__ = Dying
    assert isinstance(dying, Dying)
    dying.step = step
    sms.send_due()


def main(url: str, kind: str, port: int, step: str) -> None:
    if kind == "kannel":
        send(url, gateway(port), step)
        return
    with run_link(port) as bound:
        send(url, bound.carrier, step)


def gateway(port: int) -> KannelGateway:
    return KannelGateway(f"http://127.0.0.1:{port}/cgi-bin/sendsms", user="u", password="p", sender="12349")
