"""The FastAGI server over loopback: limits, crashes, drains. No caller hears a crash as silence."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from ivr.agi_protocol import HardenedAgi
from ivr.call import CallerHungUp
from ivr.server import TURNING_AWAY, AgiServer
from tests.ivr.scripted_asterisk import ScriptedAsterisk, header_bytes

SECONDS = 10.0  # A generous bound for anything that should happen at once.
Running = Callable[..., AgiServer]


@pytest.fixture
def running() -> Iterator[Running]:
    started: list[tuple[AgiServer, threading.Thread]] = []

    def start(handler: Any, **kwargs: Any) -> AgiServer:
        server = AgiServer(handler, **kwargs)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.stop()
        server.drain(0.1)
        thread.join(SECONDS)
        assert not thread.is_alive()


def call(server: AgiServer, header: bytes | None = None) -> socket.socket:
    connection = socket.create_connection(server.address, timeout=SECONDS)
    connection.sendall(header_bytes() if header is None else header)
    return connection


def read_to_end(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    seen = b""
    with connection, contextlib.suppress(ConnectionResetError):
        while part := connection.recv(4096):
            seen += part
    return seen


def settled(server: AgiServer, condition: Callable[[], bool]) -> bool:
    """Wait for the server's counts to say so."""
    with server._calls.changed:
        return server._calls.changed.wait_for(condition, SECONDS)


def test_a_call_is_served_in_a_thread_of_its_own(running: Running) -> None:
    seen: list[str] = []

    def handler(agi: HardenedAgi) -> None:
        seen.append(threading.current_thread().name)
        agi.set_variable("IVR_NEXT", "bye")

    server = running(handler)
    asterisk = ScriptedAsterisk(call(server))
    asterisk.start()
    asterisk.join(SECONDS)
    assert asterisk.variables == {"IVR_NEXT": "bye"}
    assert seen == ["agi-call"]
    assert settled(server, lambda: not server._calls.links)
    assert (server.counts.total, server.counts.active, server.counts.failed) == (1, 0, 0)


def test_answers_are_sent_at_once(running: Running) -> None:
    delays: list[int] = []

    def handler(agi: HardenedAgi) -> None:
        delays.append(agi.link._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    read_to_end(call(running(handler)))
    assert delays
    assert delays[0] != 0


def test_a_call_beyond_the_limit_is_sent_back_at_once(running: Running) -> None:
    go_on = threading.Event()
    server = running(lambda _agi: go_on.wait(SECONDS), max_calls=2)
    first, second = call(server), call(server)
    assert settled(server, lambda: len(server._calls.links) == 2)
    beyond = ScriptedAsterisk(call(server))
    beyond.start()
    beyond.join(SECONDS)
    assert beyond.variables == {"IVR_NEXT": "overload"}
    assert server.counts.turned_away == 1
    go_on.set()
    read_to_end(first)
    read_to_end(second)
    assert settled(server, lambda: not server._calls.links)
    assert read_to_end(call(server)) == b""
    assert (server.counts.total, server.counts.turned_away) == (3, 1)


def test_a_flood_beyond_the_limit_is_closed_without_a_word(running: Running) -> None:
    go_on = threading.Event()
    server = running(lambda _agi: go_on.wait(SECONDS), max_calls=1)
    held = call(server)
    assert settled(server, lambda: len(server._calls.links) == 1)
    mute = [call(server) for _ in range(TURNING_AWAY)]
    for each in mute:
        assert each.recv(100).startswith(b"SET VARIABLE")
    assert read_to_end(call(server)) == b""
    assert server.counts.turned_away == TURNING_AWAY + 1
    for each in mute:
        each.close()
    go_on.set()
    read_to_end(held)


def test_a_crash_closes_the_connection_and_is_counted(running: Running) -> None:
    def handler(_agi: HardenedAgi) -> None:
        raise ZeroDivisionError

    with capture_logs() as logs:
        server = running(handler)
        assert read_to_end(call(server)) == b""
        assert settled(server, lambda: server._calls.failed == 1)
    assert [each["event"] for each in logs if each["log_level"] == "error"] == ["agi.failed"]
    assert read_to_end(call(server)) == b""


def test_a_caller_who_hangs_up_is_no_failure(running: Running) -> None:
    def handler(_agi: HardenedAgi) -> None:
        raise CallerHungUp

    server = running(handler)
    read_to_end(call(server))
    assert server.counts.failed == 0


@pytest.mark.parametrize("header", [b"", b"agi_network: yes\n", b"GET / HTTP/1.1\r\n\r\n", b"a" * 100_000])
def test_whoever_sends_no_header_is_cut_off(running: Running, header: bytes) -> None:
    server = running(lambda _agi: None, header_seconds=0.2)
    assert read_to_end(call(server, header)) == b""
    assert settled(server, lambda: server._calls.unheard == 1)
    assert server.counts.failed == 0


def test_a_silent_probe_is_no_news_but_garbage_is(running: Running) -> None:
    server = running(lambda _agi: None, header_seconds=0.2)
    with capture_logs() as logs:
        call(server, b"").close()
        assert settled(server, lambda: server._calls.unheard == 1)
        read_to_end(call(server, b"GET / HTTP/1.1\r\n\r\n"))
        assert settled(server, lambda: server._calls.unheard == 2)
    assert [each["log_level"] for each in logs if each["event"] == "agi.no_header"] == ["debug", "info"]


def test_connections_that_close_before_the_header_harm_nobody(running: Running) -> None:
    """What spins panoramisk's FastAGI server for ever."""
    server = running(lambda agi: agi.set_variable("IVR_NEXT", "bye"))
    for _ in range(50):
        call(server, b"").close()
    asterisk = ScriptedAsterisk(call(server))
    asterisk.start()
    asterisk.join(SECONDS)
    assert asterisk.variables == {"IVR_NEXT": "bye"}


def test_logs_carry_the_id_of_their_own_call(running: Running) -> None:
    both = threading.Barrier(2, timeout=SECONDS)
    seen: dict[str, Any] = {}

    def handler(agi: HardenedAgi) -> None:
        both.wait()
        seen[agi.env["agi_arg_1"]] = structlog.contextvars.get_contextvars()

    server = running(handler)
    for each in [call(server, header_bytes({"arg_1": name})) for name in ("a-1", "a-2")]:
        read_to_end(each)
    assert seen == {"a-1": {"call_id": "a-1"}, "a-2": {"call_id": "a-2"}}


def test_a_drain_waits_for_calls_and_takes_no_more(running: Running) -> None:
    go_on = threading.Event()

    def handler(agi: HardenedAgi) -> None:
        go_on.wait(SECONDS)
        agi.set_variable("IVR_NEXT", "bye")

    server = running(handler)
    asterisk = ScriptedAsterisk(call(server))
    asterisk.start()
    assert settled(server, lambda: len(server._calls.links) == 1)
    server.stop()
    assert server._finished.wait(SECONDS)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(server.address, timeout=SECONDS)
    threading.Timer(0.2, go_on.set).start()
    assert server.drain(SECONDS) is True
    asterisk.join(SECONDS)
    assert asterisk.variables == {"IVR_NEXT": "bye"}


def test_a_drain_has_an_end(running: Running) -> None:
    ended = threading.Event()

    def handler(agi: HardenedAgi) -> None:
        try:
            agi.request("WAIT FOR DIGIT", 60_000, seconds=60)
        except CallerHungUp:
            ended.set()

    server = running(handler)
    connection = call(server)
    assert connection.recv(100).startswith(b"WAIT FOR DIGIT")
    server.stop()
    assert server.drain(0.2) is False
    assert ended.wait(SECONDS)
    assert read_to_end(connection) == b""


def test_a_port_that_is_taken_is_told(running: Running) -> None:
    server = running(lambda _agi: None)
    with pytest.raises(OSError, match="in use"):
        AgiServer(lambda _agi: None, port=server.address[1])
