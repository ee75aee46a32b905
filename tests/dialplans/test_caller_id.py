"""What a caller writes in the place of a number never becomes lines of the manager's events or of the AGI header."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Queue
from urllib.parse import quote

import pytest

from scripts.asterisk_config import TEMPLATES
from tests.asterisk_node import AsteriskNode
from tests.phones.forger import is_answered

pytestmark = [pytest.mark.asterisk, pytest.mark.phones]

FORGED = "Event: Forged"
SECONDS = 30
BREAKS = ("\r\n", "\n", "\r")
PLACES = (
    "From: <sip:{}@127.0.0.1>",
    'From: "{}" <sip:13900000001@127.0.0.1>',
    "P-Asserted-Identity: <sip:{}@127.0.0.1>",
    "P-Asserted-Identity: <sip:13900000002@127.0.0.1>, <sip:{}@127.0.0.1>",
    'P-Asserted-Identity: "{}" <sip:13900000002@127.0.0.1>',
    "P-Asserted-Identity: <tel:{}>",
    "P-Preferred-Identity: <sip:{}@127.0.0.1>",
    "Remote-Party-ID: <sip:{}@127.0.0.1>;party=calling",
    'remote-party-id: "{}" <sip:13900000002@127.0.0.1>;party=calling',
    "Diversion: <sip:{}@127.0.0.1>;reason=unconditional",
    'Diversion: "{}" <sip:13900000002@127.0.0.1>;reason="{}"',
    "History-Info: <sip:{}@127.0.0.1>;index=1",
)
"""Wherever SIP lets the far end write a number or a name."""
FILTERED = r"${FILTER(A-Za-z0-9:.=+%<>\x20\x2C\x2D\x3B,${PJSIP_HEADER(read,Geolocation)})}"
"""The one thing of a caller's that the dialplan reads: where the device says that it is, and what is left of it."""
PASSED_ON = r'AGI\(\{\{ agi \}\}/(welcome|sos|waiting),.*,"place=\$\{DEVICE_PLACE\}"\)$'


@pytest.fixture(scope="module")
def agi_headers(node: AsteriskNode) -> Iterator[Queue[list[str]]]:
    """What Asterisk says to ivr at the start of each call; the call then goes on without ivr."""
    heard: Queue[list[str]] = Queue()
    with socket.create_server(("127.0.0.1", node.settings.agi_port)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # Closed.
                    return
                with connection, connection.makefile(encoding="utf-8", errors="replace", newline="\n") as lines:
                    connection.settimeout(SECONDS)
                    heard.put(_until_the_last(lines))

        listener = threading.Thread(target=listen)
        listener.start()
        yield heard
        server.shutdown(socket.SHUT_RDWR)
    listener.join(SECONDS)


def _until_the_last(lines: Iterator[str]) -> list[str]:
    """Read on to the last argument, over whatever would end the header early for a reader who stops at a blank line."""
    said = []
    for line in lines:
        said.append(line.removesuffix("\n"))
        if line.startswith("agi_arg_4"):
            break
    return said


@contextmanager
def manager(node: AsteriskNode) -> Iterator[Callable[[], str]]:
    """Listen to the manager; what it gives tells everything until the call of this block is over."""
    with socket.create_connection(("127.0.0.1", node.settings.ami_port), timeout=SECONDS) as connection:
        secret = node.settings.ami_secret.get_secret_value()
        connection.sendall(f"Action: Login\r\nUsername: elderline\r\nSecret: {secret}\r\n\r\n".encode())

        def until(last: str) -> str:
            text = ""
            while last not in text or not text.endswith("\r\n\r\n"):
                part = connection.recv(65536)
                assert part, "the manager closed the connection"
                text += part.decode(errors="replace")
            return text

        until("Response: Success\r\n")  # What happens before is told to nobody.
        yield lambda: until("Event: Hangup\r\n")


def call(node: AsteriskNode, header: str) -> str:
    """Call the hotline with this header, and give what the manager tells of the call."""
    name, _, value = header.partition(": ")
    more = {"sender": value} if name == "From" else {}
    with manager(node) as told:
        assert is_answered(node.settings.sip_port, node.settings.did_hotline, *([] if more else [header]), **more)
        return told()


@pytest.mark.parametrize("place", PLACES)
def test_line_breaks_forge_no_event_and_no_agi_header(
    node: AsteriskNode, agi_headers: Queue[list[str]], place: str
) -> None:
    for ending in BREAKS:
        evil = quote(f"1{ending}{ending}{FORGED}{ending}agi_callerid: 110{ending}{ending}", safe="")
        told = call(node, place.replace("{}", evil))
        assert "Event: Newchannel" in told
        assert not re.search(rf"^{FORGED}|^agi_", told, re.MULTILINE)
        header = agi_headers.get(timeout=SECONDS)
        assert [line for line in header if not re.fullmatch(r"agi_\w+: [^\r]*", line)] == []
        assert len({line.partition(":")[0] for line in header}) == len(header)


@pytest.mark.parametrize("place", [each for each in PLACES if each.startswith(("From: <", "P-A", "Rem"))])
def test_whose_number_cannot_be_read_comes_in_without_one(
    node: AsteriskNode, agi_headers: Queue[list[str]], place: str
) -> None:
    told = call(node, place.replace("{}", "1%0d%0a"))
    assert set(re.findall(r"^CallerIDNum: (.*)\r$", told, re.MULTILINE)) == {"unreadable"}
    assert "agi_callerid: unreadable" in agi_headers.get(timeout=SECONDS)


@pytest.mark.parametrize("place", ["From: <sip:{}@127.0.0.1>", "P-Asserted-Identity: <sip:{}@127.0.0.1>"])
def test_a_number_that_is_only_odd_stays_as_it_is(
    node: AsteriskNode, agi_headers: Queue[list[str]], place: str
) -> None:
    """Quotes and ${} are letters like others: nothing of a caller enters an expression of the dialplan."""
    told = call(node, place.replace("{}", quote('a"b${SHELL(id)}', safe="")))
    assert 'CallerIDNum: a"b${SHELL(id)}\r\n' in told
    assert 'agi_callerid: a"b${SHELL(id)}' in agi_headers.get(timeout=SECONDS)


def test_the_dialplan_asks_for_nothing_that_a_caller_writes() -> None:
    dialplan = (TEMPLATES / "extensions.conf.j2").read_text(encoding="utf-8")
    written_by_callers = r"CALLERID|REDIRECTING|CONNECTEDLINE|PJSIP_HEADER|SIP_HEADER|DIVERSION|HISTINFO|CHANNEL\(pjsip"
    assert re.findall(written_by_callers, dialplan.replace(FILTERED, "")) == []
    assert dialplan.count(FILTERED) == 1
    # Only the flows get it, as one argument in quotes, which it cannot hold itself: never an event or an expression.
    used = re.findall(r".*\$\{DEVICE_PLACE.*", dialplan)
    assert [line for line in used if "DEVICE_PLACE:0:200" not in line and not re.search(PASSED_ON, line)] == []


HOSTILE = (
    "<geo:36.06,103.83;u=20>",
    "<geo:36.06,103.83>%0D%0AEvent: Forged%0D%0Aagi_callerid: 110",
    '"><geo:1,2>",evil="1',
    "${SHELL(id)}${GLOBAL(AMI)}",
    "<geo:1,2>),place=x\\,key=1",
    "):0:3}${CALLERID(num)}",
    "<geo:1,2>\r\n Event: Forged",  # A folded line.
    "<geo:" + "9" * 1500 + ">",
    "<geo:36.06,103.83>\u0000\u202e\u00e9 \u5317\u4eac",
)
"""What a device may write in the place of where it is."""


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("did", ["did_hotline", "did_sos"])
def test_a_device_s_place_reaches_the_flow_in_harmless_letters_only(
    node: AsteriskNode, agi_headers: Queue[list[str]], did: str, value: str
) -> None:
    with manager(node) as told:
        answered = is_answered(node.settings.sip_port, getattr(node.settings, did), f"Geolocation: {value}")
        if not answered:  # PJSIP itself refuses what is no header.
            assert not value.isprintable()
            return
        events = told()
    assert not re.search(rf"^{FORGED}|^agi_", events, re.MULTILINE)
    header = agi_headers.get(timeout=SECONDS)
    assert [line for line in header if not re.fullmatch(r"agi_\w+: [^\r]*", line)] == []
    assert len({line.partition(":")[0] for line in header}) == len(header)
    (place,) = [line.removeprefix("agi_arg_4: ") for line in header if line.startswith("agi_arg_4: ")]
    assert re.fullmatch(r"place=[A-Za-z0-9:.=+%<> ,;-]{0,200}", place), place
    assert not any(line.startswith("agi_arg_5") for line in header)
    if value == HOSTILE[0]:
        assert place == f"place={value}"
