"""A router over a real Asterisk, with a flow that sends every caller to a person, and real SIP phones."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import redis
import redis.asyncio
from redis import Redis
from sqlalchemy import select

from db.encryption import FieldCipher, new_key
from db.models import Base
from db.models.calls import JourneyEvent
from db.session import make_engine, make_unit_of_work
from routing.asterisk.nodes import NodeAddress, Nodes
from routing.calls.agents import AgentAccount, AgentBoard
from routing.calls.journey import Journey
from routing.calls.messages import (
    AgentState,
    CallerClass,
    Intent,
    OpenTicket,
    PlacedCallEnded,
    SetAgentState,
)
from routing.calls.owed_cases import OwedCase
from routing.calls.router import Router
from routing.calls.talk import Talk, TalkBoard
from routing.calls.talk_messages import ControlTalk
from routing.calls.tickets import Tickets
from tests.asterisk_node import AsteriskNode
from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.redis_server import RedisServer

WITHIN = 40.0
"""Seconds; generous, for a busy machine."""


class Stage:
    """A router, a flow that asks for a person at once, and phones; inside a real Asterisk's reach."""

    def __init__(self, node: AsteriskNode, line: Line, server: RedisServer, folder: Path, **settings: object) -> None:
        self.node = node
        self.line = line
        self.settings = node.settings.model_copy(update=settings)
        self.redis = Redis.from_url(server.url)
        self.url = server.url
        self.tickets, self.board = Tickets(self.redis), AgentBoard(self.redis)
        self.engine = make_engine(f"sqlite:///{folder / 'live.db'}", FieldCipher(new_key(), new_key()))
        Base.metadata.create_all(self.engine)
        self.settled: list[PlacedCallEnded] = []
        self.cases: list[OwedCase] = []
        self.server = f"127.0.0.1:{node.settings.sip_port}"
        self.phones: list[Phone] = []
        self.skills: dict[str, tuple[str, ...]] = {}
        """Of agents who have any, by extension; for routers that start afterwards."""

    @contextlib.asynccontextmanager
    async def router(self) -> AsyncIterator[None]:
        """Run a router while the block lasts; it ends as if killed."""
        store = redis.asyncio.Redis.from_url(self.url, socket_timeout=5)
        secret = self.settings.ami_secret.get_secret_value()
        address = NodeAddress("a", "127.0.0.1", self.settings.ami_port, "elderline", secret)
        router = Router(
            self.settings,
            Nodes([address]),
            store,
            load_agents=lambda: [AgentAccount(each, self.skills.get(each, ())) for each in ("1001", "1002", "1003")],
            recorder=Journey(make_unit_of_work(self.engine), self.redis),
            settle=self.settled.append,
            open_case=self.cases.append,
        )
        self.floor = router.floor
        self.talk_table = router.talks.talks
        running = asyncio.create_task(router.run())
        try:
            yield
        finally:
            ended_by_itself = running.done()
            running.cancel()
            (end,) = await asyncio.gather(running, return_exceptions=True)
            await store.aclose()
            if ended_by_itself:
                raise AssertionError(f"the router ended by itself: {end!r}") from end

    @contextlib.asynccontextmanager
    async def flow(self) -> AsyncIterator[None]:
        """Speak for the voice flows: every caller needs a person."""
        server = await asyncio.start_server(self._converse, "127.0.0.1", self.settings.agi_port)
        async with server:
            yield

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        given: dict[str, str] = {}
        while line := (await reader.readline()).decode().strip():
            name, _, value = line.partition(": ")
            given[name] = value
        sos = given["agi_network_script"].startswith("sos")
        call_id = given["agi_arg_1"]
        if not given["agi_network_script"].startswith("after"):
            need = OpenTicket(
                f"t-{call_id}", call_id, "a", given["agi_channel"], Intent.SOS if sos else Intent.GENERAL,
                CallerClass.SOS if sos else CallerClass.ELDER, time.time(),
            )  # fmt: skip
            await asyncio.to_thread(self.tickets.open, need)
            variables = {"TICKET_ID": need.ticket_id, "CALLER_CLASS": need.caller_class, "IVR_NEXT": "hold"}
        else:
            variables = {"IVR_NEXT": "bye"}
        for name, value in variables.items():
            writer.write(f'SET VARIABLE {name} "{value}"\n'.encode())
            await reader.readline()
        writer.close()

    async def agent(self, extension: str, answers: bool = False, ready: bool = True, tone_hz: int = 0) -> Phone:
        if not ready:
            self.board.command(SetAgentState(extension, AgentState.PAUSED))
        phone = Phone(self.line, extension, answers=answers, tone_hz=tone_hz)
        self.phones.append(phone)
        await asyncio.to_thread(phone.plug_in, self.server, extension, f"secret{extension}")
        wanted = AgentState.READY if ready else AgentState.PAUSED
        await self.until(lambda: self.state(extension) is wanted)
        return phone

    def make_ready(self, extension: str) -> None:
        self.board.command(SetAgentState(extension, AgentState.READY))

    def make_paused(self, extension: str) -> None:
        self.board.command(SetAgentState(extension, AgentState.PAUSED))

    def control(self, command: ControlTalk) -> None:
        """Ask for something to be done with a talk."""
        TalkBoard(self.redis).control(command)

    def talks(self) -> dict[str, Talk]:
        """Give the talks by call id."""
        return self.talk_table

    async def caller(self, number: str, did: str = "12349", tone_hz: int = 0) -> Phone:
        phone = Phone(self.line, number, tone_hz=tone_hz)
        self.phones.append(phone)
        phone.plug_in()
        await asyncio.to_thread(phone.dial, f"sip:{did}@{self.server}")
        await asyncio.to_thread(phone.wait_for, "connected", WITHIN)
        return phone

    def state(self, extension: str) -> AgentState | None:
        agent = self.floor.agents.get(extension)
        return agent.state if agent else None

    async def until(self, holds: object) -> None:
        give_up = time.monotonic() + WITHIN
        while not holds():  # type: ignore[operator]
            assert time.monotonic() < give_up, f"{self.settled} {self.floor.tickets} {self.floor.agents}"
            await asyncio.sleep(0.005)

    def steps(self, what: str) -> list[str]:
        """Give the details of all steps of this kind that journeys have in the database, in order."""
        with make_unit_of_work(self.engine)() as session:
            steps = select(JourneyEvent.detail).where(JourneyEvent.what == what).order_by(JourneyEvent.id)
            return list(session.scalars(steps))

    def outcomes(self) -> list[str]:
        return [each.outcome for each in self.settled]

    async def waiting(self, count: int) -> None:
        await self.until(lambda: len(self.floor.waiting()) == count)

    async def clear(self) -> None:
        for phone in self.phones:
            await asyncio.to_thread(phone.unplug)
        await asyncio.to_thread(self._all_gone)

    def _all_gone(self) -> None:
        give_up = time.monotonic() + WITHIN
        while "0 active channels" not in self.node.cli("core show channels count"):
            assert time.monotonic() < give_up, self.node.cli("core show channels concise")
            time.sleep(0.1)
