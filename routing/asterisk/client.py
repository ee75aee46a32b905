"""The manager client that the router holds for each node: actions, events, and a connection that comes back."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom

from routing.asterisk.errors import AmiDisconnected, AmiError, AmiLoginFailed, AmiRefused
from routing.asterisk.events import AmiEvent, Clock, Connected, Disconnected, Reconnected, system_clock
from routing.asterisk.headers import Headers
from routing.asterisk.limits import AmiLimits, NodeAddress
from routing.asterisk.link import AmiLink
from routing.asterisk.parsing import WANTED, parse
from routing.asterisk.pending import Answer, Field, PendingAction
from routing.asterisk.stats import AmiStats, Tally
from routing.histogram import Histogram, Spread

log = logging.getLogger(__name__)

Callback = Callable[[AmiEvent], None]


@dataclass(frozen=True, slots=True)
class Response:
    """A node's `Response: Success`."""

    headers: Headers

    @property
    def message(self) -> str:
        """The node's own sentence, such as "Originate successfully queued"."""
        return self.headers.text("Message")

    @property
    def output(self) -> tuple[str, ...]:
        """The lines that a `Command` printed."""
        return self.headers.all("Output")


class AmiClient:
    """Actions with a time limit, events in order, and a connection that is kept up until `stop`.

    All of it belongs to one event loop. Nothing is ever sent twice: an action that was cut off raises
    `AmiDisconnected` with `sent` True, and its caller finds out what became of it.
    """

    def __init__(
        self,
        address: NodeAddress,
        *,
        limits: AmiLimits | None = None,
        clock: Clock = system_clock,
        chance: Callable[[], float] | None = None,
    ) -> None:
        """`chance` gives the jitter of reconnects, from 0 to 1; the machine's own randomness by default."""
        self._address = address
        self._limits = limits or AmiLimits()
        self._clock = clock
        self._chance = chance or SystemRandom().random
        self._tally = Tally()
        self._lag = Histogram()
        self._callbacks: list[Callback] = []
        self._link: AmiLink | None = None
        self._task: asyncio.Task[None] | None = None
        self._first: asyncio.Future[None] | None = None
        self._been_up = False

    @property
    def node(self) -> str:
        """The node's name."""
        return self._address.name

    @property
    def up(self) -> bool:
        """Whether we are logged in right now."""
        return self._link is not None

    @property
    def stats(self) -> AmiStats:
        """The counts so far."""
        return self._tally.snapshot()

    @property
    def lag(self) -> Spread:
        """How late we handled the events so far: from the node's stamping to the return of the last callback.

        A node on another machine tells the difference of the two clocks with it.
        """
        return self._lag.snapshot()

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Call `callback` with every event from now on, in order, on the event loop; give back what ends that.

        It must not block. An exception from it is logged and counted, and costs nobody else an event.
        """
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    async def start(self) -> None:
        """Connect and log in; from then on the connection is kept up until `stop`.

        Raises AmiLoginFailed or AmiDisconnected if the first attempt fails. The attempts go on even then (slowly after
        a refused login), because a node may come up after us; a caller to whom that is fatal calls `stop`.
        """
        if self._task is not None:
            raise RuntimeError("the client has been started already")
        first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._first = first
        self._task = asyncio.create_task(self._keep_connected(), name=f"ami-{self.node}")
        await asyncio.shield(first)

    async def stop(self) -> None:
        """Close the connection and end the attempts; pending actions raise AmiDisconnected. Safe to call twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
            self._link = None

    async def action(self, name: str, /, *, time_limit: float | None = None, **fields: Field) -> Response:
        """Send an action and give the node's answer.

        `time_limit` is in seconds (default `action_seconds`). Raises AmiTimeout, AmiRefused, AmiDisconnected,
        AmiOverloaded, and ValueError for what must not go on the wire.
        """
        return Response((await self._ask(PendingAction(name, fields), time_limit)).response)

    async def action_list(
        self, name: str, end_event: str, /, *, time_limit: float | None = None, **fields: Field
    ) -> list[Headers]:
        """Send an action that answers with a list, and give the list's items without `end_event`, which ends it.

        Raises as `action` does; a list of more than `list_items` raises AmiOverloaded.
        """
        action = PendingAction(name, fields, end_event=end_event, most_items=self._limits.list_items)
        answer = await self._ask(action, time_limit)
        return [item for item in answer.items if item.text("Event").lower() != end_event.lower()]

    async def _ask(self, action: PendingAction, time_limit: float | None) -> Answer:
        if self._link is None:
            raise AmiDisconnected(f"{self.node} is not connected")
        answer = await self._link.ask(action, time_limit)
        if not answer.success:
            self._tally.refused += 1
            raise AmiRefused(action["Action"], answer.response.text("Message"))
        return answer

    async def _keep_connected(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            link = self._new_link()
            began = loop.time()
            refused = False
            try:
                await link.connect()
                self._settle_first(None)
                await link.keep_alive()
            except AmiLoginFailed as error:
                refused = True
                log.log(logging.ERROR, "%s refused our login: %s", self.node, error)
                self._settle_first(error)
            except AmiDisconnected as error:
                # One line when a node goes is enough to warn; the attempts that follow are for those who look closer.
                log.log(logging.WARNING if failures <= 1 else logging.INFO, "%s: %s", self.node, error)
                self._settle_first(error)
            except Exception as error:  # A fault of ours must not leave the hotline without its node.
                log.exception("%s: the connection failed in a way not foreseen", self.node)
                self._settle_first(AmiDisconnected(str(error)))
            finally:
                link.abort("stopped")
            failures = 0 if loop.time() - began >= self._limits.settled_after_seconds else failures + 1
            await asyncio.sleep(self._limits.login_retry_seconds if refused else self._delay(failures))

    def _new_link(self) -> AmiLink:
        link = AmiLink(
            self._address,
            self._limits,
            self._tally,
            wanted=WANTED,
            on_login=self._came_up,
            on_disconnect=self._went_down,
        )
        link.register_event("*", self._event_read)
        return link

    def _delay(self, failures: int) -> float:
        """Seconds until the next attempt: doubling up to its bound, less up to half by chance."""
        doubled = self._limits.reconnect_first_seconds * 2.0 ** min(failures, 16)
        return min(self._limits.reconnect_most_seconds, doubled) * (1 - self._chance() / 2)

    def _settle_first(self, error: AmiError | None) -> None:
        if self._first is None or self._first.done():
            return
        if error is None:
            self._first.set_result(None)
        else:
            self._first.set_exception(error)

    def _came_up(self, link: AmiLink) -> None:
        self._link = link
        again, self._been_up = self._been_up, True
        self._tally.reconnects += again
        log.info("%s: logged in", self.node)
        self._publish((Reconnected if again else Connected)(node=self.node, at=self._clock()))

    def _went_down(self, link: AmiLink, reason: str) -> None:
        self._link = None
        if self._task is None:
            return
        log.warning("%s: connection lost: %s", self.node, reason)
        self._publish(Disconnected(node=self.node, at=self._clock(), reason=reason))

    def _event_read(self, link: AmiLink, headers: Headers) -> None:
        event = parse(headers, self.node, self._clock())
        if event is None:
            return
        self._publish(event)
        if (stamped := headers.moment("Timestamp")) is not None:
            self._lag.observe(self._clock().wall.timestamp() - stamped)

    def _publish(self, event: AmiEvent) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback(event)
            except Exception:
                self._tally.callback_errors += 1
                log.exception("%s: a subscriber failed on %s", self.node, type(event).__name__)
