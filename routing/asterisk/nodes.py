"""All the nodes of a hotline: one client each, one stream of events, actions by the node's name."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from routing.asterisk.client import AmiClient, Callback, Response
from routing.asterisk.errors import AmiError
from routing.asterisk.events import Clock, system_clock
from routing.asterisk.limits import AmiLimits, NodeAddress
from routing.asterisk.pending import Field
from routing.asterisk.stats import AmiStats
from routing.histogram import Spread

__all__ = ["NodeAddress", "NodeUnknown", "Nodes"]


class NodeUnknown(AmiError):
    """No node of this name is configured."""


class Nodes:
    """A client for each configured node. A node that is down costs its own calls only; its client keeps trying."""

    def __init__(
        self, addresses: Iterable[NodeAddress], *, limits: AmiLimits | None = None, clock: Clock = system_clock
    ) -> None:
        """Raise ValueError when two nodes have one name, or when there is none."""
        self._clients: dict[str, AmiClient] = {}
        for address in addresses:
            if address.name in self._clients:
                raise ValueError(f"two nodes are called {address.name}")
            self._clients[address.name] = AmiClient(address, limits=limits, clock=clock)
        if not self._clients:
            raise ValueError("a hotline needs at least one node")

    @property
    def names(self) -> tuple[str, ...]:
        """The configured nodes, in their order."""
        return tuple(self._clients)

    @property
    def up(self) -> frozenset[str]:
        """The nodes that we are logged in to now."""
        return frozenset(name for name, client in self._clients.items() if client.up)

    @property
    def stats(self) -> Mapping[str, AmiStats]:
        """Each client's counts by node."""
        return {name: client.stats for name, client in self._clients.items()}

    @property
    def lag(self) -> Spread:
        """How long after their stamping the events of all nodes were handled."""
        return sum((client.lag for client in self._clients.values()), Spread({}, 0.0))

    async def start(self) -> Mapping[str, AmiError]:
        """Connect to all nodes at once; give those that failed with their error, while their clients keep trying.

        It never raises for a node that is down or refuses us: the others can answer calls. Whether none is too few is
        for the caller to say.
        """
        outcomes = await asyncio.gather(*(self._start(client) for client in self._clients.values()))
        return {name: error for name, error in zip(self._clients, outcomes, strict=True) if error is not None}

    async def stop(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(client.stop() for client in self._clients.values()))

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Call `callback` with every event of every node, in order by node; give back what ends that."""
        undo = [client.subscribe(callback) for client in self._clients.values()]

        def unsubscribe() -> None:
            for end in undo:
                end()

        return unsubscribe

    def client(self, node: str) -> AmiClient:
        """The node's client; raise NodeUnknown for a name that is not configured."""
        try:
            return self._clients[node]
        except KeyError:
            raise NodeUnknown(f"no node is called {node!r}") from None

    async def action(self, node: str, name: str, /, *, time_limit: float | None = None, **fields: Field) -> Response:
        """Send an action to one node; raises as `AmiClient.action` does, and NodeUnknown."""
        return await self.client(node).action(name, time_limit=time_limit, **fields)

    @staticmethod
    async def _start(client: AmiClient) -> AmiError | None:
        try:
            await client.start()
        except AmiError as error:
            return error
        return None
