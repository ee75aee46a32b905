"""The reading and writing of one connection: panoramisk's protocol, with its faults cured."""

import asyncio
from typing import Protocol

from panoramisk.ami_protocol import AMIProtocol

from routing.asterisk.errors import AmiDisconnected, AmiOverloaded
from routing.asterisk.headers import Headers
from routing.asterisk.limits import AmiLimits
from routing.asterisk.pending import Answer, PendingAction
from routing.asterisk.stats import Tally
from routing.asterisk.wire import PacketReader

# A node that reads nothing must not grow our memory; a thousand long actions fit in this.
_UNSENT_BYTES = 1_048_576


class Link(Protocol):
    """What the reading and writing needs of the connection that it serves."""

    limits: AmiLimits
    tally: Tally
    authenticated: bool

    def wants(self, lines: list[bytes]) -> bool:
        """Whether a packet is worth reading."""

    def dispatch(self, event: Headers) -> list[str]:
        """Give an event to whoever subscribed to it."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Learn that the transport is gone."""


class LinkProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no annotations.
    """Reads packets whole, answers actions by their id, and fails what is pending when the connection goes."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.packets = 0
        """How many came whole: while they come the node lives, whatever it has not answered yet."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to read."""
        super().connection_made(transport)
        self.factory = self._link
        limits = self._link.limits
        self._reader = PacketReader(self._link.tally, line_bytes=limits.line_bytes, packet_bytes=limits.packet_bytes)

    def send(self, data: PendingAction, as_list: bool | None = None) -> "asyncio.Future[Answer]":
        """Write an action; `as_list` is the library's and has no meaning here, where each action knows its own end."""
        if self.closed or self.transport.is_closing():
            raise AmiDisconnected("the connection is closed")
        unsent = self.transport.get_write_buffer_size()
        if len(self.responses) >= self._link.limits.pending_actions or unsent > _UNSENT_BYTES:
            raise AmiOverloaded(f"{len(self.responses)} actions are pending and {unsent} bytes unsent")
        if data.action_id in self.responses:
            raise ValueError("an action with this id is pending already")
        data.refuse_unsafe()
        self.responses[data.action_id] = data
        self.transport.write(str(data).encode())
        future: asyncio.Future[Answer] = data.future
        return future

    def forget(self, action: PendingAction) -> None:
        """Wait for this action no longer; an answer that comes late is dropped."""
        self.responses.pop(action.action_id, None)

    def data_received(self, data: bytes) -> None:
        """Take what TCP brought. An event that nobody wants is dropped before it is decoded."""
        for lines in self._reader.feed(data):
            self.packets += 1
            if self._link.wants(lines):
                self.handle_message(Headers.from_lines(line.decode(errors="replace") for line in lines))

    def handle_message(self, message: Headers) -> None:
        """Give a packet to the action that it answers, or else to the subscribers if it is an event."""
        action = self.responses.get(message.text("ActionID"))
        if action is not None and action.takes(message):
            if action.add_message(message):
                self.forget(action)
        elif "Event" in message and self._link.authenticated:
            self._link.dispatch(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone, by whosever wish."""
        self.close()
        self._link.connection_lost(exc)

    def close(self) -> None:
        """Close, and fail what is pending: whether the node acted on it is not known, so it is never sent again."""
        self.closed = True
        pending = list(self.responses.values())
        self.responses.clear()
        for action in pending:
            if not action.future.done():
                action.future.set_exception(AmiDisconnected("cut before the answer came", sent=True))
                # Whoever gave up waiting has no use for the exception.
                action.future.exception()
        self.transport.close()
