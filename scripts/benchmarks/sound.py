"""Sound of many phones over one socket: every 20 ms a packet for each who talks, and what comes back is judged.

The time of arrival is the kernel's, so that a thread that reads late does not take it for a late packet.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

Address = tuple[str, int]

PACKET_SECONDS = 0.02
LATE_SECONDS = 0.06
"""A phone plays what comes so late no more: its buffer holds some 60 ms."""
_SAMPLES = 160
_CLOCK = 8_000
_PCMA, _MARK = 8, 0x80
_HEADER = struct.Struct("!BBHII")
_STAMP = struct.Struct("ll")
_SO_TIMESTAMPNS = 35
_BUFFER_BYTES = 4_000_000
_TONES_HZ = (440, 620)


@dataclass
class Heard:
    """What came of one stream: packets that should have come, that came, that came too late to be played."""

    came: int = 0
    late: int = 0
    jitter_seconds: float = 0.0
    """Interarrival jitter of RFC 3550, section 6.4.1; the worst that it reached."""
    _first: int = -1
    _highest: int = -1
    _quickest: float = math.inf
    _before: float = field(default=math.nan)
    _jitter: float = 0.0

    def take(self, sequence: int, stamp: int, at: float, mark: bool = False) -> None:
        """Count a packet that arrived at `at`, in seconds. `mark`: its time need not follow the last one's."""
        if mark:
            self._quickest, self._before = math.inf, math.nan
        if self._first < 0:
            self._first = self._highest = sequence
        else:
            self._highest = max(self._highest, self._highest + _apart(sequence, self._highest & 0xFFFF))
        self.came += 1
        transit = at - stamp / _CLOCK
        self._quickest = min(self._quickest, transit)
        self.late += transit - self._quickest > LATE_SECONDS
        if not math.isnan(self._before):
            self._jitter += (abs(transit - self._before) - self._jitter) / 16
            self.jitter_seconds = max(self.jitter_seconds, self._jitter)
        self._before = transit

    @property
    def expected(self) -> int:
        """How many packets the other side has sent."""
        return self._highest - self._first + 1 if self._first >= 0 else 0

    @property
    def lost(self) -> int:
        """How many of them never came."""
        return max(0, self.expected - self.came)


class Voice:
    """One side of one talk."""

    def __init__(self, to: Address) -> None:
        self.to = to
        self.heard = Heard()
        self._source = int.from_bytes(os.urandom(4))
        self._sent = 0

    def packet(self, sound: bytes) -> bytes:
        """Give the next 20 ms."""
        at = self._sent * _SAMPLES % (len(sound) - _SAMPLES)
        mark = _MARK if self._sent == 0 else 0
        head = _HEADER.pack(0x80, _PCMA | mark, self._sent & 0xFFFF, self._sent * _SAMPLES & 0xFFFFFFFF, self._source)
        self._sent += 1
        return head + sound[at : at + _SAMPLES]


class Voices:
    """A thread that speaks and listens for all."""

    def __init__(self) -> None:
        """Take a port. Nothing is sent before `start`."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.port: int = self._socket.getsockname()[1]
        self.behind_seconds = 0.0
        """How late the latest packets were sent at worst: our own part in whatever is heard late."""
        self._voices: dict[Address, Voice] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="voices", daemon=True)
        self._sound = speech()

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and give the port back."""
        self._stop.set()
        self._thread.join(5)
        self._socket.close()

    def begin(self, to: Address) -> Voice:
        """Speak to this address from now on."""
        voice = Voice(to)
        self._voices = self._voices | {to: voice}
        return voice

    def end(self, voice: Voice) -> None:
        """Say no more."""
        self._voices = {to: each for to, each in self._voices.items() if each is not voice}

    def _work(self) -> None:
        ahead_of_others()
        due = time.monotonic()
        while not self._stop.is_set():
            self.behind_seconds = max(self.behind_seconds, time.monotonic() - due)
            for voice in self._voices.values():
                with contextlib.suppress(OSError):
                    self._socket.sendto(voice.packet(self._sound), voice.to)
            self._listen()
            due += PACKET_SECONDS
            if (left := due - time.monotonic()) > 0:
                time.sleep(left)  # The pace of sound is the clock's own; there is no event to wait for.

    def _listen(self) -> None:
        while True:
            try:
                data, extra, _, sender = self._socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            voice = self._voices.get(sender)
            if voice is None or len(data) < _HEADER.size:
                continue
            seconds, nanoseconds = _STAMP.unpack_from(extra[0][2]) if extra else (time.time(), 0)
            _, kind, sequence, stamp, _ = _HEADER.unpack_from(data)
            voice.heard.take(sequence, stamp, seconds + nanoseconds / 1e9, bool(kind & _MARK))


def speech(seconds: float = 5.0) -> bytes:
    """Give two tones that swell and fade like words, as A-law: nothing in a recording could be taken for silence."""
    count = round(seconds * _CLOCK)
    words = (0.35 + 0.25 * math.sin(2 * math.pi * 3 * at / _CLOCK) for at in range(count))
    tones = (sum(math.sin(2 * math.pi * tone * at / _CLOCK) for tone in _TONES_HZ) / 2 for at in range(count))
    return bytes(_a_law(int(12_000 * word * tone)) for word, tone in zip(words, tones, strict=True))


def ahead_of_others() -> None:
    """Let this thread go before the hotline's: phones and callers have processors of their own elsewhere. Costs nothing
    when we may not."""
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), -10)


def _a_law(sample: int) -> int:
    """Encode one sample of 16 bits (ITU-T G.711)."""
    sign = 0x80 if sample >= 0 else 0
    size = min(sample if sample >= 0 else ~sample, 32_635) >> 3
    exponent = max(0, size.bit_length() - 5)
    mantissa = (size >> max(1, exponent)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def _apart(sequence: int, before: int) -> int:
    """Give how far one 16-bit sequence number is after another, which may be negative."""
    return ((sequence - before + 0x8000) & 0xFFFF) - 0x8000
