"""A node played by the tests: it speaks the manager's bytes over loopback, and answers as it is told."""

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from routing.asterisk.headers import Headers
from routing.asterisk.limits import NodeAddress

USER, SECRET = "elderline", "a secret of the tests"

Packet = bytes
Answerer = Callable[[Headers], Sequence[Packet]]
"""Takes an action, gives the packets to answer with; none at all is silence."""


def packet(*pairs: tuple[str, str], **headers: str | int) -> Packet:
    """The bytes of one packet, headers in the order given; pairs come first and may repeat a name."""
    lines = [f"{name}: {value}" for name, value in (*pairs, *headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def success(action: Headers, **headers: str | int) -> Packet:
    """`Response: Success` to this action."""
    return packet(Response="Success", ActionID=action.text("ActionID"), **headers)


def error(action: Headers, message: str) -> Packet:
    """`Response: Error` to this action."""
    return packet(Response="Error", ActionID=action.text("ActionID"), Message=message)


def listing(end_event: str, *items: dict[str, str]) -> Answerer:
    """An answerer for list actions: each item is the headers of one event, `Event` among them."""

    def answer(action: Headers) -> list[Packet]:
        ids = {"ActionID": action.text("ActionID")}
        return [
            success(action, EventList="start", Message="A list will follow"),
            *(packet(**(item | ids)) for item in items),
            packet(Event=end_event, **ids, EventList="Complete", ListItems=len(items)),
        ]

    return answer


def silence(action: Headers) -> list[Packet]:
    """An answerer that never answers."""
    return []


class FakeAmi:
    """`async with FakeAmi() as node:` listens on a free port of loopback until the block ends.

    What it was sent is in `actions`, in order, over all connections. Login and Ping are answered as a node does;
    every other action succeeds unless `answer` says otherwise.
    """

    def __init__(self, port: int = 0, *, login: bool = True) -> None:
        self.port = port
        self.actions: list[Headers] = []
        self.logins = 0
        self.connections = 0
        self.hung_up = 0
        self.fully_booted = True
        self._answers_login = login
        self._answers: dict[str, Answerer] = {}
        self._writers: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def listen(self) -> None:
        """Begin to listen, on the same port as before if it has listened already."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and cut every connection, as a node that dies."""
        if self._server is not None:
            self._server.close()
            self._server = None
        await self.cut()

    def address(self, name: str = "node1", *, secret: str = SECRET) -> NodeAddress:
        """Where it listens, as the client takes it."""
        return NodeAddress(name=name, host="127.0.0.1", port=self.port, user=USER, secret=secret)

    def answer(self, action: str, answerer: Answerer) -> None:
        """Answer this action so from now on."""
        self._answers[action.lower()] = answerer

    async def push(self, event: str, **headers: str | int) -> None:
        """Send an event to all who are connected."""
        await self.push_bytes(packet(Event=event, **headers))

    async def push_bytes(self, *pieces: bytes) -> None:
        """Send these bytes; each piece is a TCP segment of its own."""
        for piece in pieces:
            for writer in tuple(self._writers):
                writer.write(piece)
                await writer.drain()
            if len(pieces) > 1:
                # Nothing tells when the peer has read a segment, so give its loop and ours a turn.
                await asyncio.sleep(0.02)

    async def cut(self) -> None:
        """Cut every connection, without a word."""
        for writer in tuple(self._writers):
            writer.transport.abort()
        await self.until(lambda: not self._writers)

    async def received(self, action: str, count: int = 1) -> list[Headers]:
        """Wait until this action has come so often; give all of its kind."""
        await self.until(lambda: len(self.sent(action)) >= count)
        return self.sent(action)

    def sent(self, action: str) -> list[Headers]:
        """The actions of this kind that have come so far."""
        return [sent for sent in self.actions if sent.text("Action").lower() == action.lower()]

    async def until(self, holds: Callable[[], bool], within: float = 10.0) -> None:
        """Wait until something holds; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(holds)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        await self._note(connections=1)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = Headers.from_lines(text.split("\r\n"))
                self.actions.append(action)
                for reply in self._replies(action):
                    writer.write(reply)
                await self._note()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            self.hung_up += 1
            writer.close()
            await self._note()

    async def _note(self, connections: int = 0) -> None:
        async with self._changed:
            self.connections += connections
            self._changed.notify_all()

    def _replies(self, action: Headers) -> Sequence[Packet]:
        name = action.text("Action").lower()
        if name in self._answers:
            return self._answers[name](action)
        if name == "login":
            return self._log_in(action)
        if name == "ping":
            return [success(action, Ping="Pong", Timestamp="1700000000.000000")]
        if name == "originate":
            return [success(action, Message="Originate successfully queued")]
        return [success(action)]

    def _log_in(self, action: Headers) -> Sequence[Packet]:
        if not self._answers_login:
            return []
        if (action.text("Username"), action.text("Secret")) != (USER, SECRET):
            return [error(action, "Authentication failed")]
        self.logins += 1
        accepted = success(action, Message="Authentication accepted")
        if not self.fully_booted:
            return [accepted]
        # A node writes both at once, and a client must cope with both in one read.
        return [accepted + packet(Event="FullyBooted", Privilege="system,all", Uptime=100, Status="Fully Booted")]
