"""One ivr process hands its place to the next: the listening socket itself goes over, so that no call finds it closed.

The elder waits at a Unix socket in the instance's folder. Whoever comes there is given the listening socket, makes
itself ready, and says that it serves; only then does the elder stop taking calls. Connections that wait in the kernel's
queue belong to the socket and not to a process, so none of them is lost, whenever either side dies.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 30.0
"""An elder that gives nothing for so long hangs: it is killed, and its port is free."""
READY_SECONDS = 120.0
"""The elder waits so long for a successor to get ready, and then for another one."""
SERVING = b"serving"
_CREDENTIALS = struct.Struct("3i")


class Inheritance:
    """What a successor has been given, and the line to whom it came from."""

    def __init__(self, listener: socket.socket, line: socket.socket) -> None:
        self.listener = listener
        self._line = line

    def serving(self) -> None:
        """Tell the elder that calls are taken here now; an elder who has died meanwhile need not know."""
        with contextlib.suppress(OSError):
            self._line.sendall(SERVING)
        self._line.close()


class Handover:
    """The elder's side: give the listening socket to whoever comes, and call `taken` when one of them serves."""

    def __init__(self, path: Path, listener: socket.socket, taken: Callable[[], None]) -> None:
        """Wait at `path` from `start` on. Raises OSError if the place cannot be had."""
        self._listener = listener
        self._taken = taken
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with _near(path) as short:
            path.unlink(missing_ok=True)  # Of one that has died, or has just handed over to us.
            self._door.bind(short)
        self._door.listen()

    def start(self) -> None:
        """Begin to wait, in a thread that ends with the process."""
        threading.Thread(target=self._work, name="handover", daemon=True).start()

    def _work(self) -> None:
        while True:
            line, _ = self._door.accept()
            with line:
                try:
                    if self._hand_over(line):
                        break
                except OSError as broken:
                    log.debug("handover.broken_off", why=str(broken))
        self._door.close()
        self._taken()

    def _hand_over(self, line: socket.socket) -> bool:
        """Whether the successor serves now. One that has died before that leaves all as it was."""
        line.settimeout(READY_SECONDS)
        socket.send_fds(line, [b"\0"], [self._listener.fileno()])
        said = b""
        while part := line.recv(len(SERVING)):
            said += part
        return said == SERVING


def inherit(path: Path, address: tuple[str, int], seconds: float = ANSWER_SECONDS) -> Inheritance | None:
    """Ask whoever waits at `path` for its place. None when nobody does.

    One that listens elsewhere than at `address` (a setting was changed) or hangs gives nothing: the first goes on until
    it is ended, the second is killed.
    """
    line = _call(path)
    if line is None:
        return None
    line.settimeout(seconds)
    try:
        _, given, _, _ = socket.recv_fds(line, 1, 1)
    except TimeoutError:
        _kill(line)
        given = []
    except OSError:  # It has died in this very moment.
        given = []
    if given:
        listener = socket.socket(fileno=given[0])
        if listener.getsockname()[:2] == address:
            return Inheritance(listener, line)
        listener.close()
    line.close()
    return None


def process_at(path: Path) -> int | None:
    """Give the id of the process that takes calls now, and would hand over; None when there is none."""
    line = _call(path)
    if line is None:
        return None
    with line:
        return _peer(line)


def _call(path: Path) -> socket.socket | None:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _near(path) as short:
            line.connect(short)
    except OSError:
        line.close()
        return None
    return line


def _kill(line: socket.socket) -> None:
    process = _peer(line)
    log.error("handover.killed_what_hangs", process=process)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    with contextlib.suppress(OSError):
        line.recv(1)  # Ends with the process, or with the time that the line has.


def _peer(line: socket.socket) -> int:
    """The process that listens at the other end."""
    process: int = _CREDENTIALS.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))[0]
    return process


@contextlib.contextmanager
def _near(path: Path) -> Iterator[str]:
    """Name `path` in few letters: the name of a Unix socket has 107 at most, and folders may be deep."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
