"""A whole small hotline for the router's tests: a real Redis, a database, and a node that is played over real bytes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import redis
import redis.asyncio
from sqlalchemy import Engine, select

from db.encryption import FieldCipher, new_key
from db.models import Base
from db.models.calls import TicketRecord
from db.session import make_engine, make_reading, make_unit_of_work
from routing.asterisk.headers import Headers
from routing.asterisk.limits import AmiLimits
from routing.asterisk.nodes import Nodes
from routing.calls.agents import AgentAccount, AgentBoard
from routing.calls.caller import Caller as KnownCaller
from routing.calls.caller import CallerKind
from routing.calls.journey import Journey
from routing.calls.messages import (
    LIVE,
    AgentChanged,
    AgentState,
    CallerClass,
    Intent,
    Message,
    OpenTicket,
    PlacedCallEnded,
    SetAgentState,
    TicketAnswered,
    TicketOffered,
    decode,
)
from routing.calls.needs import CallNeeds
from routing.calls.owed_cases import OwedCase
from routing.calls.records import AgentRecord
from routing.calls.recovery.files import CallFiles
from routing.calls.recovery.stories import CallFate
from routing.calls.recovery.writing import RecoveredCalls
from routing.calls.router import Router
from routing.calls.tickets import Tickets
from routing.hours.register import HoursPlan
from routing.outreach.promises import PromiseRegister
from routing.outreach.sms.development import DevelopmentOutbox
from routing.outreach.sms.outbox import Sms
from routing.settings import Settings
from tests.routing.calls.played_node import NODE, Caller, PlayedNode

Kind = TypeVar("Kind")
WITHIN = 30.0
"""Seconds; generous, for a busy machine."""


class House(PlayedNode):
    """`async with House(redis_url, folder) as house:` runs a router over a played node until the block ends."""

    def __init__(self, redis_url: str, folder: Path, hours: HoursPlan | None = None, **settings: Any) -> None:
        super().__init__()
        self.hours = hours
        values = {"ring_seconds": 20, "wrap_up_seconds": 0, "rest_seconds": 30, "did_hotline": "12349"}
        values |= {"announce_first_seconds": 20} | settings
        self.settings = Settings(_env_file=None, **values)
        self.redis = redis.Redis.from_url(redis_url, decode_responses=True)
        self.url = redis_url
        self.limits = AmiLimits(reconnect_first_seconds=0.05, reconnect_most_seconds=0.2)
        self.tickets = Tickets(self.redis)
        self.board = AgentBoard(self.redis)
        self.live: list[Message] = []
        self.settled: list[PlacedCallEnded] = []
        self.settle_fails = 0
        self.cases: list[tuple[str, str, str]] = []
        self.cases_fail = 0
        self.cipher = FieldCipher(new_key(), new_key())
        self.engine = _database(folder, self.cipher)
        self.promises = promise_register(self.engine, self.cipher)
        self.journey = Journey(make_unit_of_work(self.engine), redis.Redis.from_url(redis_url))
        self.directory: Callable[[str], KnownCaller] = lambda number: KnownCaller(CallerKind.UNKNOWN, number)
        """Whose number it is."""
        self.call_file = folder / "calls" / "calls.csv"
        self.call_file.parent.mkdir()
        self.recovered = RecoveredCalls(
            make_unit_of_work(self.engine),
            make_reading(self.engine),
            self._look_up,
        )
        self.writing_fails = 0
        self.accounts = [AgentAccount("1001", ("meal",)), AgentAccount("1002", ("meal", "dialect"))]
        self.router: Router | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._heard = asyncio.Condition()

    async def __aenter__(self) -> Self:
        await self.listen()
        self._ears = redis.asyncio.Redis.from_url(self.url)
        self._pubsub = self._ears.pubsub()
        await self._pubsub.subscribe(LIVE)
        self._listener = asyncio.create_task(self._listen())
        await self.start_router()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop_router()
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)
        await self._pubsub.aclose()
        await self._ears.aclose()
        await self.ami.close()
        self.redis.close()
        self.engine.dispose()

    # The router

    async def start_router(self) -> None:
        booted = len(self.ami.sent("CoreShowChannels"))
        self._store = redis.asyncio.Redis.from_url(self.url, socket_timeout=5)
        nodes = Nodes([self.ami.address(NODE)], limits=self.limits)
        self.router = Router(
            self.settings,
            nodes,
            self._store,
            load_agents=lambda: self.accounts,
            recorder=self.journey,
            settle=self._settle,
            open_case=self._open_case,
            call_files={NODE: CallFiles(self.call_file.parent)},
            write_fates=self._write_fates,
            promise_book=self.promises,
            load_hours=(lambda: self.hours) if self.hours else None,
            recall_need=CallNeeds(make_reading(self.engine), self._look_up).recall,
        )
        self._run = asyncio.create_task(self.router.run())
        await self.ami.received("CoreShowChannels", booted + 1)
        await self.ami.received("PJSIPShowContacts", booted + 1)

    async def stop_router(self) -> None:
        self._run.cancel()
        await asyncio.gather(self._run, return_exceptions=True)
        await self._store.aclose()

    async def kill_router(self) -> None:
        """End it as a crash would: what was not written yet is lost, the lease stays."""
        ledger = self.router.floor.ledger
        await asyncio.wait_for(ledger.flushed(), WITHIN)
        self.redis.delete("elderline:router:lease")  # As if its four seconds were over.
        await self.stop_router()

    def _open_case(self, case: OwedCase) -> None:
        if self.cases_fail:
            self.cases_fail -= 1
            raise ConnectionError("the database is away")
        self.cases.append((case.key, case.kind, case.call_id))

    def _write_fates(self, fates: Sequence[CallFate]) -> int:
        if self.writing_fails:
            self.writing_fails -= 1
            raise ConnectionError("the database is away")
        return self.recovered.write(fates)

    def _look_up(self, number: str) -> KnownCaller:
        return self.directory(number)

    def _settle(self, outcome: PlacedCallEnded) -> None:
        if self.settle_fails:
            self.settle_fails -= 1
            raise ConnectionError("the database is away")
        self.settled.append(outcome)

    # Callers with needs

    def need(self, caller: Caller, **about: Any) -> OpenTicket:
        values: dict[str, Any] = {
            "ticket_id": caller.ticket_id, "call_id": caller.uniqueid, "node": NODE, "channel": caller.channel,
            "intent": Intent.GENERAL, "caller_class": CallerClass.ELDER, "joined_at": time.time(),
        }  # fmt: skip
        return OpenTicket(**(values | about))

    async def wait_in_hold(self, **about: Any) -> Caller:
        """A caller whose flow asked for a person, and who is in hold."""
        caller = await self.call()
        need = self.need(caller, **about)
        await asyncio.to_thread(self.tickets.open, need)
        await self.hold(caller, need.caller_class)
        return caller

    # What can be waited for

    async def told(self, kind: type[Kind], count: int = 1, **values: Any) -> Kind:
        """Wait for the `count`-th live event of a kind with these values."""

        def found() -> list[Kind]:
            return [
                each for each in self.live
                if isinstance(each, kind) and all(getattr(each, name) == value for name, value in values.items())
            ]  # fmt: skip

        try:
            async with asyncio.timeout(WITHIN), self._heard:
                await self._heard.wait_for(lambda: len(found()) >= count)
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} {values} (number {count}) in {self.live}") from None
        return found()[count - 1]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something outside this loop (the database, Redis) that tells nobody when it changes."""
        give_up = time.monotonic() + WITHIN
        while not await asyncio.to_thread(holds):
            assert time.monotonic() < give_up, "it did not come to hold"
            await asyncio.sleep(0.02)

    async def ready(self, *extensions: str) -> None:
        for extension in extensions:
            await self.register(extension)
            await self.told(AgentChanged, extension=extension, state=AgentState.READY)

    async def settle_down(self) -> None:
        """Wait until every event that was pushed has been heard, and all that follows is written."""
        mark = Caller(f"PJSIP/mark-{self.number()}", f"mark-{self.number()}")
        await self.ami.push("Newchannel", **mark.ids, ChannelStateDesc="Down", Context="", Exten="")
        floor = self.router.floor
        give_up = time.monotonic() + WITHIN
        while f"{NODE}|{mark.channel}" not in floor.legs:
            assert time.monotonic() < give_up, "the router does not hear any more"
            await asyncio.sleep(0.002)
        floor.legs.pop(f"{NODE}|{mark.channel}")
        await asyncio.wait_for(floor.ledger.flushed(), WITHIN)

    def redirects(self) -> list[Headers]:
        return self.ami.sent("Redirect")

    def agent(self, extension: str) -> AgentRecord:
        return self.board.get(extension)

    def ask(self, extension: str, state: AgentState) -> None:
        self.board.command(SetAgentState(extension, state, by="test"))

    async def _listen(self) -> None:
        async for message in self._pubsub.listen():
            if message["type"] == "message":
                self.live.append(decode(message["data"]))
                async with self._heard:
                    self._heard.notify_all()


def promise_register(engine: Engine, cipher: FieldCipher) -> PromiseRegister:
    """The promises in a database, whose SMS go nowhere."""
    work, reading = make_unit_of_work(engine), make_reading(engine)
    sms = Sms(work, reading, lambda: datetime.now(UTC), DevelopmentOutbox(), cipher.number_index)
    return PromiseRegister(
        unit_of_work=work, reading=reading, clock=lambda: datetime.now(UTC), publish=lambda _message: None, sms=sms,
        number_index=cipher.number_index,
    )  # fmt: skip


def _database(folder: Path, cipher: FieldCipher) -> Engine:
    engine = make_engine(f"sqlite:///{folder / 'hotline.db'}", cipher)
    Base.metadata.create_all(engine)
    return engine


def ends(house: House) -> list[tuple[str, str, str | None]]:
    """Give the ends of tickets as the database has them."""
    with make_unit_of_work(house.engine)() as session:
        return [(row.id, row.end, row.agent_extension) for row in session.scalars(select(TicketRecord))]


async def in_talk(house: House, extension: str) -> tuple[Caller, Caller]:
    """Bring a caller to an agent; give the caller and the agent's leg."""
    caller = await house.wait_in_hold()
    await house.told(TicketOffered, ticket_id=caller.ticket_id, extension=extension)
    leg = await house.rings(caller, extension)
    await house.answers(caller, leg)
    await house.told(TicketAnswered, ticket_id=caller.ticket_id, extension=extension)
    return caller, leg
