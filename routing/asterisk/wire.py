"""Bytes in, packets out; and what may go out on the wire at all. Nothing here reads or writes a socket."""

import re
from typing import Final

from routing.asterisk.stats import Tally

_END_OF_LINE: Final = b"\r\n"
_BANNER: Final = b"Asterisk Call Manager/"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_UNSAFE: Final = re.compile(r"[\r\n\0]")

# Asterisk 22 refuses a line of more than 1024 bytes and an action of more than 128 lines (manager.c: inbuf,
# AST_MAX_MANHEADERS), once all of it has been sent; we keep a little below and refuse before anything is sent.
LINE_SENT_BYTES: Final = 1000
HEADERS_SENT: Final = 127


def refuse_unsafe(name: str, value: str) -> None:
    """Raise ValueError if this header could end its line early, start another, or be too long for Asterisk to read."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a header name: {name!r}")
    if _UNSAFE.search(value):
        raise ValueError(f"the value of {name} holds a line end or a NUL")
    if len(name) + 2 + len(value.encode()) > LINE_SENT_BYTES:
        raise ValueError(f"the value of {name} is longer than a node reads ({LINE_SENT_BYTES} bytes)")


class PacketReader:
    """Cuts the stream into packets, wherever TCP cut it.

    Lines are kept as bytes until they are whole, so no character is ever decoded in halves. A line over its bound is
    left out of its packet; a packet over its bound is left out of the stream. Both are counted as `discarded`.
    """

    def __init__(self, tally: Tally, *, line_bytes: int, packet_bytes: int) -> None:
        self._tally = tally
        self._line_bytes = line_bytes
        self._packet_bytes = packet_bytes
        self._buffer = bytearray()
        self._searched = 0
        self._within_overlong_line = False
        self._lines: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[list[bytes]]:
        """Take what TCP brought; give the packets that it completed, each as its lines without line ends."""
        packets: list[list[bytes]] = []
        self._buffer += data
        start = 0
        while (end := self._buffer.find(_END_OF_LINE, self._searched)) != -1:
            line = bytes(self._buffer[start:end])
            start = self._searched = end + len(_END_OF_LINE)
            if self._within_overlong_line:
                self._within_overlong_line = False
            elif line:
                self._keep(line)
            elif packet := self._finish():
                packets.append(packet)
        del self._buffer[:start]
        # In both lines that follow, the last byte may be the first half of a line end.
        if len(self._buffer) > self._line_bytes + 1:
            self._drop_unfinished_line()
        self._searched = max(0, len(self._buffer) - 1)
        return packets

    def _keep(self, line: bytes) -> None:
        if line.startswith(_BANNER):
            return
        if len(line) > self._line_bytes:
            self._tally.discarded += 1
            return
        self._size += len(line)
        if self._size > self._packet_bytes:
            self._lines.clear()
        else:
            self._lines.append(line)

    def _finish(self) -> list[bytes]:
        lines, size = self._lines, self._size
        self._lines, self._size = [], 0
        if size > self._packet_bytes:
            self._tally.discarded += 1
            return []
        return lines

    def _drop_unfinished_line(self) -> None:
        if not self._within_overlong_line:
            self._within_overlong_line = True
            self._tally.discarded += 1
        del self._buffer[:-1]
