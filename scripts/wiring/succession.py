"""A part that may outlive its own restart: the supervisor watches a small process, and a child of it does the work.

The supervisor starts the next one only when the process that it watches has ended. So that one ends as soon as its
child begins to leave, or has died; the child goes on until its work is done. A line between the two says which: its end
at the parent's side is "leave", at the child's "I leave" (or its death). What the child sends on it are beats. One
that has begun to beat and is silent hangs, and is killed: its callers would wait in a dead conversation for ever, and
by its death they come to the dialplan's fallback.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
from pathlib import Path
from types import FrameType

_DEATH_SECONDS = 5.0
"""A process whose line has ended in its death is dead within this."""
_HUNG_SECONDS = 15.0
"""A child beats every five seconds; one that has not for so long does nothing for anybody."""
_DOUBT_SECONDS = 3.0
"""More, for a child that was stopped together with us, as when the whole machine stood still, and now goes on."""
_PASSED_ON = (signal.SIGTERM, signal.SIGINT)


def stand_aside() -> socket.socket:
    """Fork: give the child its line to the parent. The parent watches, passes signals on, and never returns from here.

    For a process that has no threads yet.
    """
    watching, working = socket.socketpair()
    child = os.fork()
    if child == 0:
        watching.close()
        return working
    working.close()
    os._exit(_watch(child, watching))


def write_to(log: Path) -> None:
    """Write on into the log itself, if it was the supervisor that wrote there what we say: it reads us no more."""
    if "SUPERVISOR_ENABLED" not in os.environ:
        return
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)


def _watch(child: int, line: socket.socket) -> int:
    """Wait for the end of the line, and give the exit status: 0 when the child has begun to leave, else its own (1 when
    it hung)."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, number)

    for each in _PASSED_ON:
        signal.signal(each, pass_on)
    death = os.pidfd_open(child)
    if not _beats_to_the_end(line):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return 1
    with selectors.DefaultSelector() as dead:
        dead.register(death, selectors.EVENT_READ)
        return _status(child) if dead.select(_DEATH_SECONDS if _dying(child) else 0) else 0


def _beats_to_the_end(line: socket.socket) -> bool:
    """Follow the beats; tell whether the line ended (True), or they did (False)."""
    if not line.recv(1):  # Before the first one it is not known how long the start takes.
        return True
    while True:
        for seconds in (_HUNG_SECONDS, _DOUBT_SECONDS):
            line.settimeout(seconds)
            with contextlib.suppress(TimeoutError):
                if not line.recv(64):
                    return True
                break
        else:
            return False


def _dying(child: int) -> bool:
    """Whether it lives no more as a program, though its process may still be taken apart."""
    try:
        return not Path(f"/proc/{child}/cmdline").read_bytes()
    except OSError:
        return True


def _status(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF
