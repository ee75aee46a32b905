"""Callers in hold of whom no ticket is known, for the flow's command was lost or is late: they are taken in as well."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import structlog
from redis.exceptions import RedisError

from routing.asterisk import variables
from routing.asterisk.errors import AmiError
from routing.calls import keys
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.messages import CallerClass, Intent
from routing.calls.needs import Need, RecallNeed
from routing.calls.offers import Offers
from routing.calls.records import RecordError, Ticket, from_json
from routing.calls.switchboard import Switchboard

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

_REDIS_SECONDS = 0.5
_DATABASE_SECONDS = 0.5
"""Whoever needs a person gets one, whether we know whose call it is or not: later the ticket learns it."""
_LATE_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 3_600.0
"""Nobody waits longer; the clocks of node and router may differ."""


@dataclass(frozen=True)
class CallerInHold:
    """A caller in hold; what is empty is not known yet."""

    node: str
    channel: str
    uniqueid: str
    call_id: str
    ticket_id: str = ""
    caller_class: str = ""
    since: float = 0.0
    """Since when (an epoch) they wait for a person, as their channel knows it."""
    found: bool = False
    """Whether the node's own list of channels shows the caller in hold; else an event said so."""
    number: str = field(default="", repr=False)


class Reception:
    """Makes tickets for callers in hold who have none."""

    def __init__(
        self,
        floor: Floor,
        switchboard: Switchboard,
        errands: Errands,
        offers: Offers,
        *,
        redis: Redis,
        look_at: Callable[[str], None],
        recall: RecallNeed | None = None,
    ) -> None:
        """`look_at` has a node's channels compared with the floor; `recall` asks the database what a call is about."""
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._offers = offers
        self._redis = redis
        self._look_at = look_at
        self._recall = recall

    async def take_in(self, caller: CallerInHold) -> None:
        """Make the caller's ticket from what the flow stored, or from what the channel knows, and hold it."""
        if caller.found:
            caller = await self._ask_channel(caller)
        stored, ended = await self._stored(caller.ticket_id)
        need, late = (Need(), None) if stored else await self._need(caller)
        if self._floor.was_seen_to_end(caller.node, caller.uniqueid):
            return
        ticket = self._floor.ticket_of(caller.node, caller.channel)
        if ticket is None:
            # A ticket that the channel names and Redis does not know has ended, perhaps in an earlier router's time.
            ticket = stored or self._anew(replace(caller, ticket_id="") if caller.found else caller, need)
            if ended or self._floor.has_ended(ticket.ticket_id):
                if not caller.found:
                    # Either the caller came back, or the event tells of the past: the node knows.
                    self._look_at(caller.node)
                    return
                ticket = self._anew(replace(caller, ticket_id=""), self._earlier(caller) or need)
            ticket = replace(ticket, node=caller.node, channel=caller.channel)
            self._floor.join(ticket)
        if known := self._floor.tickets.get(ticket.ticket_id):
            self._offers.held(known, caller.channel, caller.caller_class, caller.node)
            if late:
                self._errands.send(self._learn(known.ticket_id, late))

    async def _ask_channel(self, caller: CallerInHold) -> CallerInHold:
        names = (variables.TICKET_ID, variables.CALLER_CLASS, variables.CALL_ID, variables.WAITS_SINCE)
        try:
            ticket_id, caller_class, call_id, since = await asyncio.gather(
                *(self._switchboard.variable(caller.node, caller.channel, name) for name in names)
            )
        except AmiError:
            return caller
        waits_since = float(since) if since.isdecimal() else 0.0
        return replace(
            caller, ticket_id=ticket_id, caller_class=caller_class, call_id=call_id or caller.call_id, since=waits_since
        )

    async def _stored(self, ticket_id: str) -> tuple[Ticket | None, bool]:
        """Read the ticket, and tell whether it must have ended, since whoever opens one stores it first."""
        if not ticket_id:
            return None, False
        try:
            async with asyncio.timeout(_REDIS_SECONDS):
                text = await cast("Awaitable[bytes | None]", self._redis.hget(keys.TICKETS, ticket_id))
            return (None, True) if text is None else (from_json(Ticket, text), False)
        except (RedisError, OSError, TimeoutError, RecordError) as error:
            log.warning("reception.no_stored_ticket", error=type(error).__name__)
            return None, False

    def _earlier(self, caller: CallerInHold) -> Need | None:
        """The ticket of before is the best witness, if it ended in this router's time."""
        ticket = self._floor.earlier_ticket(caller.call_id)
        return None if ticket is None else Need.of(ticket)

    async def _need(self, caller: CallerInHold) -> tuple[Need, asyncio.Task[Need] | None]:
        """Find out whose call it is and what for; if that takes long, give what will know it."""
        if earlier := self._earlier(caller):
            return earlier, None
        if self._recall is None:
            return Need(), None
        asked = asyncio.create_task(asyncio.to_thread(self._recall, caller.call_id, caller.number))
        done, _ = await asyncio.wait([asked], timeout=_DATABASE_SECONDS)
        return (await self._answer(asked), None) if done else (Need(), asked)

    async def _learn(self, ticket_id: str, late: asyncio.Task[Need]) -> None:
        need = await self._answer(late)
        ticket = self._floor.tickets.get(ticket_id)
        if ticket is not None and (lacks := need.lacking(ticket)):
            self._floor.change_ticket(ticket_id, **lacks)

    async def _answer(self, asked: asyncio.Task[Need]) -> Need:
        """While the database is away nobody is anybody in particular."""
        try:
            async with asyncio.timeout(_LATE_SECONDS):
                return await asked
        except Exception as error:  # noqa: BLE001  # Whatever the database's trouble is, callers are routed on.
            log.warning("reception.need_unknown", error=type(error).__name__)
            return Need()

    def _anew(self, caller: CallerInHold, need: Need) -> Ticket:
        known = caller.caller_class in set(CallerClass)
        caller_class = CallerClass(caller.caller_class) if known else need.caller_class or CallerClass.ELDER
        if need.caller_class is CallerClass.SOS:
            caller_class = CallerClass.SOS  # An SOS stays one.
        intent = Intent.SOS if caller_class is CallerClass.SOS else need.intent
        ticket_id = caller.ticket_id or f"held-{uuid.uuid4().hex}"  # One caller may come back more than once.
        return Ticket(
            ticket_id,
            caller.call_id,
            caller.node,
            caller.channel,
            intent,
            caller_class,
            joined_at=self._joined_at(caller),
            elder_id=need.elder_id,
            skills=need.skills,
            preferred_agent=need.preferred_agent,
            order_id=need.order_id,
            case_id=need.case_id,
            attempts=need.attempts,
        )

    def _joined_at(self, caller: CallerInHold) -> float:
        """Whoever Asterisk gives back to us has the place that they had; a time that cannot be is none."""
        now = self._floor.clock()
        return caller.since if now - _LONGEST_WAIT_SECONDS < caller.since < now else now
