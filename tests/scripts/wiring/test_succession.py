"""The process that the supervisor watches, and the one that answers calls: real processes, on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from tests.ivr.scripted_asterisk import header_bytes
from tests.ports import free_port
from tests.waiting import until

SECONDS = 60.0
HUNG, DOUBT, LOOK = 1.0, 30.0, 0.1
"""Seconds; so long a doubt that a busy machine is taken for no hanging one."""

PROGRAM = """
import os, sys
from ivr import serving
from ivr.server import AgiServer
from scripts.wiring import succession
port = int(sys.argv[1])
succession._HUNG_SECONDS, succession._DOUBT_SECONDS, serving._LOOK_SECONDS = map(float, sys.argv[2:])
parent = succession.stand_aside()
def handler(agi):
    agi.request("WAIT FOR DIGIT", 60000, seconds=60)
    agi.set_variable("IVR_NEXT", "bye")
ready = lambda: os.write(2, b"%d\\n" % os.getpid())
raise SystemExit(serving.Serving(AgiServer(handler, port=port), parent=parent, ready=ready).run())
"""


@dataclass
class Pair:
    """The process that is watched by the supervisor, and its child."""

    watched: subprocess.Popen[bytes]
    child: int
    port: int

    def hang(self) -> None:
        """Stop the child as something that hangs does: nothing of it runs."""
        os.kill(self.child, signal.SIGSTOP)
        until(lambda: psutil.Process(self.child).status() == psutil.STATUS_STOPPED)


@pytest.fixture
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    port, doubt = free_port(), getattr(request, "param", DOUBT)
    watched = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port), str(HUNG), str(doubt), str(LOOK)], stderr=subprocess.PIPE
    )
    assert watched.stderr is not None
    one = Pair(watched, int(watched.stderr.readline()), port)
    yield one
    for process in (psutil.Process(pid) for pid in (one.child, watched.pid) if psutil.pid_exists(pid)):
        process.kill()
    watched.wait(SECONDS)
    watched.stderr.close()


@pytest.mark.parametrize("pair", [1.0], indirect=True)
def test_a_child_that_hangs_is_killed_and_its_callers_go_to_the_fallback(pair: Pair) -> None:
    with socket.create_connection(("127.0.0.1", pair.port), timeout=SECONDS) as caller:
        caller.sendall(header_bytes())
        assert caller.recv(100).startswith(b"WAIT FOR DIGIT")
        pair.hang()
        assert pair.watched.wait(SECONDS) == 1
        assert not psutil.pid_exists(pair.child)
        assert caller.recv(100) == b"", "Asterisk sees the end, and goes on in the dialplan"


def test_a_machine_that_stood_still_kills_nothing(pair: Pair) -> None:
    """Both stop for longer than a child may be silent, and go on."""
    pair.hang()
    pair.watched.send_signal(signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        pair.watched.wait(2 * HUNG)
    pair.watched.send_signal(signal.SIGCONT)
    os.kill(pair.child, signal.SIGCONT)
    with pytest.raises(subprocess.TimeoutExpired):
        pair.watched.wait(2 * HUNG)
    with socket.create_connection(("127.0.0.1", pair.port), timeout=SECONDS) as caller:
        caller.sendall(header_bytes())
        assert caller.recv(100).startswith(b"WAIT FOR DIGIT")
        caller.sendall(b"200 result=49\n")
        assert caller.recv(100) == b'SET VARIABLE "IVR_NEXT" "bye"\n'
        caller.sendall(b"200 result=1\n")


def test_who_is_told_to_leave_is_let_go_while_its_calls_last(pair: Pair) -> None:
    with socket.create_connection(("127.0.0.1", pair.port), timeout=SECONDS) as caller:
        caller.sendall(header_bytes())
        assert caller.recv(100).startswith(b"WAIT FOR DIGIT")
        pair.watched.terminate()
        assert pair.watched.wait(SECONDS) == 0
        assert psutil.pid_exists(pair.child)
        caller.sendall(b"200 result=49\n")
        assert caller.recv(100) == b'SET VARIABLE "IVR_NEXT" "bye"\n'
        caller.sendall(b"200 result=1\n")
