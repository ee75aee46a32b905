"""Call-backs in conversations: the place of a caller in hold, the promise to call back, and the promise that stands."""

from __future__ import annotations

import uuid
from dataclasses import replace

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from ivr.flows.desk import CallDesk
from ivr.flows.patience import TooSlow
from routing.calls.records import RecordError, Ticket, TicketStage
from routing.numbers import as_dialled, dialable

log = structlog.get_logger(__name__)

ON_THE_LINE_SECONDS = 60.0
"""Whoever calls while we owe them a call is not dialled meanwhile; after that they have decided, or hung up."""


class Promising:
    """What a conversation knows and says of tickets and promises. Needs Redis; the database may be away."""

    def __init__(self, desk: CallDesk) -> None:
        self._desk = desk
        self._services = desk.services

    def ticket(self) -> Ticket | None:
        """Give the ticket that the call came with; None when it has none, or nobody can tell now."""
        try:
            return self._services.tickets.get(self._desk.facts.arguments.get("ref", ""))
        except (RedisError, RecordError) as error:
            log.warning("promising.no_ticket", error=type(error).__name__)
            return None

    def number(self) -> str | None:
        """Give the caller's own number, if it is one that we can call."""
        own = self._desk.caller.number
        return self.dialable(own) if own else None

    def dialable(self, raw: str) -> str | None:
        """Give the E.164 form of a number that we can call; None for any other."""
        return dialable(raw, self._services.country, self._services.area_code)

    def as_read(self, number: str) -> str:
        """Give the digits by which a caller knows their number."""
        return as_dialled(number, self._services.country)

    def promise(self, ticket: Ticket, number: str) -> str:
        """Promise to call back, and give the promise's id. It is written down before the router hears of it.

        While the database is away Redis keeps it, and the router has it written later. Raises PromisedAlready, and
        redis.RedisError when the router cannot be told.
        """
        now = self._services.clock().timestamp()
        promise = replace(
            ticket, ticket_id=f"promise-{uuid.uuid4().hex}", promised=True, number=number, promised_in=ticket.call_id,
            instead_of=ticket.ticket_id, node="", channel="", stage=TicketStage.HELD, offered_to=None, attempts=0,
            not_before=0.0, answer_by=now, dials=0, told_at=0.0, told_ahead=None, told_seconds=None, told_soon=False,
        )  # fmt: skip
        try:
            self._services.promises.make(promise)
        except SQLAlchemyError as error:
            log.warning("promising.written_later", error=type(error).__name__)
        try:
            self._services.tickets.promise(ticket.ticket_id, promise)
        except RedisError:
            self._services.promises.cancel(promise.ticket_id, "router_away")
            raise
        self._desk.keeps = promise.ticket_id
        self._desk.step("promise.made")
        return promise.ticket_id

    def is_owed(self) -> bool:
        """Find the promise that the caller waits for, and have them not dialled while they are on the line."""
        caller = self._desk.caller
        elder_id = self._desk.elder.id if self._desk.elder else None
        try:
            promise = self._desk.patience.look_up(lambda: self._services.promises.open_for(caller.number, elder_id))
            if promise is not None:
                until = self._services.clock().timestamp() + ON_THE_LINE_SECONDS
                self._services.tickets.defer(promise.ticket_id, until)
        except (SQLAlchemyError, RedisError, TooSlow) as error:
            log.warning("promising.unknown_whether_owed", error=type(error).__name__)
            return False
        self._desk.owed = promise
        return promise is not None

    def cancel(self) -> None:
        """They need no call any more. Raises what the database and Redis raise: then it still stands."""
        promise, self._desk.owed = self._desk.owed, None
        if promise is None:
            return
        self._services.promises.cancel(promise.ticket_id, "cancelled")
        self._services.tickets.cancel_promise(promise.ticket_id, "caller")
        self._desk.step("promise.cancelled")
