"""The tickets as flows and console see them: ask for a person, see who waits. The router alone changes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from routing.calls import keys
from routing.calls.messages import (
    COMMANDS,
    EndTicket,
    HangUpCall,
    Message,
    OpenTicket,
    TicketEnd,
    WithdrawCall,
    encode,
)
from routing.calls.promise_messages import CancelPromise, DeferPromise, PromiseCall
from routing.calls.records import PlacedCall, PlacedStage, Ticket, from_json, read_all, to_json

if TYPE_CHECKING:
    from redis import Redis


class Tickets:
    """Tickets in Redis, for threads. Each method may raise redis.RedisError; a flow then goes to the fallback."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @property
    def redis(self) -> Redis:
        """Where they are kept, for what lies beside them."""
        return self._redis

    def open(self, command: OpenTicket) -> None:
        """Hand a need to the router. Opening the same ticket twice is the same as once."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hsetnx(keys.TICKETS, command.ticket_id, to_json(Ticket.opened(command)))
            pipe.xadd(COMMANDS, {"message": encode(command)}, maxlen=keys.COMMANDS_MOST, approximate=True)
            pipe.execute()

    def end(self, ticket_id: str, end: TicketEnd) -> None:
        """Tell the router that nobody is needed any more."""
        send(self._redis, EndTicket(ticket_id, end))

    def promise(self, ticket_id: str, promise: Ticket) -> None:
        """Ask the router to call back whoever waits on this ticket; the promise keeps its place."""
        send(self._redis, PromiseCall(ticket_id, to_json(promise)))

    def defer(self, promise_id: str, until: float) -> None:
        """Ask the router not to make a promised call before a moment (an epoch)."""
        send(self._redis, DeferPromise(promise_id, until))

    def cancel_promise(self, promise_id: str, by: str) -> None:
        """Ask the router not to make a promised call any more."""
        send(self._redis, CancelPromise(promise_id, by))

    def hang_up(self, call_id: str, by: str = "") -> None:
        """Ask the router to end a call."""
        send(self._redis, HangUpCall(call_id, by))

    def get(self, ticket_id: str) -> Ticket | None:
        """Give a ticket that has not ended; None for any other."""
        text = self._redis.hget(keys.TICKETS, ticket_id)
        return None if text is None else from_json(Ticket, text)

    def waiting(self) -> tuple[Ticket, ...]:
        """Give all tickets that wait for a person or ring somewhere, the longest waiting first."""
        return read_tickets(cast("dict[Any, str | bytes]", self._redis.hgetall(keys.TICKETS)))


def send(redis: Redis, command: Message) -> None:
    """Put a command on the router's stream. Raises redis.RedisError."""
    redis.xadd(COMMANDS, {"message": encode(command)}, maxlen=keys.COMMANDS_MOST, approximate=True)


def withdraw(redis: Redis, cause: str) -> None:
    """Have an automatic call not made: its claim is taken, so that no router dials it, whenever it learns of it. One
    that rings already is ended. Raises redis.RedisError."""
    redis.set(keys.CLAIM + cause, json.dumps({"outcome": "withdrawn"}), nx=True, ex=keys.CLAIM_SECONDS)
    send(redis, WithdrawCall(cause))


def living_calls(redis: Redis) -> tuple[PlacedCall, ...]:
    """Give the automatic calls that wait to be dialled, ring, or are talked on. Raises redis.RedisError."""
    stored = cast("dict[Any, str | bytes]", redis.hgetall(keys.PLACED))
    return tuple(call for call in read_all(PlacedCall, stored.values()) if call.stage is not PlacedStage.ENDED)


def read_tickets(stored: dict[Any, str | bytes]) -> tuple[Ticket, ...]:
    """Read the hash of tickets; an entry that cannot be read is logged and left out, so that it hides no other."""
    return tuple(sorted(read_all(Ticket, stored.values()), key=lambda ticket: (ticket.joined_at, ticket.ticket_id)))
