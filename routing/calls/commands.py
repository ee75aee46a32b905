"""Commands from flows, desk and jobs: read from the stream at least once, acted on as if once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

import structlog
from redis.exceptions import RedisError, ResponseError

from routing.asterisk.errors import AmiError
from routing.calls import keys
from routing.calls.errands import Errands, stopping
from routing.calls.floor import Floor, Leg
from routing.calls.ledger import Ledger
from routing.calls.listening_messages import ChangeEar, EndSupervision
from routing.calls.messages import (
    COMMANDS,
    CallerClass,
    EndTicket,
    HangUpCall,
    Message,
    MessageError,
    OpenTicket,
    PlaceCall,
    SetAgentState,
    WithdrawCall,
    decode,
)
from routing.calls.offers import Offers
from routing.calls.outbound import Outbound
from routing.calls.presence import Presence
from routing.calls.promise_messages import CancelPromise, DeferPromise, PromiseCall
from routing.calls.promises import Promises
from routing.calls.records import Ticket
from routing.calls.supervise_messages import MoveTicket, RecordPrompt, Supervise
from routing.calls.supervising import Supervising
from routing.calls.switchboard import Switchboard
from routing.calls.talk_messages import ControlTalk
from routing.calls.talk_orders import TalkOrders

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

_BLOCK_MS = 1_000
_ANSWER_SECONDS = 5.0
_RETRY_SECONDS = 0.5
_AT_ONCE = 100

Entries = list[tuple[bytes, dict[bytes, bytes] | None]]


class Commands:
    """What each command does. Doing one twice is the same as once."""

    def __init__(
        self,
        floor: Floor,
        switchboard: Switchboard,
        errands: Errands,
        *,
        offers: Offers,
        outbound: Outbound,
        presence: Presence,
        promises: Promises,
        talk_orders: TalkOrders,
        supervising: Supervising,
    ) -> None:
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._offers = offers
        self._outbound = outbound
        self._presence = presence
        self._promises = promises
        self._talk_orders = talk_orders
        self._supervising = supervising

    def obey(self, command: Message) -> None:
        """Act on a command; what is no command is logged."""
        match command:
            case OpenTicket():
                self._open(command)
            case EndTicket():
                if ticket := self._floor.tickets.get(command.ticket_id):
                    self._offers.gone(ticket, command.end)
            case SetAgentState():
                self._presence.command(command)
            case PlaceCall() | WithdrawCall():
                self._outbound.obey(command)
            case ControlTalk():
                self._talk_orders.obey(command)
            case Supervise() | ChangeEar() | EndSupervision() | MoveTicket() | RecordPrompt():
                self._supervising.obey(command)
            case HangUpCall():
                self._hang_up(command)
            case PromiseCall():
                self._promises.make(command)
            case DeferPromise():
                self._promises.defer(command)
            case CancelPromise():
                self._promises.cancel(command)
            case _:
                log.warning("commands.not_a_command", type=type(command).__name__)

    def _open(self, command: OpenTicket) -> None:
        known = self._floor.tickets.get(command.ticket_id)
        if known is not None and known.instead_of:
            self._promises.take_back(known, command)
            return
        if known is not None:
            # The caller reached hold before the command reached us: now we know what they need.
            about = {name: getattr(command, name) for name in ("intent", "elder_id", "skills", "preferred_agent")}
            about |= {name: getattr(command, name) for name in ("order_id", "case_id", "caller_class")}
            if known.caller_class is CallerClass.SOS:
                about |= {"caller_class": known.caller_class, "intent": known.intent}  # An SOS stays one.
            if any(getattr(known, name) != value for name, value in about.items()):
                self._floor.change_ticket(command.ticket_id, **about)
            return
        ticket = Ticket.opened(command)
        if before := self._floor.ticket_of(command.node, command.channel):
            # One caller has one ticket: a flow that opens another (9 pressed while holding) replaces it.
            ticket = self._offers.replaced(before, ticket)
        self._floor.join(ticket)
        if self._floor.was_seen_to_end(command.node, command.channel) and command.ticket_id in self._floor.tickets:
            self._offers.gone(self._floor.tickets[command.ticket_id])

    def _hang_up(self, command: HangUpCall) -> None:
        for leg in list(self._floor.legs.values()):
            if leg.linkedid == command.call_id and leg.uniqueid == leg.linkedid:
                self._errands.send(self._end(leg))

    async def _end(self, leg: Leg) -> None:
        """End a leg. While its node cannot be told nothing is ended, and whoever asked sees that it goes on."""
        try:
            await self._switchboard.hang_up(leg.node, leg.channel)
        except AmiError as error:
            log.warning("commands.not_hung_up", node=leg.node, error=type(error).__name__)


class CommandReader:
    """Reads the stream for the active router. What an earlier router read and did not finish comes first."""

    def __init__(
        self,
        redis: Redis,
        commands: Commands,
        act: Callable[[], None],
        *,
        ledger: Ledger,
        store_all: Callable[[], None],
    ) -> None:
        """`act` is called after each batch, for the floor may have changed; `store_all` when Redis came back empty."""
        self._redis = redis
        self._commands = commands
        self._act = act
        self._ledger = ledger
        self._store_all = store_all

    async def run(self) -> None:
        """Read until cancelled; while Redis is away, try again."""
        start = "0"
        while not stopping():
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    entries = await self._read(start)
            except ResponseError:
                # The stream or its group is gone: Redis came back empty.
                await self._begin_anew()
                start = "0"
                continue
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("commands.redis_away", error=type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
                start = "0"
                continue
            if stopping():
                return  # Nobody writes the ledger any more: what came is not acknowledged, and read by the next.
            for message_id, fields in entries:
                self._one(message_id.decode() if isinstance(message_id, bytes) else message_id, fields)
            if entries:
                self._act()
                await self._ledger.flushed()
            else:
                start = ">"

    async def _read(self, start: str) -> Entries:
        answer = cast(
            "list[tuple[bytes, Entries]]",
            await self._redis.xreadgroup(
                keys.GROUP, "router", {COMMANDS: start}, count=_AT_ONCE, block=_BLOCK_MS if start == ">" else None
            ),
        )
        return answer[0][1] if answer else []

    def _one(self, message_id: str, fields: dict[bytes, bytes] | None) -> None:
        try:
            values: dict[Any, bytes] = dict(fields or {})
            self._commands.obey(decode(values.get(b"message", values.get("message", b""))))
        except MessageError as error:
            log.warning("commands.unreadable", error=str(error))
        except Exception:
            # One bad command must not stop the hotline, nor come back for ever.
            log.exception("commands.failed")
        self._ledger.acknowledge(message_id)

    async def _begin_anew(self) -> None:
        try:
            await begin(self._redis)
        except (RedisError, OSError) as error:
            log.warning("commands.redis_away", error=type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            self._store_all()


async def begin(redis: Redis) -> None:
    """Make the consumer group if there is none. Raises RedisError."""
    try:
        await cast("Awaitable[Any]", redis.xgroup_create(COMMANDS, keys.GROUP, id="0", mkstream=True))
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
