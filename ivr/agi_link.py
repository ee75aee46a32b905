"""The wire under AGI: lines of text over a socket, in the shape of the text streams that pyst2 expects.

Every read has a limit in time and in size, so that neither a silent nor a talkative peer can hold a thread for ever.
"""

import contextlib
import socket
import time

RECEIVE_BYTES = 8192
LINE_BYTES = 65_536  # Longer than any channel variable that Asterisk hands out (its own buffers end at 8 kB).


class LineTooLong(ValueError):
    """The peer sent a line without end; what follows cannot be trusted."""


class AgiLink:
    """A connected socket read and written as lines. Not shared by threads, except `cut`."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._received = bytearray()
        self.silent = True
        """Whether the peer has not sent a single byte: a probe, mostly."""
        self._deadline = time.monotonic() + seconds
        self._timeout = seconds
        sock.settimeout(seconds)

    def limit(self, seconds: float) -> None:
        """All that is read from now on must have come within so many seconds (until the next call of this)."""
        self._deadline = time.monotonic() + seconds
        if seconds > 2 * self._timeout:
            self._set_timeout(seconds)

    def readline(self) -> str:
        """One line with its end, "" at the end of the stream. Raises TimeoutError, LineTooLong, OSError."""
        while (end := self._received.find(b"\n")) < 0:
            if len(self._received) > LINE_BYTES:
                raise LineTooLong(f"more than {LINE_BYTES} bytes without the end of a line")
            chunk = self._receive()
            if not chunk:
                rest = bytes(self._received)
                self._received.clear()
                return rest.decode("utf-8", "replace")
            self._received += chunk
        line = self._received[: end + 1].decode("utf-8", "replace")
        del self._received[: end + 1]
        return line

    def write(self, text: str) -> None:
        """Send at once. Raises OSError (a broken pipe among them) and TimeoutError."""
        self._sock.sendall(text.encode())

    def flush(self) -> None:
        """Nothing is held back; pyst2 asks for it all the same."""

    def cut(self) -> None:
        """End the stream in both directions, from any thread: whoever reads or writes sees its end."""
        with contextlib.suppress(OSError):  # The peer was faster.
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the stream and give the descriptor back; for the thread that uses it. Closing twice is no error."""
        self.cut()
        self._sock.close()

    def _receive(self) -> bytes:
        """The next bytes before the deadline. The socket's own timeout is a system call to set, so it stays as it is
        while it is about right, and its end is not yet ours."""
        while (left := self._deadline - time.monotonic()) > 0:
            if self._timeout > 1.1 * left:
                self._set_timeout(left)
            try:
                chunk = self._sock.recv(RECEIVE_BYTES)
            except TimeoutError:
                continue
            self.silent = self.silent and not chunk
            return chunk
        raise TimeoutError("the time for an answer is over")

    def _set_timeout(self, seconds: float) -> None:
        self._timeout = seconds
        self._sock.settimeout(seconds)
