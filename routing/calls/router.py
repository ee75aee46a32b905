"""The live router: one event loop in which all that happens to tickets, agents and automatic calls is decided."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import structlog

from routing.asterisk.events import AmiEvent, Connected, FullyBooted
from routing.asterisk.nodes import Nodes
from routing.calls import keys, policy
from routing.calls.after_hours import AfterHours, LoadPlan
from routing.calls.agent_asks import AgentAsks
from routing.calls.agents import AgentAccount, read_agents
from routing.calls.announcing import Announcements
from routing.calls.commands import CommandReader, Commands, begin
from routing.calls.errands import Errands, stopping
from routing.calls.experience import from_json as experience_from
from routing.calls.floor import Floor
from routing.calls.holding import CallerInHold, Reception
from routing.calls.hours_now import HoursNow
from routing.calls.ledger import Ledger
from routing.calls.listener import Listener
from routing.calls.members import Members
from routing.calls.needs import RecallNeed
from routing.calls.offers import Offers
from routing.calls.outbound import Outbound, Settle
from routing.calls.owed_cases import OpenCase, OwedCases
from routing.calls.presence import Presence
from routing.calls.promise_book import NoBook, PromiseBook
from routing.calls.promises import Promises
from routing.calls.reconcile import Reconciler
from routing.calls.recording import Recorder, Recording
from routing.calls.records import PlacedCall, read_all
from routing.calls.recovery.files import CallFiles
from routing.calls.recovery.recovery import Recovery
from routing.calls.recovery.writing import WriteFates
from routing.calls.standing import Lease, beat
from routing.calls.supervising import Supervising
from routing.calls.supervisions import Supervision
from routing.calls.switchboard import Switchboard
from routing.calls.talk import read_talks
from routing.calls.talk_orders import TalkOrders
from routing.calls.talks import Talks
from routing.calls.tickets import read_tickets
from routing.numbers import as_dialled
from routing.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

LoadAgents = Callable[[], Sequence[AgentAccount]]
"""Reads the agents from the database; may block and may raise while the database is away."""

_AGENTS_SECONDS = 30.0
_LOAD_SECONDS = 10.0


class Router:
    """Runs until cancelled, or until another router is the active one (LeaseLost)."""

    def __init__(
        self,
        settings: Settings,
        nodes: Nodes,
        redis: Redis,
        *,
        load_agents: LoadAgents,
        recorder: Recorder,
        settle: Settle,
        open_case: OpenCase,
        call_files: Mapping[str, CallFiles] = MappingProxyType({}),
        write_fates: WriteFates = len,
        tidy: Callable[[], None] = lambda: None,
        promise_book: PromiseBook | None = None,
        load_hours: LoadPlan | None = None,
        recall_need: RecallNeed | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`redis` must allow answers to take two seconds; `clock` gives epochs in seconds.

        `call_files` are the nodes' own files of calls, `write_fates` writes what they tell of calls that we missed, and
        `tidy` keeps them in bounds; it may block, and may raise OSError.
        Without `promise_book` promised call-backs are kept in Redis alone; without `load_hours` it is always open;
        without `recall_need` a caller whose ticket was lost is nobody in particular.
        """
        self._nodes = nodes
        self._redis = redis
        self._load_agents = load_agents
        record_now = asyncio.Event()
        self._ledger = Ledger(redis, on_entries=record_now.set)
        self._errands = Errands(after=self._act)
        self._switchboard = Switchboard(nodes)
        self.floor = floor = Floor(self._ledger, clock)
        self.talks = talks = Talks(floor, self._switchboard, self._errands, settings)
        self._offers = offers = Offers(floor, self._switchboard, self._errands, settings, talks)
        parts = floor, self._switchboard, self._errands
        talk_orders = TalkOrders(*parts, talks=talks, offers=offers, settings=settings)
        self._supervising = supervising = Supervising(*parts, settings)
        self._presence = presence = Presence(floor, settings)
        self._outbound = outbound = Outbound(*parts, redis=redis, settings=settings, settle=settle)
        self._promises = promises = Promises(
            floor, offers, outbound, self._errands, settings=settings, book=promise_book or NoBook()
        )
        self._announcements = Announcements(floor, self._switchboard, self._errands, settings, offers.rules)
        hours = HoursNow(settings.duty_numbers, partial(as_dialled, country=settings.country))
        self._after_hours = AfterHours(*parts, offers, hours=hours, load=load_hours)
        self._members = Members(presence, self._switchboard, self._errands)
        self._reception = Reception(*parts, offers, redis=redis, look_at=self._look_at, recall=recall_need)
        self._owed = owed = OwedCases(floor, self._errands, open_case)
        self._recovery = Recovery(floor, self._switchboard, owed, call_files, write=write_fates, tidy=tidy)
        self._recording = Recording(recorder, self._recovery, record_now, self._act)
        self._listener = Listener(
            floor,
            offers,
            outbound,
            presence,
            talks=talks,
            talk_orders=talk_orders,
            supervising=supervising,
            owed=owed,
            asks=AgentAsks(*parts, presence),
            on_unknown_holding=self._take_in,
            knows=lambda node: node in self._switchboard.known,
            on_booted=self._booted,
        )
        self._reconciler = Reconciler(
            *parts,
            listener=self._listener,
            offers=offers,
            outbound=outbound,
            presence=presence,
            recovery=self._recovery,
            talks=talks,
        )
        commands = Commands(
            *parts,
            offers=offers,
            outbound=outbound,
            presence=presence,
            promises=promises,
            talk_orders=talk_orders,
            supervising=supervising,
        )
        self._reader = CommandReader(redis, commands, self._act, ledger=self._ledger, store_all=self._store_all)
        self._lease = Lease(redis)
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Wait for the lease, take up what lives, then route."""
        await self._lease.acquire()
        log.info("router.active")
        unsubscribe: Callable[[], None] = lambda: None  # noqa: E731  # Until there is a subscription to end.
        try:
            await self._restore()
            if stopping():
                raise asyncio.CancelledError
            async with asyncio.TaskGroup() as group:
                group.create_task(self._ledger.run())
                group.create_task(self._lease.keep())
                await self._staff()
                await self._promises.read()
                await self._after_hours.read()
                unsubscribe = self._nodes.subscribe(self._hear)
                for node, error in (await self._nodes.start()).items():
                    log.warning("router.node_away", node=node, error=str(error))
                group.create_task(beat(self._redis, self._switchboard, self.floor.clock))
                group.create_task(self._reader.run())
                group.create_task(self._keep_staff())
                group.create_task(self._recording.run())
        except ExceptionGroup as group_of_errors:
            raise group_of_errors.exceptions[0] from group_of_errors
        finally:
            unsubscribe()
            if self._timer:
                self._timer.cancel()
            await self._errands.stop()
            await self._nodes.stop()
            await self._lease.give_up()
            self._recording.stop()

    async def _restore(self) -> None:
        """Read what an earlier router left. Raises RedisError: without it we would not know whom we owe a call."""
        await begin(self._redis)
        stored = [await cast("Awaitable[dict[bytes, bytes]]", self._redis.hgetall(name)) for name in _HASHES]
        self.floor.restore(read_tickets(dict(stored[0])), read_agents(dict(stored[1])))
        self._owed.restore(stored[3].values())
        for node in self._recovery.nodes:
            offsets = self._redis.hgetall(keys.CALL_FILES + node)
            self._recovery.restore(node, await cast("Awaitable[dict[bytes, bytes]]", offsets))
        for text in stored[6].values():
            self.floor.experience = experience_from(text, self.floor.clock()) or self.floor.experience
        self.talks.restore(read_talks(dict(stored[4])))
        self._supervising.restore(read_all(Supervision, stored[7].values()))
        self._promises.restore((key.decode(), text) for key, text in stored[5].items())
        self._outbound.restore(read_all(PlacedCall, stored[2].values()))

    def _hear(self, event: AmiEvent) -> None:
        if isinstance(event, Connected):
            self._switchboard.connected(event.node)
        try:
            self._listener.hear(event)
        finally:
            self._act()

    def _act(self) -> None:
        """Route if anything changed, and set the clock for what changes by itself."""
        if not self.floor.changed:
            return
        self.floor.changed = False
        self._promises.step()
        self._after_hours.follow()
        self._offers.route()
        self._after_hours.step()
        for node in self._outbound.step():
            self._reconciler.look_at(node)
        self._owed.step()
        self._announcements.step()
        self._members.follow()
        self.floor.changed = False
        self._set_timer()

    def _set_timer(self) -> None:
        now = self.floor.clock()
        times = (
            self.floor.next_agent_change(),
            policy.next_change(self.floor.waiting(), now, self._offers.rules),
            self._reconciler.next_change(),
            self._outbound.next_change(),
            self._owed.next_change(),
            self._promises.next_change(),
            self._announcements.next_change(),
            self._after_hours.next_change(),
        )
        next_time = min((each for each in times if each is not None), default=None)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if next_time is not None:
            self._timer = asyncio.get_running_loop().call_later(max(0.001, next_time - now), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self.floor.refresh_agents()
        self._reconciler.overdue()
        self.floor.changed = True
        self._act()

    def _take_in(self, caller: CallerInHold) -> None:
        self._errands.send(self._reception.take_in(caller))

    def _store_all(self) -> None:
        """Write everything again, for a Redis that came back empty."""
        self.floor.store_all()
        self.talks.store_all()

    def _look_at(self, node: str) -> None:
        self._reconciler.look_at(node)

    def _booted(self, event: FullyBooted) -> None:
        self._recovery.booted(event.node, event.uptime_seconds)
        self._reconciler.look_at(event.node)
        self._members.forget(event.node)
        self._after_hours.forget(event.node)
        self._errands.send(self._switchboard.beat(self.floor.clock()))

    async def _staff(self) -> None:
        """Load the agents; while the database is away those whom Redis knows stay."""
        try:
            async with asyncio.timeout(_LOAD_SECONDS):
                self.floor.staff(await asyncio.to_thread(self._load_agents))
        except Exception as error:  # noqa: BLE001  # Whatever the database's trouble is, callers are routed on.
            log.warning("router.agents_not_loaded", error=type(error).__name__)

    async def _keep_staff(self) -> None:
        while not stopping():
            await asyncio.sleep(_AGENTS_SECONDS)
            before = self.floor.agents.keys() | ()
            await self._staff()
            if self.floor.agents.keys() - before:
                # The phone of a new agent may have registered before we knew them.
                for node in self._switchboard.up:
                    self._reconciler.look_at(node)
            await self._promises.read()
            await self._after_hours.read()
            self._act()


_HASHES = (
    keys.TICKETS, keys.AGENTS, keys.PLACED, keys.OWED_CASES, keys.TALKS, keys.OWED_PROMISES, keys.EXPERIENCE,
    keys.SUPERVISIONS,
)  # fmt: skip
