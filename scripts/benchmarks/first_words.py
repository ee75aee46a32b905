"""When callers hear the first of what is said to them: packets as they reach the callers, by the kernel's one clock.

The clock of a call starts with the 200 OK that answers its INVITE, and stops with the first packet of sound in which
something can be heard. All is read off the loopback interface, so whoever plays the callers needs no ears.
"""

from __future__ import annotations

import ctypes
import re
import socket
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

LOUD = 500
"""Of 32,767: what a recording has of noise before its first word stays far below, the first syllable far above."""
_PACKETS_OF_IP = 0x0800
_OUTGOING = 4
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE, _SO_TIMESTAMPNS = 26, 33, 35
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_BUFFER_BYTES = 32_000_000
_ETHERNET, _UDP, _RTP = 14, 8, 12
_STAMP = struct.Struct("ll")
_LOOK_SECONDS = 0.2
_MEDIA_PORT = re.compile(rb"\r\nm=audio (\d+) ")
_CALL_ID = re.compile(rb"\r\nCall-ID: *([^\r]+)", re.IGNORECASE)
_ANSWERED = re.compile(rb"SIP/2\.0 200 .*\r\nCSeq: *\d+ INVITE\r\n", re.DOTALL | re.IGNORECASE)


@dataclass
class Heard:
    """One call: when it was answered, and the seconds from there to its first packet and to its first sound."""

    answered_at: float
    packet_after: float | None = None
    sound_after: float | None = None


@dataclass
class FirstWords:
    """Listens from `start` to `stop` to what comes to the callers' port of SIP and to their port of sound."""

    sip_port: int
    media_port: int
    calls: dict[bytes, Heard] = field(default_factory=dict)
    """By Call-ID."""
    missed: int = 0
    """Packets that came faster than we could read: none, or the figures are not to be trusted."""
    _waiting: dict[int, Heard] = field(default_factory=dict)
    """Calls that have heard nothing yet, by the port from which their sound comes."""
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin to listen. Raises PermissionError without the right to see packets (root has it)."""
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_PACKETS_OF_IP))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.settimeout(_LOOK_SECONDS)
        _attach(self._socket, _filter(self.sip_port, self.media_port))
        self._socket.bind(("lo", _PACKETS_OF_IP))
        self._thread = threading.Thread(target=self._work, name="first-words", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join(5)
        _, self.missed = struct.unpack("II", self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
        self._socket.close()

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                packet, extra, _, _ = self._socket.recvmsg(4096, 64)
            except TimeoutError:
                continue
            seconds, nanoseconds = _STAMP.unpack_from(extra[0][2])
            self.take(packet, seconds + nanoseconds / 1e9)

    def take(self, packet: bytes, at: float) -> None:
        """Judge one packet of Ethernet that came `at` (seconds)."""
        udp = _ETHERNET + 4 * (packet[_ETHERNET] & 0x0F)
        source, target = struct.unpack_from("!HH", packet, udp)
        if target == self.sip_port:
            self._answer(packet[udp + _UDP :], at)
        elif (call := self._waiting.get(source)) is not None:
            if call.packet_after is None:
                call.packet_after = at - call.answered_at
            if loudness(packet[udp + _UDP + _RTP :]) >= LOUD:
                call.sound_after = at - call.answered_at
                del self._waiting[source]

    def _answer(self, message: bytes, at: float) -> None:
        if not _ANSWERED.match(message):
            return
        port, call_id = _MEDIA_PORT.search(message), _CALL_ID.search(message)
        if port and call_id and call_id[1] not in self.calls:  # The second 200 is the first said again.
            self.calls[call_id[1]] = self._waiting[int(port[1])] = Heard(at)


def loudness(sound: bytes) -> int:
    """Give the loudest sample of A-law, 0 to 32,767."""
    return max(sound.translate(_HEIGHTS), default=0) << 7


def _height(byte: int) -> int:
    """Give how far one byte of A-law is from silence, in 128ths of full height (ITU-T G.711)."""
    byte ^= 0x55
    exponent, mantissa = byte >> 4 & 7, byte & 0x0F
    sample = (mantissa << 4) + 8 if exponent == 0 else (mantissa << 4) + 0x108 << exponent - 1
    return sample >> 7


_HEIGHTS = bytes(_height(byte) for byte in range(256))


def _filter(*ports: int) -> Iterable[tuple[int, int, int, int]]:
    """Write the filter of the kernel: UDP to one of these ports, once (loopback shows each packet going and coming)."""
    head = [
        (0x20, 0, 0, 0xFFFFF004), (0x15, 5 + len(ports), 0, _OUTGOING),  # ld packet type
        (0x30, 0, 0, _ETHERNET + 9), (0x15, 0, 3 + len(ports), 17),  # ldb protocol: UDP
        (0xB1, 0, 0, _ETHERNET), (0x48, 0, 0, _ETHERNET + 2),  # ldxb length of the header; ldh port
    ]  # fmt: skip
    tests = [(0x15, len(ports) - at, 0, port) for at, port in enumerate(ports)]
    return [*head, *tests, (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFF)]


def _attach(sock: socket.socket, program: Iterable[tuple[int, int, int, int]]) -> None:
    code = b"".join(struct.pack("HBBI", *each) for each in program)
    kept = ctypes.create_string_buffer(code)
    sock.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(code) // 8, ctypes.addressof(kept))
    )  # fmt: skip
