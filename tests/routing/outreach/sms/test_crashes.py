"""Senders that die by SIGKILL at every step, against carriers that count what they got."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Base, SmsMessage
from db.session import make_engine, make_reading
from routing.outreach.sms.carrier import Carrier
from routing.outreach.sms.smpp.pdu import Command, Pdu
from scripts.sms_carrier.smsc import Talk
from tests.routing.outreach.sms import dying_sender
from tests.routing.outreach.sms.dying_sender import BEFORE_CLAIM, HANDING_OVER, STEPS, TEXTS, FieldCipher, outbox
from tests.routing.outreach.sms.gateway import run_gateway
from tests.routing.outreach.sms.smpp.bound import run_link, run_smsc

SECONDS = 60
PROCESSES = get_context("forkserver")  # Clean processes, which load our packages once for all.
PROCESSES.set_forkserver_preload([dying_sender.__name__])


@dataclass
class Counting:
    """A carrier that counts, and can kill whoever hands it the second message."""

    port: int
    got: Callable[[], list[str]]
    carrier: Carrier
    victim: Any = None

    def kill(self) -> None:
        if self.victim is not None and len(self.got()) == 2:
            os.kill(self.victim.pid, signal.SIGKILL)
            self.victim.join(SECONDS)


@dataclass
class Answering(Talk):
    """A connection on which something happens between taking a message and answering it."""

    before_answer: Callable[[], None] = lambda: None

    def send(self, pdu: Pdu) -> None:
        self.before_answer()
        with suppress(OSError):  # Nobody is there any more.
            super().send(pdu)


@contextmanager
def counting_kannel() -> Iterator[Counting]:
    with run_gateway() as gateway:
        counting = Counting(
            gateway.port, lambda: [each["text"] for each in gateway.got], dying_sender.gateway(gateway.port)
        )
        gateway.before_answer = counting.kill
        yield counting


@contextmanager
def counting_smsc() -> Iterator[Counting]:
    def kills(heard: Pdu, talk: Talk) -> bool:
        if heard.command != Command.SUBMIT_SM or counting.victim is None:
            return False
        smsc.act(Answering(talk.connection, talk.bound, before_answer=counting.kill), heard)
        return True

    with run_smsc(receipt_seconds=None) as smsc, run_link(smsc) as ours:
        counting = Counting(smsc.port, lambda: [taken.text for taken in smsc.book.taken], ours.carrier)
        smsc.fault = kills
        yield counting


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", ["kannel", "smpp"])
def test_wherever_a_sender_dies_each_message_goes_at_most_once_and_none_is_stuck(
    tmp_path: Path, kind: str, step: str
) -> None:
    url = f"sqlite:///{tmp_path / 'outbox.db'}"
    engine = make_engine(url, FieldCipher(*dying_sender.KEYS))
    Base.metadata.create_all(engine)
    with counting_kannel() if kind == "kannel" else counting_smsc() as counting:
        sms = outbox(url, counting.carrier)
        for text in TEXTS:
            sms.queue(text, "+8613900000077", text)
        sender = PROCESSES.Process(target=dying_sender.main, args=(url, kind, counting.port, step))
        counting.victim = sender if step == HANDING_OVER else None
        sender.start()
        sender.join(SECONDS)
        assert sender.exitcode == -signal.SIGKILL
        counting.victim = None
        # The next sender comes at once, and again when the claim of the dead one is over.
        sms.send_due()
        outbox(url, counting.carrier, timedelta(minutes=3)).send_due()
        times = Counter(counting.got())
    with make_reading(engine)() as work:
        rows = {row.text: row for row in work.scalars(select(SmsMessage))}
    engine.dispose()
    assert max(times.values()) == 1
    assert {text: rows[text].state for text in ("one", "three")} == {"one": "sent", "three": "sent"}
    known = step in (BEFORE_CLAIM, dying_sender.AFTER_SETTLING)
    assert (rows["two"].state, "unknown" in rows["two"].understood) == (("sent", False) if known else ("failed", True))
    assert times["two"] == (step != dying_sender.AFTER_CLAIM)
