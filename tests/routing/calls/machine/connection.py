"""The router's connection to the modelled exchange: it stands for `Nodes`, and for the one client in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from routing.asterisk.client import Response
from routing.asterisk.events import AmiEvent
from routing.asterisk.headers import Headers
from tests.routing.calls.machine.exchange import NODE, Exchange


class ExchangeClient:
    """The router's connection to the exchange; it stands for `Nodes` and for the one client in it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._callbacks: list[Callable[[AmiEvent], None]] = []

    @property
    def up(self) -> frozenset[str]:
        return frozenset({NODE}) if self._exchange.connected else frozenset()

    def client(self, _node: str) -> ExchangeClient:
        return self

    def subscribe(self, callback: Callable[[AmiEvent], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    async def start(self) -> dict[str, Exception]:
        self.connect()
        return {}

    async def stop(self) -> None:
        self._exchange.cut()

    def connect(self) -> None:
        self._exchange.connected = True
        self._exchange.tell("FullyBooted", Uptime=100)

    def hear(self, event: AmiEvent) -> None:
        for callback in tuple(self._callbacks):
            callback(event)

    async def action(
        self, first: str, second: str = "", /, *, time_limit: float | None = None, **fields: Any
    ) -> Response:
        result = await self._exchange.order(second or first, fields)
        return Response(Headers([("Value", result if isinstance(result, str) else "")]))

    async def action_list(self, name: str, _end: str, /, **fields: Any) -> list[Headers]:
        items: list[Headers] = await self._exchange.order(name, fields)
        return items
