"""What offering needs to know of promised call-backs; `promises.Promises` is the real one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from routing.calls.policy import Waiting
from routing.calls.records import Ticket


class PromisedTickets(Protocol):
    """The promises among the tickets."""

    ring_seconds: float
    """How long an agent stays reserved while the person is dialled and greeted, at the most."""

    def due(self, now: float) -> Collection[str]:
        """Give the ids of promises whose people may be dialled now, if an agent is reserved for each."""

    def dial(self, ticket: Ticket) -> None:
        """An agent is reserved and sees the record: dial the person."""

    def reached(self, ticket: Ticket, node: str, channel: str, caller_class: str) -> None:
        """The person has answered, was greeted, and is in hold on this channel."""

    def lost(self, ticket: Ticket) -> None:
        """The person answered, and is gone before any agent did."""

    def give_way(self, held: Sequence[Waiting]) -> bool:
        """Let an agent who is reserved for a promise go, if an SOS is held; tell whether that was done."""
