"""A router over the model of a node, in virtual time: its steps, and what must always hold."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections import Counter
from typing import Any

import structlog
import structlog.testing

from routing.asterisk.events import UserEventRaised
from routing.calls import keys
from routing.calls.agents import AgentAccount
from routing.calls.floor import extension_of
from routing.calls.messages import (
    AgentState,
    CallerClass,
    Intent,
    OpenTicket,
    PlacedCallEnded,
    TicketEnded,
    TicketJoined,
)
from routing.calls.owed_cases import OwedCase
from routing.calls.records import Ticket, TicketStage, to_json
from routing.calls.router import Router
from routing.settings import Settings
from tests.routing.calls.machine.channel import Channel
from tests.routing.calls.machine.connection import ExchangeClient
from tests.routing.calls.machine.exchange import NODE, Exchange
from tests.routing.calls.machine.memory_redis import MemoryRedis
from tests.routing.calls.machine.virtual_loop import VirtualLoop

EPOCH = 1_700_000_000.0
AGENTS = ("1001", "1002", "1003")
MESSAGE_AFTER_SECONDS = 3.0
_AGENT_LEG = tuple(f"PJSIP/{each}-" for each in AGENTS)


class _NoRecorder:
    def write_unwritten(self) -> int:
        return 0


class Town:
    """Callers, agents, a node, a Redis, and a router that may be killed and started again."""

    def __init__(self, message_after_seconds: float = 1_000_000.0) -> None:
        self.owed: set[str] = set()
        """Calls whose message is on the list; a second time changes nothing there."""
        self.left_heard: set[str] = set()
        """Calls of which the router was told that a message was left."""
        self.loop = VirtualLoop()
        asyncio.set_event_loop(self.loop)
        self.troubles: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _, trouble: self.troubles.append(trouble))
        chance = random.Random(1)
        self._uuid4 = uuid.uuid4
        uuid.uuid4 = lambda: uuid.UUID(int=chance.getrandbits(128))  # So that one story always goes the same way.
        self._log = structlog.testing.capture_logs()
        self.log = self._log.__enter__()
        self.exchange = Exchange(self.now)
        self.redis = MemoryRedis()
        self.settled: Counter[str] = Counter()
        self.settings = Settings(
            _env_file=None, ring_seconds=10, wrap_up_seconds=5, rest_seconds=10, record_calls=False,
            announce_first_seconds=20, callback_offer_seconds=20,
            duty_numbers="13900000001", sos_outside_number="13900000002", message_after_seconds=message_after_seconds,
        )  # fmt: skip
        self.heard: list[Any] = []
        self.lagging = False
        self.running: asyncio.Task[None] | None = None
        self.start()

    def now(self) -> float:
        return EPOCH + self.loop.time()

    # The router

    def cut(self) -> None:
        """Cut the connection: what was on its way is lost, and nothing from before it comes again."""
        self.exchange.cut()
        self.heard.clear()

    def start(self) -> None:
        self.client = ExchangeClient(self.exchange)
        self.router = Router(
            self.settings,
            self.client,  # type: ignore[arg-type]  # It stands for Nodes.
            self.redis,  # type: ignore[arg-type]
            load_agents=lambda: [AgentAccount(AGENTS[0], ("meal",)), *(AgentAccount(each) for each in AGENTS[1:])],
            recorder=_NoRecorder(),
            settle=self._settle,
            open_case=self._open_case,
            clock=self.now,
        )
        self.running = self.loop.create_task(self.router.run())
        self.go_on()

    def kill(self) -> None:
        """End the router as a crash would: what it has not written is lost, the connection is cut."""
        self.cut()
        assert self.running is not None
        self.running.cancel()
        self.loop.settle()
        assert self.running.done()
        self.redis.values.pop(keys.ROUTER_LEASE, None)

    def _settle(self, ended: PlacedCallEnded) -> None:
        self.settled[ended.cause] += 1

    def _open_case(self, case: OwedCase) -> None:
        if case.kind == "message":
            self.owed.add(case.call_id)

    # Time and the stream

    def deliver(self, most: int = 1_000_000) -> None:
        """Deliver what waits in the stream, one by one, and let the router act on each."""
        while self.exchange.stream and most:
            most -= 1
            each = self.exchange.stream.popleft()
            if callable(each):
                each()
            else:
                self.heard.append(each)
                if isinstance(each, UserEventRaised) and each.name == "MessageLeft":
                    self.left_heard.add(each.linkedid)
                self.loop.call_soon(self.client.hear, each)
            self.loop.settle()

    def go_on(self) -> None:
        """Let what is ready happen; unless events lag, all that happened is heard."""
        self.loop.settle()
        assert self.running is not None
        if self.running.done():
            self.running.result()  # Raises what ended the router.
        if not self.lagging:
            self.deliver()

    def pass_time(self, seconds: float) -> None:
        """Time goes by in steps, so that phones stop ringing when they should."""
        left = seconds
        while left > 0:
            step = min(1.0, left)
            self.loop.advance(step)
            self.exchange.time_passes()
            left -= step
            self.go_on()

    # Callers

    def callers(self) -> list[Channel]:
        return [each for each in self.exchange.channels.values() if each.uniqueid.startswith("17000.")
                and each.uniqueid == each.linkedid]  # fmt: skip

    def open_ticket(self, caller: Channel, caller_class: CallerClass, name: str = "t") -> None:
        """A flow asks for a person, and tells the channel."""
        ticket_id = f"{name}-{caller.uniqueid}"
        caller.variables |= {"TICKET_ID": ticket_id, "CALLER_CLASS": caller_class.value}
        intent = Intent.SOS if caller_class is CallerClass.SOS else Intent.GENERAL
        need = OpenTicket(ticket_id, caller.uniqueid, NODE, caller.name, intent, caller_class, self.now())
        self.redis.of(keys.TICKETS).setdefault(ticket_id.encode(), to_json(Ticket.opened(need)).encode())
        self.redis.command(need)

    def ringing(self) -> list[Channel]:
        return [each for each in self.exchange.channels.values() if not each.up]

    def agent_legs(self) -> list[Channel]:
        return [each for each in self.exchange.channels.values() if each.name.startswith(_AGENT_LEG)]

    # What must hold

    def entries(self, kind: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.redis.lists.get(keys.UNWRITTEN, [])]
        return [each for each in lines if each["kind"] == kind]

    def check(self) -> None:
        """What holds at every moment."""
        assert not self.troubles, self.troubles
        loud = [each for each in self.log if each["log_level"] in ("error", "critical")]
        assert not loud, loud
        once = {
            "ends": Counter(each["id"] for each in self.entries("ticket")),
            "told joins": Counter(each.ticket_id for each in self.redis.live if isinstance(each, TicketJoined)),
            "told ends": Counter(each.ticket_id for each in self.redis.live if isinstance(each, TicketEnded)),
        }
        for what, count in once.items():
            assert max(count.values(), default=1) == 1, (what, count)
        tickets = self.router.floor.tickets.values()
        offered = Counter(each.offered_to for each in tickets if each.stage is TicketStage.OFFERED)
        assert max(offered.values(), default=1) == 1, f"one agent or number has two tickets: {offered}"
        living = Counter(f"{each.node}|{each.channel}" for each in tickets)
        assert max(living.values(), default=1) == 1, f"one caller has two tickets: {living}"
        connected = Counter(extension_of(each.name[6:10]) for each in self.agent_legs() if each.up)
        assert max(connected.values(), default=1) == 1, f"an agent is in two talks: {connected}"
        assert not self.exchange.doubled, f"a phone that had a call was called: {self.exchange.doubled}"
        assert len(self.exchange.dialled) == len(set(self.exchange.dialled)), "a number was dialled twice"

    def check_at_rest(self) -> None:
        """What holds once everything was heard and a minute has gone by."""
        floor, exchange = self.router.floor, self.exchange
        for caller in self.callers():
            ticket = floor.ticket_of(NODE, caller.name)
            talk = self.router.talks.of_caller(NODE, caller.name)
            if caller.context in ("hold", "connect", "connect-outside") and not caller.bridge:
                assert ticket is not None, f"nobody knows of a caller in {caller.context}"
                assert talk is None
            elif caller.context == "parked":
                assert talk is not None
            elif caller.bridge:
                assert ticket is None, f"a caller who talks still waits: {ticket} {caller}"
        for ticket in floor.tickets.values():
            assert ticket.channel in exchange.channels, f"a ticket without its caller: {ticket}"
        for talk in self.router.talks.talks.values():
            assert talk.channel in exchange.channels, f"a talk without its caller: {talk}"
        legs = Counter(each.name[6:10] for each in self.agent_legs())
        for agent in floor.agents.values():
            assert len(agent.legs) == legs[agent.extension], (agent, legs)
            if not agent.legs:
                assert agent.state not in (AgentState.RINGING, AgentState.TALKING), agent
                if agent.state is AgentState.RESERVED:
                    assert any(each.offered_to == agent.extension for each in floor.tickets.values()), agent
            if agent.state is AgentState.READY:
                assert agent.extension in exchange.registered, agent
                assert not [each for each in floor.waiting() if not each.skills], "somebody waits beside an idle agent"
        joined = {each.ticket_id for each in self.redis.live if isinstance(each, TicketJoined)}
        ended = {each["id"] for each in self.entries("ticket")}
        assert joined == ended | set(floor.tickets), joined ^ (ended | set(floor.tickets))

    def close(self) -> None:
        self.kill()
        uuid.uuid4 = self._uuid4
        self._log.__exit__(None, None, None)
        self.loop.close()
        asyncio.set_event_loop(None)
