"""A simulated carrier and our link to it, for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from routing.outreach.sms.smpp.carrier import SmppCarrier, SmppManner
from routing.outreach.sms.smpp.link import SmppAddress, SmppLink
from routing.outreach.sms.smpp.pace import Pace
from routing.outreach.sms.smpp.pdu import Pdu
from routing.outreach.sms.smpp.session import Session, Timers
from scripts.sms_carrier.smsc import Fault, Smsc

NAME, PASSWORD = "elderline", "s3cret"
QUICK = Timers(connect=5, answer=5, enquire=30)
SECONDS = 30
"""Bound of every wait."""


@contextmanager
def run_smsc(fault: Fault | None = None, **more: Any) -> Iterator[Smsc]:
    """A carrier on a free port of loopback."""
    smsc = Smsc({NAME: PASSWORD}, fault=fault, **more)
    smsc.start()
    try:
        yield smsc
    finally:
        smsc.stop()


@dataclass
class Bound:
    """Our side."""

    link: SmppLink
    carrier: SmppCarrier


@contextmanager
def run_link(
    smsc: Smsc | int,
    on_deliver: Callable[[Session, Pdu], None] | None = None,
    *,
    password: str = PASSWORD,
    timers: Timers = QUICK,
    window: int = 10,
    rate: float = 0,
    manner: SmppManner | None = None,
    bound: bool = True,
    tls: bool = False,
    pauses: tuple[float, ...] = (0.01, 0.02, 0.02),
) -> Iterator[Bound]:
    """Bind to it; `bound`: return only when the bind stands."""
    port = smsc if isinstance(smsc, int) else smsc.port
    link = SmppLink(
        SmppAddress("127.0.0.1", port, NAME, password, tls=tls), clock=lambda: datetime.now(UTC),
        on_deliver=on_deliver or (lambda _session, _pdu: None), window=window, timers=timers, again=(0.05, 0.1, 0.2),
    )  # fmt: skip
    carrier = SmppCarrier(
        link, manner or SmppManner("12349"), Pace(rate), as_dialled=lambda number: number.removeprefix("+86"),
        pauses=pauses,
    )  # fmt: skip
    link.start()
    try:
        if bound:
            assert link.wait_until_bound(SECONDS), link.state.why
        yield Bound(link, carrier)
    finally:
        link.stop()
