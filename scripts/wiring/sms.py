"""The process that has the link to an SMPP carrier: it sends what is queued, and takes what comes.

A process of its own, and not a thread of the worker: a carrier allows one bind, or few, while there may be any number
of workers; the link must answer within seconds whatever job a worker is at; and its death takes no job with it.
"""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from routing.outreach.sms.encoding import Alphabet
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.smpp.arrivals import Arrivals
from routing.outreach.sms.smpp.carrier import SmppCarrier, SmppManner
from routing.outreach.sms.smpp.intake import Intake
from routing.outreach.sms.smpp.link import SmppAddress, SmppLink
from routing.outreach.sms.smpp.pace import Pace
from routing.outreach.sms.standing import tell
from routing.settings import Settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Stores, open_stores

log = structlog.get_logger(__name__)

_ROUND_SECONDS = 0.5
_TELL_SECONDS = 2.0
_TIDY_SECONDS = 3600.0
_A_ROUND = 50


def run(settings: Settings) -> None:
    """Work until the process is asked to stop."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    stores = open_stores(settings)
    joined = HotlineServices(stores)
    plain = Alphabet(settings.sms_plain)
    arrivals = Arrivals(
        unit_of_work=stores.unit_of_work, reading=stores.reading, clock=joined.clock, inbox=joined.inbox,
        number_index=joined.sms_number_index, content_index=partial(stores.cipher.index, "sms-content"),
        plain=plain if plain is not Alphabet.UCS2 else Alphabet.GSM7,
    )  # fmt: skip
    intake = Intake(arrivals)
    link = _link(settings, intake)
    carrier = SmppCarrier(
        link, SmppManner(settings.sms_sender, plain, settings.sms_joined == "payload"), Pace(settings.sms_rate),
        as_dialled=joined.as_dialled,
    )  # fmt: skip
    intake.start()
    link.start()
    try:
        _Rounds(stores, link, joined.sms_by(carrier), arrivals).run(stop)
    finally:
        intake.stop()
        link.stop()


def _link(settings: Settings, intake: Intake) -> SmppLink:
    address = settings.smpp_address
    if address is None:
        raise SystemExit("sms: neither ELDERLINE_SMS_SMPP nor a simulated carrier is set")
    user, password = settings.sms_account(settings.index_key.get_secret_value())
    known = SmppAddress(*address, user, password, settings.sms_system_type, settings.sms_tls)
    return SmppLink(
        known, clock=lambda: datetime.now(UTC), on_deliver=intake.deliver, window=settings.sms_window
    )  # fmt: skip


@dataclass(frozen=True)
class _Rounds:
    """Sends while the link is bound: what is queued is not even claimed while it is away."""

    stores: Stores
    link: SmppLink
    sms: Sms
    arrivals: Arrivals

    def run(self, stop: threading.Event) -> None:
        told = tidied = -_TIDY_SECONDS
        while not stop.is_set():
            now = time.monotonic()
            try:
                if self.link.state.bound:
                    self.sms.send_due(_A_ROUND, at_once=self.stores.settings.sms_window)
                if now - tidied > _TIDY_SECONDS:
                    tidied = now
                    self.arrivals.tidy()
            except SQLAlchemyError as error:
                log.warning("sms.database_away", error=type(error).__name__)
            if now - told > _TELL_SECONDS:
                told = now
                self._tell()
            stop.wait(_ROUND_SECONDS)

    def _tell(self) -> None:
        try:
            tell(self.stores.redis, self.link.state)
        except RedisError as error:
            log.warning("sms.redis_away", error=type(error).__name__)
