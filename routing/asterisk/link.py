"""One connection to a node, from connect to loss: panoramisk's manager, with its faults cured."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from panoramisk.manager import Manager

from routing.asterisk.errors import AmiDisconnected, AmiLoginFailed, AmiOverloaded, AmiTimeout
from routing.asterisk.headers import Headers
from routing.asterisk.limits import AmiLimits, NodeAddress
from routing.asterisk.pending import Answer, PendingAction
from routing.asterisk.protocol import LinkProtocol
from routing.asterisk.stats import Tally

log = logging.getLogger(__name__)


class AmiLink(Manager):  # type: ignore[misc]  # panoramisk has no annotations.
    """A `Manager` that connects once and never again by itself: what was pending dies with the connection.

    `wanted` names the events that are read at all (None: every one). Callbacks are synchronous, are called in the
    order of the packets, and cannot disturb one another.
    """

    def __init__(
        self,
        address: NodeAddress,
        limits: AmiLimits,
        tally: Tally,
        *,
        wanted: frozenset[str] | None = None,
        on_login: Callable[["AmiLink"], None] = lambda link: None,
        on_disconnect: Callable[["AmiLink", str], None] = lambda link, reason: None,
    ) -> None:
        """Make it on the event loop that it is to live on; nothing connects yet."""
        loop = asyncio.get_running_loop()
        super().__init__(
            host=address.host,
            port=address.port,
            encoding="utf-8",
            loop=loop,
            log=log,
            on_login=on_login,
            on_disconnect=on_disconnect,
            protocol_factory=partial(LinkProtocol, self),
        )
        # The library registers its replay of unanswered actions here: one Originate would dial an elder twice.
        self.patterns.clear()
        self.callbacks.clear()
        self.address = address
        self.limits = limits
        self.tally = tally
        self.lost: asyncio.Future[str] = loop.create_future()
        self._wanted = None if wanted is None else frozenset(b"Event: " + name.encode() for name in wanted)
        self._cut_reason = ""

    async def connect(self) -> None:
        """Connect and log in, in `connect_seconds` each; raise AmiDisconnected or AmiLoginFailed."""
        try:
            async with asyncio.timeout(self.limits.connect_seconds):
                _, self.protocol = await self.loop.create_connection(
                    self.config["protocol_factory"], self.address.host, self.address.port
                )
        except TimeoutError:
            raise AmiDisconnected("the node did not take the connection in time") from None
        except OSError as error:
            raise AmiDisconnected(f"the node cannot be reached: {error.strerror or error}") from error
        try:
            answer = await self._log_in()
        except ValueError as error:
            self.abort("unfit user or secret")
            raise AmiLoginFailed("the user or the secret cannot be sent") from error
        except BaseException:
            self.abort("no login")
            raise
        if not answer.success:
            self.abort("login refused")
            raise AmiLoginFailed(answer.response.text("Message") or "the node refused the login")

    async def _log_in(self) -> Answer:
        fields = {"Username": self.address.user, "Secret": self.address.secret, "Events": "on"}
        try:
            return await self.ask(PendingAction("Login", fields, settled=self._log_in_answered))
        except AmiTimeout:
            raise AmiDisconnected("the node did not answer the login in time", sent=True) from None

    def _log_in_answered(self, answer: Answer) -> None:
        """Tell of the login before the next packet is read, so that no event comes before it."""
        self.authenticated = answer.success
        if answer.success:
            self.on_login(self)

    def send_action(self, action: PendingAction, as_list: bool | None = None, **kwargs: Any) -> Any:
        """Send; give the future of its `Answer`. Raises AmiDisconnected, AmiOverloaded, ValueError."""
        if self.protocol is None:
            raise AmiDisconnected("not connected")
        action.update(kwargs)
        return self.protocol.send(action)

    async def ask(self, action: PendingAction, seconds: float | None = None) -> Answer:
        """Send and wait for the answer; raise AmiTimeout after the time limit (default `action_seconds`)."""
        limit = self.limits.action_seconds if seconds is None else seconds
        future: asyncio.Future[Answer] = self.send_action(action)
        try:
            async with asyncio.timeout(limit):
                return await future
        except TimeoutError:
            self.tally.timeouts += 1
            raise AmiTimeout(f"{action['Action']}: no answer within {limit:g} s") from None
        finally:
            self.protocol.forget(action)

    async def keep_alive(self) -> None:
        """Ping until the connection is lost; a missing pong cuts it. Returns when it is lost."""
        while not self.lost.done():
            await asyncio.wait([self.lost], timeout=self.limits.ping_every_seconds)
            with suppress(AmiDisconnected, AmiOverloaded):
                if not await self._pong():
                    self.abort(f"no pong within {self.limits.pong_within_seconds:g} s")
        await self.lost

    async def _pong(self) -> bool:
        """Ping, and tell whether the node answered: within one wait, or within `pong_waits` while it is heard."""
        ping = PendingAction("Ping", {})
        answer: asyncio.Future[Answer] = self.send_action(ping)
        try:
            for _ in range(self.limits.pong_waits):
                packets = self.protocol.packets
                done, _waiting = await asyncio.wait([answer], timeout=self.limits.pong_within_seconds)
                if done:
                    answer.result()
                    return True
                self.tally.timeouts += 1
                if self.protocol.packets == packets:
                    break
            return False
        finally:
            self.protocol.forget(ping)

    def wants(self, lines: list[bytes]) -> bool:
        """Whether a packet is worth reading: a wanted event, or an answer."""
        if self._wanted is None or not lines[0].startswith(b"Event: ") or lines[0] in self._wanted:
            return True
        return any(line.startswith(b"ActionID: ") for line in lines)

    def dispatch(self, event: Headers) -> list[str]:
        """Call every callback whose pattern the event's name matches; what one raises is logged and counted."""
        name = event.text("Event")
        matches = [pattern for pattern, regexp in self.patterns if regexp.match(name)]
        for pattern in matches:
            for callback in self.callbacks[pattern]:
                try:
                    callback(self, event)
                except Exception:  # A subscriber's fault must cost nobody else an event.
                    self.tally.callback_errors += 1
                    log.exception("%s: a callback failed on %s", self.address.name, name)
        return matches

    def abort(self, reason: str) -> None:
        """Cut at once, without waiting for a dead peer to take what is still unsent."""
        self._cut_reason = reason
        if self.protocol is not None:
            self.protocol.transport.abort()
            self.protocol.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell of the loss, once."""
        if self.lost.done():
            return
        reason = self._cut_reason or (type(exc).__name__ if exc else "the node closed the connection")
        self.lost.set_result(reason)
        if self.authenticated:
            self.on_disconnect(self, reason)

    async def send_awaiting_actions(self, *_: object) -> None:
        """Replay nothing, ever, whoever asks."""
