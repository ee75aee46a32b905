"""A carrier with any number of telephones on one socket: each does what its number says, cheaply. No sound is heard.

SIP over UDP on loopback, as much of it as an automatic call needs; keys are pressed by RFC 4733.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Manner = Callable[[str], str]
"""What a telephone does when it rings, by its number as dialled: answers, ignores or refuses."""
_EVENT = 101
TALKS_SECONDS = 2.0
"""After its key a telephone is hung up so soon."""


@dataclass
class Rung:
    """One call to a telephone, in the machine's seconds."""

    number: str
    at: float
    over_at: float | None = None


@dataclass
class Caller:
    """A call that a telephone makes."""

    number: str
    invite: str
    answered: threading.Event = field(default_factory=threading.Event)
    ok: str = ""


class Exchange:
    """Rings, answers, presses 5 and hangs up; and calls in."""

    def __init__(self, port: int, hotline: tuple[str, int], manner: Manner) -> None:
        self.rung: list[Rung] = []
        self._hotline = hotline
        self._manner = manner
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self._socket.settimeout(0.2)
        self._port = port
        self._sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sound.bind(("127.0.0.1", 0))
        self._calls: dict[str, Rung] = {}
        self._callers: dict[str, Caller] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Nobody rings any more."""
        self._stop.set()
        self._thread.join(5)
        self._socket.close()
        self._sound.close()

    def most_at_once(self) -> int:
        """Give how many telephones rang or talked at the same time, at the most."""
        now = time.monotonic()
        edges = sorted([(each.at, 1) for each in self.rung] + [(each.over_at or now, -1) for each in self.rung])
        most = busy = 0
        for _at, change in edges:
            busy += change
            most = max(most, busy)
        return most

    def call_in(self, number: str, dialled: str) -> Caller:
        """Call the hotline, and press 0 as soon as it answers."""
        call_id = f"in-{number}"
        sdp = self._sdp()
        invite = (
            f"INVITE sip:{dialled}@{self._hotline[0]}:{self._hotline[1]} SIP/2.0\r\n"
            f"{self._head(call_id, number, 1, dialled)}"
            f"CSeq: 1 INVITE\r\nContact: <sip:{number}@127.0.0.1:{self._port}>\r\nContent-Type: application/sdp\r\n"
            f"Content-Length: {len(sdp)}\r\n\r\n{sdp}"
        )
        caller = Caller(number, invite)
        self._callers[call_id] = caller
        self._send(invite, self._hotline)
        assert caller.answered.wait(20), "the hotline does not answer"
        return caller

    def leave(self, caller: Caller) -> None:
        """Hang up."""
        to = _header(caller.ok, "To")
        contact = re.search(r"<(sip:[^>]+)>", _header(caller.ok, "Contact"))
        assert contact is not None
        head = self._head(f"in-{caller.number}", caller.number, 3, "").replace("To: <sip:@127.0.0.1>", f"To: {to}")
        self._send(f"BYE {contact[1]} SIP/2.0\r\n{head}CSeq: 3 BYE\r\nContent-Length: 0\r\n\r\n", self._hotline)

    def _head(self, call_id: str, number: str, sequence: int, dialled: str) -> str:
        return (
            f"Via: SIP/2.0/UDP 127.0.0.1:{self._port};branch=z9hG4bK{call_id}{sequence}\r\nMax-Forwards: 70\r\n"
            f"From: <sip:{number}@127.0.0.1>;tag={number}\r\nTo: <sip:{dialled}@127.0.0.1>\r\nCall-ID: {call_id}\r\n"
        )

    def _sdp(self) -> str:
        port = self._sound.getsockname()[1]
        return (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 8 {_EVENT}\r\n"
            f"a=rtpmap:8 PCMA/8000\r\na=rtpmap:{_EVENT} telephone-event/8000\r\na=fmtp:{_EVENT} 0-16\r\n"
        )

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                data, source = self._socket.recvfrom(65_536)
            except TimeoutError:
                continue
            except OSError:
                return
            text = data.decode(errors="replace")
            if text.startswith("SIP/2.0"):
                self._answered(text, source)
            else:
                self._asked(text, source)

    def _asked(self, text: str, source: tuple[str, int]) -> None:
        method, call_id = text.split(" ", 1)[0], _header(text, "Call-ID")
        if method == "INVITE" and call_id not in self._calls:
            number = text.split("sip:", 1)[1].split("@", 1)[0]
            rung = self._calls[call_id] = Rung(number, time.monotonic())
            self.rung.append(rung)
            self._reply(text, source, "180 Ringing")
            manner = self._manner(number)
            if manner == "refuses":
                rung.over_at = time.monotonic()
                self._reply(text, source, "603 Decline")
            elif manner == "answers":
                self._reply(text, source, "200 OK", self._sdp())
                threading.Thread(target=self._talk, args=(text, source, rung), daemon=True).start()
        elif method == "CANCEL":
            self._calls[call_id].over_at = time.monotonic()
            self._reply(text, source, "200 OK")
            self._reply(text.replace("CANCEL", "INVITE"), source, "487 Request Terminated")
        elif method == "BYE":
            if call_id in self._calls and self._calls[call_id].over_at is None:
                self._calls[call_id].over_at = time.monotonic()
            self._reply(text, source, "200 OK")
        elif method == "OPTIONS":
            self._reply(text, source, "200 OK")

    def _talk(self, invite: str, source: tuple[str, int], rung: Rung) -> None:
        """Press 5 until somebody must have heard it, and hang up a while after."""
        self._stop.wait(0.8)
        self._press(invite, 5)
        self._stop.wait(TALKS_SECONDS)
        contact = re.search(r"<(sip:[^>]+)>", _header(invite, "Contact"))
        if contact is None or rung.over_at is not None:
            return
        call_id = _header(invite, "Call-ID")
        self._send(
            f"BYE {contact[1]} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{self._port};branch=z9hG4bKbye{call_id}\r\n"
            f"Max-Forwards: 70\r\nFrom: {_header(invite, 'To')};tag=there\r\nTo: {_header(invite, 'From')}\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n", source,
        )  # fmt: skip
        rung.over_at = time.monotonic()

    def _answered(self, text: str, source: tuple[str, int]) -> None:
        caller = self._callers.get(_header(text, "Call-ID"))
        if caller is None or not text.startswith("SIP/2.0 200") or "INVITE" not in _header(text, "CSeq"):
            return
        caller.ok = text
        contact = re.search(r"<(sip:[^>]+)>", _header(text, "Contact"))
        assert contact is not None
        head = self._head(f"in-{caller.number}", caller.number, 2, "").replace(
            "To: <sip:@127.0.0.1>", f"To: {_header(text, 'To')}"
        )
        self._send(f"ACK {contact[1]} SIP/2.0\r\n{head}CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n", source)
        if not caller.answered.is_set():
            caller.answered.set()
            threading.Thread(target=self._press, args=(text, 0), daemon=True).start()

    def _press(self, described: str, digit: int) -> None:
        """Send one key to the sound of a description: 120 ms of it, its end three times."""
        media = re.search(r"m=audio (\d+)", described)
        if media is None:
            return
        kind = re.search(r"a=rtpmap:(\d+) telephone-event/8000", described)
        payload = int(kind[1]) if kind else _EVENT
        for number in range(9):
            ended = 0x80 if number >= 6 else 0
            lasts = min(160 * (number + 1), 960)
            mark = 0x80 if number == 0 else 0
            packet = struct.pack("!BBHIIBBH", 0x80, mark | payload, number + 1, 8_000, 4_711, digit, ended | 10, lasts)
            self._sound.sendto(packet, ("127.0.0.1", int(media[1])))
            self._stop.wait(0.02)

    def _reply(self, text: str, source: tuple[str, int], status: str, body: str = "") -> None:
        vias = "".join(f"Via: {each}\r\n" for each in re.findall(r"^Via: (.*?)\r$", text, re.MULTILINE))
        to = _header(text, "To")
        to = to if ";tag=" in to else f"{to};tag=there"
        contact = f"Contact: <sip:exchange@127.0.0.1:{self._port}>\r\n"
        typed = "Content-Type: application/sdp\r\n" if body else ""
        self._send(
            f"SIP/2.0 {status}\r\n{vias}From: {_header(text, 'From')}\r\nTo: {to}\r\n"
            f"Call-ID: {_header(text, 'Call-ID')}\r\nCSeq: {_header(text, 'CSeq')}\r\n"
            f"{contact}{typed}Content-Length: {len(body)}\r\n\r\n{body}", source,
        )  # fmt: skip

    def _send(self, text: str, to: tuple[str, int]) -> None:
        self._socket.sendto(text.encode(), to)


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*?)\r$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""
