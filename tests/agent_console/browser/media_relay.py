"""A piece of network for the sound between a browser and Asterisk, as a router with address translation is one: a test
drops what goes through it, in either direction, while the signalling goes its own way."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from tests.ports import free_udp_block

_HERE = "127.0.0.1"
_PORTS = 100
_THROUGH = """
  // All sound goes through the relay: Asterisk's addresses are the relay's here, and ours are told to nobody.
  const setRemote = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    const shifted = (_, head, port) => `${head}127.0.0.1 ${Number(port) + SHIFT}`;
    const there = sdp.replace(/^(a=candidate:\\S+ \\d+ udp \\d+ )\\S+ (\\d+)/gim, shifted);
    return setRemote.call(this, { type, sdp: there });
  };
  const local = Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, "localDescription");
  Object.defineProperty(RTCPeerConnection.prototype, "localDescription", { ...local, get() {
    const given = local.get.call(this);
    const hidden = (_, head, port) => `${head}127.0.0.9 ${port}`; // Other ports are other ways, though nobody is there.
    const here = given?.sdp.replace(/^(a=candidate:\\S+ \\d+ \\S+ \\d+ )\\S+ (\\d+)/gim, hidden);
    return given && { type: given.type, sdp: here };
  } });
"""


@dataclass(eq=False)
class _Path:
    """From one address of a browser to one port of Asterisk's."""

    outside: socket.socket
    browser: tuple[str, int]
    front: socket.socket
    dead: bool = False


class MediaRelay:
    """Listens for each of Asterisk's ports for sound at one of its own. Asterisk is to take those of `settings`."""

    def __init__(self) -> None:
        first, base = free_udp_block(_PORTS), free_udp_block(_PORTS)
        self.settings = {"rtp_first": first, "rtp_last": first + _PORTS - 1}
        self.script = "{" + _THROUGH.replace("SHIFT", str(base - first)) + "}"
        """To be run in a page before its own scripts."""
        self.to_browser = self.to_asterisk = True
        """Whether sound passes in these directions."""
        self._paths: dict[tuple[int, tuple[str, int]], _Path] = {}
        self._selector = selectors.DefaultSelector()
        self._closed = False
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        for each in range(_PORTS):
            front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            front.bind((_HERE, base + each))
            self._selector.register(front, selectors.EVENT_READ, first + each)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        self.to_browser = self.to_asterisk = False

    def mend(self) -> None:
        self.to_browser = self.to_asterisk = True

    def forget_paths(self) -> None:
        """Whatever was open is dead, as after a router's restart or a change of network: a new one is to be opened."""
        for each in list(self._paths.values()):
            each.dead = True

    def close(self) -> None:
        self._closed = True
        self._wake.send(b".")
        self._thread.join(10)
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._wake.close()
        self._selector.close()

    def _run(self) -> None:
        while not self._closed:
            for key, _ in self._selector.select():
                with contextlib.suppress(OSError):  # A browser that has closed its end.
                    self._pass(key)

    def _pass(self, key: selectors.SelectorKey) -> None:
        at = key.fileobj
        assert isinstance(at, socket.socket)
        if isinstance(key.data, _Path):
            data = at.recv(65_536)
            if self.to_browser and not key.data.dead:
                key.data.front.sendto(data, key.data.browser)
        elif isinstance(key.data, int):
            data, browser = at.recvfrom(65_536)
            path = self._paths.get((key.data, browser)) or self._open(at, key.data, browser)
            if self.to_asterisk and not path.dead:
                path.outside.send(data)

    def _open(self, front: socket.socket, port: int, browser: tuple[str, int]) -> _Path:
        outside = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        outside.connect((_HERE, port))
        path = self._paths[port, browser] = _Path(outside, browser, front)
        self._selector.register(outside, selectors.EVENT_READ, path)
        return path


@contextlib.contextmanager
def running_media_relay() -> Iterator[MediaRelay]:
    """A relay, as long as the block lasts."""
    relay = MediaRelay()
    try:
        yield relay
    finally:
        relay.close()
