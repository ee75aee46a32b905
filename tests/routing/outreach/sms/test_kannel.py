"""SMS both ways through Debian's own Kannel; the carrier behind it is a small web server, as Kannel allows."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote_to_bytes, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from db.demo import DEMO
from routing.orders.policy import OrderState
from routing.outreach.sms.carrier import HandOver, OutgoingSms
from routing.outreach.sms.kannel import KannelGateway
from tests.ports import free_port
from tests.routing.outreach.sms.gateway import Gateway, run_gateway
from tests.routing.town import Town

_SECRET = "right"
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
get-url = "http://127.0.0.1:{carrier_out}/sms/inbound?from=%p&to=%P&text=%b&ts=%T&id=%I"
"""


@dataclass(frozen=True)
class Kannel:
    """Where it takes our messages, where the carrier brings replies, and what it passed on."""

    sendsms: int
    carrier_in: int
    carrier: Gateway

    def next_request(self) -> str:
        """The path of the next request that Kannel makes."""
        return self.carrier.asked.get(timeout=SECONDS)


def _started(command: list[str], port: int) -> subprocess.Popen[bytes]:
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


@pytest.fixture
def kannel(tmp_path: Path) -> Iterator[Kannel]:
    """Bearerbox and smsbox on free ports of loopback."""
    with run_gateway() as carrier:
        ports = {name: free_port() for name in ("admin", "box", "carrier_in", "sendsms")}
        file = tmp_path / "kannel.conf"
        file.write_text(_CONFIGURATION.format(carrier_out=carrier.port, **ports), encoding="utf-8")
        boxes: list[subprocess.Popen[bytes]] = []
        try:
            boxes.append(_started(["bearerbox", str(file)], ports["box"]))
            boxes.append(_started(["smsbox", str(file)], ports["sendsms"]))
            yield Kannel(ports["sendsms"], ports["carrier_in"], carrier)
        finally:
            for box in reversed(boxes):
                box.kill()  # Asked politely it may take half a minute; nothing that it holds is worth the wait.
                box.wait(SECONDS)


def gateway_of(kannel: Kannel, secret: str = _SECRET) -> KannelGateway:
    return KannelGateway(
        f"http://127.0.0.1:{kannel.sendsms}/cgi-bin/sendsms", user="elderline", password=secret, sender="12349",
        as_dialled=lambda number: number.removeprefix("+86"),
    )  # fmt: skip


def test_a_chinese_message_reaches_the_carrier_exactly(kannel: Kannel) -> None:
    text = "【银龄热线】您订的送餐已安排 😀 a&b=c+d"
    receipt = gateway_of(kannel).hand_over(OutgoingSms("1", "+8614599990401", text))
    assert receipt.outcome is HandOver.ACCEPTED
    query = dict(part.split("=", 1) for part in urlsplit(kannel.next_request()).query.split("&"))
    assert (query["to"], query["from"], query["charset"]) == ("14599990401", "12349", "UTF-16BE")
    assert unquote_to_bytes(query["text"].replace("+", " ")).decode("utf-16-be") == text


def test_a_wrong_password_is_refused(kannel: Kannel) -> None:
    assert gateway_of(kannel, "wrong").hand_over(OutgoingSms("1", "+8614599990401", "a")).outcome is HandOver.REFUSED
    assert kannel.carrier.asked.empty()


def test_a_reply_comes_in_and_rates_the_order(kannel: Kannel, town: Town) -> None:
    order = town.served()
    reply = {"username": "test", "password": "test", "from": "09319000101", "to": "12349", "text": "五分，谢谢",
             "charset": "UTF-8", "coding": "2"}  # fmt: skip
    assert DEMO.wang.number.endswith("9319000101")
    urlopen(f"http://127.0.0.1:{kannel.carrier_in}/?{urlencode(reply)}", timeout=SECONDS).close()  # Our own Kannel.
    got = {name: values[0] for name, values in parse_qs(urlsplit(kannel.next_request()).query).items()}
    assert got["text"] == "五分，谢谢"
    received = town.inbox.received(got["id"], got["from"], got["to"], got["text"], got["ts"])
    assert (received.order_id, received.reading.score) == (order.id, 5)
    assert town.orders.get(order.id).state is OrderState.RATED
