"""Debian's own Kannel for tests: bearerbox and smsbox on free ports, and a small web server for a carrier."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

from routing.outreach.sms.kannel import KannelGateway
from routing.outreach.sms.reports import ReportAddress
from tests.ports import free_port
from tests.routing.outreach.sms.gateway import Gateway, run_gateway

SECRET = "right"
SECONDS = 20
"""Bound of every wait; Kannel is up in 0.2 s."""
_CONFIGURATION = """
group = core
admin-port = {admin}
admin-password = test
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"

group = smsc
smsc = http
smsc-id = carrier
system-type = kannel
port = {carrier_in}
smsc-username = test
smsc-password = test
send-url = "http://127.0.0.1:{carrier_out}/carrier"
connect-allow-ip = 127.0.0.1
dlr-url = "http://127.0.0.1:{carrier_in}/?username=test&password=test"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = 12349
mo-recode = true

group = sendsms-user
username = elderline
password = right
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{console}/sms/inbound?from=%p&to=%P&text=%b&ts=%T&id=%I"
"""


@dataclass(frozen=True)
class Kannel:
    """Where it takes our messages, where the carrier brings replies, and what it passed on."""

    sendsms: int
    carrier_in: int
    carrier: Gateway

    @property
    def url(self) -> str:
        """Its sendsms."""
        return f"http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms"

    def next_request(self) -> str:
        """The path of the next request that Kannel makes."""
        return self.carrier.asked.get(timeout=SECONDS)

    def handed_on(self) -> dict[str, str]:
        """The next message that Kannel hands on to the carrier."""
        return handed_on(self.next_request())

    def carrier_says(self, **words: str) -> None:
        """Have the carrier bring something: a reply, or a report."""
        form = {"username": "test", "password": "test", **words}
        urlopen(f"http://127.0.0.1:{self.carrier_in}/?{urlencode(form)}", timeout=SECONDS).close()  # Our own Kannel.

    def carrier_reports(self, message: dict[str, str], status: int) -> None:
        """Have the carrier say what became of a message that was handed on to it."""
        (ours,) = parse_qs(message["dlr-url"])["dlr-mid"]
        self.carrier_says(**{"from": message["from"], "to": message["to"], "dlr-mid": ours, "dlr-mask": str(status)})


def handed_on(path: str) -> dict[str, str]:
    """Read the request with which Kannel hands a message on."""
    parts = urlsplit(path)
    assert parts.path == "/carrier"
    return {name: values[0] for name, values in parse_qs(parts.query, encoding="latin-1").items()}


def started(command: list[str], port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, f"{command[0]} ended"
            assert time.monotonic() < give_up, f"{command[0]} does not listen"
            time.sleep(0.05)  # Kannel tells nobody when it listens.
        else:
            return process


@contextmanager
def run_kannel(folder: Path, console: int = 0, **fixed: int) -> Iterator[Kannel]:
    """Run bearerbox and smsbox, with their configuration in `folder`; `fixed` are ports that are chosen
    already, `console` the one that replies go to (0: the carrier's own, for a test to take them)."""
    with run_gateway() as carrier:
        ports = {name: free_port() for name in ("admin", "box", "carrier_in", "sendsms")} | fixed
        file = folder / "kannel.conf"
        file.write_text(
            _CONFIGURATION.format(carrier_out=carrier.port, console=console or carrier.port, **ports), encoding="utf-8"
        )
        boxes: list[subprocess.Popen[bytes]] = []
        try:
            boxes.append(started(["bearerbox", str(file)], ports["box"]))
            boxes.append(started(["smsbox", str(file)], ports["sendsms"]))
            yield Kannel(ports["sendsms"], ports["carrier_in"], carrier)
        finally:
            for box in reversed(boxes):
                box.kill()  # Asked politely it may take half a minute; nothing that it holds is worth the wait.
                box.wait(SECONDS)


def gateway_of(kannel: Kannel, secret: str = SECRET, reports: ReportAddress | None = None) -> KannelGateway:
    """Our side of it."""
    return KannelGateway(
        kannel.url, user="elderline", password=secret, sender="12349",
        reports=reports, as_dialled=lambda number: number.removeprefix("+86"),
    )  # fmt: skip
