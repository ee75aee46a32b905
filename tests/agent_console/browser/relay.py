"""A piece of network between a browser and Asterisk's WebSocket, which a test cuts and mends."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

from tests.ports import free_port


class Relay:
    """Passes on what comes. `cut` ends all connections and refuses new ones, until `mend`."""

    def __init__(self, port: int) -> None:
        self.target: Callable[[], tuple[str, int]] = lambda: ("127.0.0.1", 0)
        self._refuses = False
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def mend(self) -> None:
        self._refuses = False

    def cut(self) -> None:
        self._refuses = True
        for each in list(self._ends):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        with browser, contextlib.suppress(OSError):
            if self._refuses:
                return
            with socket.create_connection(self.target()) as asterisk:
                self._ends |= {browser, asterisk}
                back = threading.Thread(target=self._pump, args=(asterisk, browser), daemon=True)
                back.start()
                self._pump(browser, asterisk)
                back.join()
                self._ends -= {browser, asterisk}

    def _pump(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(65_536):
                there.sendall(data)
        for each in (here, there):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def running_relay() -> Iterator[tuple[Relay, int]]:
    """A relay and its port, as long as the block lasts."""
    port = free_port()
    relay = Relay(port)
    try:
        yield relay, port
    finally:
        relay.close()
