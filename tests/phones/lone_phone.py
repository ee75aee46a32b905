"""A phone in a process of its own, so that it can die as a phone does whose cable is cut: no BYE, no more sound.

python -m tests.phones.lone_phone PORT RTP_FIRST SERVER EXTENSION SECRET [TONE]
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.ports import free_port, free_udp_block

ROOT = Path(__file__).resolve().parents[2]


class LonePhone:
    """Registers, and answers whatever rings; `cut` ends it without a word to anybody."""

    def __init__(self, server: str, extension: str, secret: str, tone_hz: int = 0) -> None:
        """Start it and wait until it is registered (20 s)."""
        ports = [str(free_port(socket.SOCK_DGRAM)), str(free_udp_block(40))]
        words = [sys.executable, "-m", "tests.phones.lone_phone", *ports, server, extension, secret, str(tone_hz)]
        self._process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        assert self._process.stdout is not None
        for said in self._process.stdout:  # PJSIP has its say on standard output, too.
            if said == b"registered\n":
                return
        raise AssertionError(f"the phone of {extension} did not register")

    def hang_up(self) -> None:
        """End its call politely."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"hang up\n")
        self._process.stdin.flush()

    def cut(self) -> None:
        """Cut the cable."""
        self._process.kill()
        self._process.wait(10)


@contextlib.contextmanager
def lone_phone(server: str, extension: str, secret: str, tone_hz: int = 0) -> Iterator[LonePhone]:
    """A phone while the block lasts."""
    phone = LonePhone(server, extension, secret, tone_hz)
    try:
        yield phone
    finally:
        phone.cut()


def main() -> None:
    """Be the phone, until the cable is cut or nobody is interested any more."""
    port, rtp_first, server, extension, secret, tone = sys.argv[1:]
    line = Line(int(port), rtp_first=int(rtp_first))
    phone = Phone(line, extension, tone_hz=int(tone))
    phone.plug_in(server, extension, secret)
    print("registered", flush=True)
    for order in sys.stdin:
        if order.strip() == "hang up":
            phone.hang_up()
    threading.Event().wait(0.1)
    line.close()


if __name__ == "__main__":
    main()
