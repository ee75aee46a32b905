"""What the console needs from the rest of the hotline. The composition root makes it; views find it on their app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from flask import current_app
from redis import Redis

from db.encryption import FieldCipher
from db.session import UnitOfWork
from routing.calls.agents import AgentBoard
from routing.calls.tickets import Tickets
from routing.orders.cases import Cases
from routing.orders.service import Orders
from routing.settings import Settings


@dataclass(frozen=True)
class PartHealth:
    """How one part of the hotline is; `detail` is a sentence for whoever looks after it, without personal data."""

    ok: bool
    detail: str = ""


Health = Callable[[], Mapping[str, PartHealth]]
"""Looks at every part, by name; answers within a few seconds and never raises."""


class ReceivesSms(Protocol):
    """Takes incoming messages."""

    def received(self, *, key: str, number: str, text: str, to: str, at: datetime) -> object:
        """Store a message and act on it, once per key. `number` is as the carrier gave it."""


@dataclass(frozen=True)
class ConsoleServices:
    """Everything that views call. Threads share it."""

    settings: Settings
    unit_of_work: UnitOfWork
    cipher: FieldCipher
    redis: Redis
    clock: Callable[[], datetime]
    """Aware instants."""
    health: Health
    orders: Orders
    cases: Cases
    sms: ReceivesSms
    board: AgentBoard
    tickets: Tickets


_KEY = "elderline"


def attach(services: ConsoleServices, extensions: dict[str, Any]) -> None:
    """Put the services where `console_services` finds them."""
    extensions[_KEY] = services


def console_services() -> ConsoleServices:
    """Give the services of the current application."""
    return cast(ConsoleServices, current_app.extensions[_KEY])
