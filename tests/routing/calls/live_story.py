"""A random story on a real Asterisk: callers, agents' phones and their wishes, drawn by a seed, and what must hold."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable

from sqlalchemy import select

from db.models.calls import TicketRecord
from db.session import make_unit_of_work
from routing.calls.messages import AgentState
from routing.calls.talk_messages import ControlTalk, TalkAction
from tests.phones.phone import Phone
from tests.routing.calls.stage import Stage

AGENTS = ("1001", "1002")
CALLERS = 2
"""At a time: PJSIP has four calls in a process."""
CALLER = "PJSIP/carrier-"


class LiveStory:
    """Plays steps that `seed` draws, one after the other, at moments that it draws, too; `steps` tells them."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.chance = random.Random(seed)
        self.steps: list[str] = []
        self.agents: dict[str, Phone] = {}
        self.callers: list[Phone] = []
        self.dialled = 0
        self._router = contextlib.AsyncExitStack()

    async def play(self, count: int) -> None:
        """Play so many steps, see after each that nobody is doubled, and in the end that nobody was forgotten."""
        await self._router.enter_async_context(self.stage.router())
        try:
            for extension in AGENTS:
                self.agents[extension] = await self.stage.agent(extension)
            for _ in range(count):
                await self._step()
                await self._nobody_is_doubled()
            await self._until("everybody is known", self._everybody_is_known)
            await self._everybody_is_served()
            await self._until("all is written", self._all_is_written)
        finally:
            try:
                await self.stage.clear()
            finally:
                await self._router.aclose()

    async def _step(self) -> None:
        steps = {
            self._a_caller_comes: 5, self._a_caller_leaves: 1, self._who_rings: 6, self._an_agent_hangs_up: 2,
            self._an_agent_wants_something: 6, self._an_agent_asks_for_a_state: 2, self._the_router_is_killed: 1,
        }  # fmt: skip
        step = self.chance.choices(list(steps), list(steps.values()))[0]
        self.steps.append(step.__name__.strip("_"))
        await step()
        await asyncio.sleep(self.chance.choice((0.0, 0.05, 0.3)))  # The next thing comes when it comes.

    # What happens

    async def _a_caller_comes(self) -> None:
        if len(self._on_the_line()) >= CALLERS:
            return
        self.dialled += 1
        did = self.chance.choice(("12349", "12349", "12340"))
        self.callers.append(await self.stage.caller(f"139000001{self.dialled:02d}", did))

    async def _a_caller_leaves(self) -> None:
        if on_the_line := self._on_the_line():
            await asyncio.to_thread(self.chance.choice(on_the_line).hang_up)

    async def _who_rings(self) -> None:
        code = self.chance.choice((200, 200, 200, 486))
        for phone in self.agents.values():
            if _rings(phone):
                # The call may have ended in this very moment: by the caller, by us, or because it rang for long enough.
                with contextlib.suppress(RuntimeError, AssertionError):
                    await asyncio.to_thread(phone.answer, code)
                return

    async def _an_agent_hangs_up(self) -> None:
        await asyncio.to_thread(self.agents[self.chance.choice(AGENTS)].hang_up)

    async def _an_agent_wants_something(self) -> None:
        action, at = self.chance.choice(list(TalkAction)), self.chance.random()
        if talks := list(self.stage.talks().values()):
            talk = talks[int(at * len(talks))]
            other = next(each for each in AGENTS if each != talk.extension)
            self.steps[-1] += f" {action}"
            self.stage.control(ControlTalk(talk.call_id, talk.extension, action, agent=other, by="user:1"))

    async def _an_agent_asks_for_a_state(self) -> None:
        extension, paused = self.chance.choice(AGENTS), self.chance.random() < 0.3
        (self.stage.make_paused if paused else self.stage.make_ready)(extension)

    async def _the_router_is_killed(self) -> None:
        await asyncio.wait_for(self.stage.floor.ledger.flushed(), 40)
        await self._router.aclose()
        await self._router.enter_async_context(self.stage.router())
        await self._until("the router is at work", lambda: set(AGENTS) <= set(self.stage.floor.agents))

    # What must hold

    async def _nobody_is_doubled(self) -> None:
        agents = Counter(each[6:10] for each in await self._channels() if each[6:10] in AGENTS)
        assert max(agents.values(), default=1) == 1, f"an agent is in two calls: {agents}"
        offered = Counter(each.offered_to for each in self.stage.floor.tickets.values() if each.offered_to in AGENTS)
        assert max(offered.values(), default=1) == 1, f"an agent is offered two tickets: {offered}"

    async def _everybody_is_known(self) -> bool:
        """Each caller has a ticket or a talk, each of these has its caller, and nobody waits beside an idle agent."""
        callers = Counter(each for each in await self._channels() if each.startswith(CALLER))
        floor = self.stage.floor
        known = Counter(each.channel for each in (*floor.tickets.values(), *self.stage.talks().values()))
        idle = any(each.state is AgentState.READY for each in floor.agents.values())
        return callers == known and not (idle and floor.waiting())

    async def _everybody_is_served(self) -> None:
        """All agents are there, answer, and hang up: each caller's call ends by that."""
        for extension, phone in self.agents.items():
            phone.answers = True
            self.stage.make_ready(extension)

        async def nobody_is_left() -> bool:
            for phone in self.agents.values():
                if _rings(phone):
                    with contextlib.suppress(RuntimeError, AssertionError):
                        await asyncio.to_thread(phone.answer)
                elif phone.busy:
                    await asyncio.to_thread(phone.hang_up)
            return not self._on_the_line()

        await self._until("everybody is served", nobody_is_left)
        floor = self.stage.floor
        await self._until("nothing is left", lambda: not floor.tickets and not self.stage.talks())
        await self._until(
            "agents are free",
            lambda: {floor.agents[each].state for each in AGENTS} <= {AgentState.READY, AgentState.PAUSED},
        )

    async def _all_is_written(self) -> bool:
        """Each ticket that joined has one end, and each call at least one ticket."""
        with make_unit_of_work(self.stage.engine)() as session:
            ended = [(row.call_id, row.end) for row in session.scalars(select(TicketRecord))]
        joined, ends = len(self.stage.steps("ticket.joined")), Counter(f"ticket.{end}" for _, end in ended)
        told = {end: len(self.stage.steps(end)) for end in ends}
        return joined == len(ended) and told == dict(ends) and len({call for call, _ in ended}) == self.dialled

    # Looking

    def _on_the_line(self) -> list[Phone]:
        return [each for each in self.callers if each.busy]

    async def _channels(self) -> list[str]:
        said = await asyncio.to_thread(self.stage.node.cli, "core show channels concise")
        return [line.partition("!")[0] for line in said.splitlines() if line.startswith("PJSIP/")]

    async def _until(self, what: str, holds: Callable[[], object]) -> None:
        give_up = time.monotonic() + 60
        while True:
            found = holds()
            if await found if asyncio.iscoroutine(found) else found:
                return
            if time.monotonic() > give_up:
                floor = self.stage.floor
                known = f"{floor.tickets} {self.stage.talks()} {floor.agents}"
                raise AssertionError(f"not so: {what}; {known}; channels {await self._channels()}")
            await asyncio.sleep(0.1)  # Asterisk's list of channels tells nobody when it changes.


def _rings(phone: Phone) -> bool:
    last = next((each.what for each in reversed(phone.events) if each.what != "registered"), "")
    return phone.busy and last == "ringing"
