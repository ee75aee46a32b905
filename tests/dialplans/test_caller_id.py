"""What a caller writes in the place of a number never becomes lines of the manager's events or of the AGI header."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.asterisk_node import AsteriskNode, running_node
from tests.phones.line import Line
from tests.phones.phone import Phone

pytestmark = [pytest.mark.asterisk, pytest.mark.phones]

FORGED = "Event: Forged"
SECONDS = 10


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskNode]:
    with running_node(tmp_path_factory.mktemp("node")) as running:
        yield running


@pytest.fixture(scope="module")
def line(node: AsteriskNode) -> Iterator[Line]:
    line = Line(int(node.settings.carrier_address.split(":")[1]))
    yield line
    line.close()


def events_of_a_call(node: AsteriskNode, line: Line, number: str) -> str:
    """Give what the manager tells until the call of `number` (a From user, as it stands in the URI) is over."""
    with socket.create_connection(("127.0.0.1", node.settings.ami_port), timeout=SECONDS) as manager:
        secret = node.settings.ami_secret.get_secret_value()
        manager.sendall(f"Action: Login\r\nUsername: elderline\r\nSecret: {secret}\r\n\r\n".encode())
        phone = Phone(line, number)
        phone.plug_in()
        phone.dial(f"sip:{node.settings.did_hotline}@127.0.0.1:{node.settings.sip_port}")
        phone.wait_for("connected", SECONDS)  # There is no ivr here: the fallback answers.
        phone.unplug()
        told = ""
        while "Event: Hangup\r\n" not in told or not told.endswith("\r\n\r\n"):
            part = manager.recv(65536)
            assert part, "the manager closed the connection"
            told += part.decode(errors="replace")
    return told


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_a_number_with_line_breaks_forges_no_event(node: AsteriskNode, line: Line, ending: str) -> None:
    number = quote(f"1{ending}{ending}{FORGED}{ending}{ending}", safe="")
    told = events_of_a_call(node, line, number)
    assert "Event: Newchannel" in told
    assert FORGED not in told
    assert "CallerIDNum: unreadable\r\n" in told


def test_a_number_that_is_only_odd_stays_as_it_is(node: AsteriskNode, line: Line) -> None:
    told = events_of_a_call(node, line, quote('a"b${X}', safe=""))
    assert 'CallerIDNum: a"b${X}\r\n' in told
