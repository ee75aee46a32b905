"""The process that plays an SMS carrier for `./scripts/up --sms`."""

from __future__ import annotations

import signal
import threading

from routing.settings import Settings
from scripts.sms_carrier.control import Control, control_socket
from scripts.sms_carrier.smsc import Smsc

_RECEIPT_SECONDS = 1.0


def run(settings: Settings) -> None:
    """Take messages and bring replies until the process is asked to stop."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    user, password = settings.sms_account(settings.index_key.get_secret_value())
    smsc = Smsc({user: password}, port=settings.sms_carrier_port, receipt_seconds=_RECEIPT_SECONDS)
    control = Control(control_socket(settings), smsc.book, settings.sms_sender)
    smsc.start()
    control.start()
    stop.wait()
    control.stop()
    smsc.stop()
