"""An ivr process is told to leave, hands its place over and ends with its last call: real processes, on loopback."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.handover import Handover, inherit, process_at
from tests.ivr.scripted_asterisk import header_bytes
from tests.ports import free_port
from tests.waiting import until

SECONDS = 60.0
"""For anything that should happen at once, on a machine that is busy with other tests."""

PROGRAM = """
import os, sys
from pathlib import Path
from ivr.handover import inherit
from ivr.server import AgiServer
from ivr.serving import Serving
path, port, leaving = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
def handler(agi):
    agi.request("WAIT FOR DIGIT", 60000 + os.getpid(), seconds=60)
    agi.set_variable("IVR_NEXT", "bye")
inheritance = inherit(path, ("127.0.0.1", port)) if path.name != "none" else None
server = AgiServer(handler, port=port, listener=inheritance.listener if inheritance else None)
serving = Serving(
    server, leaving, path if path.name != "none" else None, inheritance=inheritance,
    ready=lambda: os.write(2, b"ready\\n"),
)
raise SystemExit(serving.run())
"""


@dataclass
class Place:
    """Where one process after the other answers."""

    path: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, leaving_seconds: float = 600.0) -> subprocess.Popen[bytes]:
        """Start one and wait until it takes calls."""
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(self.path), str(self.port), str(leaving_seconds)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.processes.append(process)
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"
        return process


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    where = Place(tmp_path / "ivr.sock", free_port())
    yield where
    for process in where.processes:
        process.kill()
        process.wait(SECONDS)
        if process.stderr is not None:
            process.stderr.close()


@dataclass
class Asterisk:
    """One call, step by step."""

    link: socket.socket
    answered_by: int
    """The id of the process, which the flow says in what it asks for."""

    @classmethod
    def calls(cls, port: int) -> Asterisk:
        """Call, and wait until the flow has begun."""
        link = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        link.sendall(header_bytes())
        asked = link.recv(100)
        assert asked.startswith(b"WAIT FOR DIGIT")
        return cls(link, int(asked.split()[-1].strip(b'"')) - 60000)

    def goes_on(self) -> bool:
        """Answer what the flow asked; whether it then goes on to its end."""
        with self.link:
            try:
                self.link.sendall(b"200 result=49\n")
                said = self.link.recv(100)
                self.link.sendall(b"200 result=1\n")
            except OSError:
                return False
        return said == b'SET VARIABLE "IVR_NEXT" "bye"\n'


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_where_nobody_can_follow_a_signal_drains_and_ends_well(place: Place, ending: signal.Signals) -> None:
    place.path = place.path.with_name("none")
    process = place.start()
    call = Asterisk.calls(place.port)
    process.send_signal(ending)
    process.send_signal(ending)
    until(lambda: _refused(place.port))
    assert call.goes_on()
    assert process.wait(SECONDS) == 0


def test_a_call_goes_on_with_the_one_that_leaves_and_new_ones_go_to_the_next(place: Place) -> None:
    first = place.start()
    before = Asterisk.calls(place.port)
    first.terminate()
    until(lambda: process_at(place.path) == first.pid)
    between = Asterisk.calls(place.port)  # Nobody has followed yet: it is still the first that answers.
    second = place.start()
    until(lambda: process_at(place.path) == second.pid)
    after = _answered_by(second, place.port)
    assert before.goes_on()
    assert first.poll() is None, "it ends with its last call"
    assert between.goes_on()
    assert first.wait(SECONDS) == 0
    assert after.goes_on()
    assert second.poll() is None


def test_one_that_nobody_follows_serves_until_its_time_is_over_and_cuts_what_is_left(place: Place) -> None:
    process = place.start(leaving_seconds=1.0)
    process.terminate()
    call = Asterisk.calls(place.port)
    assert process.wait(SECONDS) == 1
    assert call.link.recv(100) == b""
    assert _refused(place.port)


def test_the_time_is_kept_by_one_that_was_followed(place: Place) -> None:
    first = place.start(leaving_seconds=1.0)
    call = Asterisk.calls(place.port)
    first.terminate()
    place.start()
    assert first.wait(SECONDS) == 1
    assert call.link.recv(100) == b""


def test_sigint_ends_one_that_leaves(place: Place) -> None:
    process = place.start()
    process.terminate()
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0


def test_a_successor_that_dies_before_it_serves_costs_nothing(place: Place) -> None:
    first = place.start()
    first.terminate()
    given = inherit(place.path, ("127.0.0.1", place.port))
    assert given is not None
    given.listener.close()
    given._line.close()
    assert Asterisk.calls(place.port).goes_on()
    assert process_at(place.path) == first.pid


def test_one_that_was_killed_leaves_a_place_that_the_next_takes(place: Place) -> None:
    first = place.start()
    first.kill()
    first.wait(SECONDS)
    assert process_at(place.path) is None
    place.start()
    assert Asterisk.calls(place.port).goes_on()


def test_one_that_listens_elsewhere_gives_nothing_and_is_not_killed(place: Place) -> None:
    first = place.start()
    assert inherit(place.path, ("127.0.0.1", free_port())) is None
    assert Asterisk.calls(place.port).goes_on()
    assert first.poll() is None


def test_one_that_hangs_is_killed(place: Place) -> None:
    first = place.start()
    first.send_signal(signal.SIGSTOP)
    tasks = Path(f"/proc/{first.pid}/task")  # Each thread stops when it is its turn.
    until(lambda: all(") T " in (task / "stat").read_text() for task in tasks.iterdir()))
    assert inherit(place.path, ("127.0.0.1", place.port), seconds=1.0) is None
    assert first.wait(SECONDS) == -signal.SIGKILL
    place.start()
    assert Asterisk.calls(place.port).goes_on()


def test_deep_folders_are_no_obstacle(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    taken = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Handover(deep / "ivr.sock", listener, taken.set).start()
        given = inherit(deep / "ivr.sock", listener.getsockname()[:2])
        assert given is not None
        given.serving()
        given.listener.close()
        assert taken.wait(SECONDS)


def test_no_call_is_lost_however_often_it_is_restarted(place: Place) -> None:
    """Callers who come and go all the time, six at once, over eight restarts in a row."""
    stop, lost, ended = threading.Event(), list[str](), list[float]()

    def work() -> None:
        while not stop.is_set():
            began = time.monotonic()
            try:
                whole = Asterisk.calls(place.port).goes_on()
            except (OSError, AssertionError) as error:
                lost.append(repr(error))
                continue
            if not whole:
                lost.append("cut")
            ended.append(time.monotonic() - began)

    latest = place.start()
    callers = [threading.Thread(target=work) for _ in range(6)]
    for each in callers:
        each.start()
    try:
        for _ in range(8):
            latest.terminate()
            following = place.start()
            assert latest.wait(SECONDS) == 0
            latest = following
    finally:
        stop.set()
        for each in callers:
            each.join(SECONDS)
    print(f"{len(ended)} calls over 8 restarts, {len(lost)} lost; the longest took {max(ended) * 1000:.0f} ms")
    assert lost == []
    assert len(ended) > 100


def _answered_by(process: subprocess.Popen[bytes], port: int) -> Asterisk:
    """Call until this process answers. One that hands over may answer some more calls, until it has heard of it."""
    for _ in range(1_000):
        call = Asterisk.calls(port)
        if call.answered_by == process.pid:
            return call
        assert call.goes_on()
    raise AssertionError("the successor answers no call")


def _refused(port: int) -> bool:
    with socket.socket() as probe, contextlib.suppress(ConnectionResetError):
        probe.settimeout(SECONDS)
        return bool(probe.connect_ex(("127.0.0.1", port)))
    return False
