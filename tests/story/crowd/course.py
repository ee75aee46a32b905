"""The course of one outage: thirty calls, parts killed among them, an SOS, the parts back, and everybody served.

What everybody does is waited for by what their phones hear and by what Asterisk has; nothing waits for a time to pass.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from routing.calls.records import TicketStage
from tests.phones.rooms import Quiet, RoomPhone
from tests.story.crowd.house import AGENT_HZ, CALLERS, Channel, House
from tests.story.scene import AT_WORK

TALKING, IN_HOLD, IN_MENUS, IN_NEED = "talking", "in hold", "in menus", "sos"
AGENT = "agents"
_SERVED_SECONDS = 100.0
"""Nobody waits longer for an agent; how long they do is in the figures."""
_STILL_SECONDS = 8.0
"""A talk in which no half second of the agent's is heard for so long is none any more."""
_READY_SECONDS = 40.0
_PATIENCE_SECONDS = 30.0
"""How long the SOS has to be given an agent who is free, before one more becomes free."""


@dataclass(eq=False)
class Caller:
    """Somebody who calls, and what came of it. Moments are monotonic."""

    role: str
    number: str
    phone: RoomPhone
    dialled_at: float = 0.0
    served_at: float | None = None
    quiet: Quiet | None = None


@dataclass
class Outage:
    """What happened in one outage."""

    killed: tuple[str, ...]
    callers: list[Caller] = field(default_factory=list)
    agents_quiet: list[Quiet] = field(default_factory=list)
    killed_at: float = 0.0
    freed_for_sos: int = 0
    """How many agents had to become free until the SOS had one of them."""
    back_at: float = 0.0
    dropped: set[str] = field(default_factory=set)
    """Numbers of those whose talk ended before anybody hung up."""
    channels_before: int = 0
    call_ids: dict[str, str] = field(default_factory=dict)
    """Of the thirty calls and the SOS, by the caller's number, as Asterisk has them."""
    took: dict[str, float] = field(default_factory=dict)
    recorded: int = 0


class Course:
    """Plays one outage in the house."""

    def __init__(self, house: House, *killed: str) -> None:
        self._house = house
        self._heard = {phone: phone.calls() for phone in house.agents.values()}
        self._sos_is_served = threading.Event()
        self._began = time.monotonic()
        self.outage = Outage(killed)

    def play(self) -> Outage:
        """Play it to its end: everybody has hung up, and Asterisk has no channel left. Raises AssertionError with what
        did not happen."""
        try:
            return self._play()
        finally:
            self._sos_is_served.set()
            self._house.all_at_once(lambda each: each.phone.hang_up(), self.outage.callers)
            self._house.start(*self._house.away)

    def _play(self) -> Outage:
        house, outage = self._house, self.outage
        self._agents_are_free()
        talkers, holders, in_menus = self._gather()
        before = house.channels()
        outage.channels_before = len(before)
        self._mark("gathered")
        outage.killed_at = time.monotonic()
        house.kill(*outage.killed)
        waiting = [house.soon(self._is_served, each) for each in (*holders, *in_menus)]
        in_need = Caller(IN_NEED, house.in_need.name(), house.in_need)
        outage.callers.append(in_need)
        self._dial(in_need, house.hotline.settings.did_sos)
        self._still_talk(talkers, before)
        house.hotline.eventually("the SOS waits for an agent", lambda: self._waits(in_need), _SERVED_SECONDS)
        outage.call_ids = {each.number: each.unique for each in house.channels() if each.from_outside}
        rest = self._let_the_sos_through(in_need, talkers)
        self._sos_is_served.set()
        self._mark("sos served")
        self._still_talk(rest, before)
        house.start(*outage.killed)
        outage.back_at = time.monotonic()
        self._mark("back")
        self._still_talk(rest, before)
        house.all_at_once(lambda each: each.phone.hang_up(), rest)
        for each in waiting:
            each.result()
        self._mark("served")
        self._listen_back()
        house.hotline.eventually("no channel is left", lambda: not house.channels(), 20)
        self._mark("over")
        return outage

    def _let_the_sos_through(self, in_need: Caller, talkers: list[Caller]) -> list[Caller]:
        """Two agents become free while the part is away, and more if that does not do; give who goes on talking.

        Whoever else reaches one of them talks until the SOS has, too: an SOS that is not the first waits for nothing.
        """
        served, left = self._house.soon(self._is_served, in_need), list(talkers)
        leave = left[:2]
        while leave:
            self._house.all_at_once(lambda each: each.phone.hang_up(), leave)
            left = left[len(leave) :]
            self.outage.freed_for_sos += len(leave)
            if wait([served], _PATIENCE_SECONDS).done:
                break
            leave = left[:1]
        served.result()
        return left

    def _mark(self, phase: str) -> None:
        self.outage.took[phase] = round(time.monotonic() - self._began, 1)

    def _agents_are_free(self) -> None:
        board = self._house.hotline.services.agents

        def ready() -> bool:
            states = [board.get(each) for each in self._house.agents]
            return all(state is not None and state.state is AT_WORK[0] for state in states)

        self._house.hotline.eventually("all agents are ready", ready, _READY_SECONDS)

    def _gather(self) -> tuple[list[Caller], list[Caller], list[Caller]]:
        """Ten talk, ten are in hold, and ten hear the menu."""
        house, outage = self._house, self.outage
        roles = [TALKING] * 10 + [IN_HOLD] * 10 + [IN_MENUS] * 10
        outage.callers = [
            Caller(role, number, house.callers[number]) for role, number in zip(roles, CALLERS, strict=True)
        ]
        talkers, holders, in_menus = outage.callers[:10], outage.callers[10:20], outage.callers[20:]
        house.all_at_once(self._asks_for_a_person, talkers)
        house.all_at_once(self._is_served, talkers)
        house.all_at_once(self._asks_for_a_person, holders)
        tickets = house.hotline.services.tickets

        def held() -> bool:
            return sum(each.stage is TicketStage.HELD for each in tickets.waiting()) == len(holders)

        house.hotline.eventually("ten are in hold", held, 30)
        house.all_at_once(self._dial, in_menus)
        assert all(house.all_at_once(lambda each: each.phone.hears_something(20, 0.5), in_menus))
        return talkers, holders, in_menus

    def _dial(self, caller: Caller, did: str = "") -> None:
        hotline = self._house.hotline
        caller.dialled_at = time.monotonic()
        caller.phone.dial(f"sip:{did or hotline.settings.did_hotline}@{hotline.dial_to}")

    def _asks_for_a_person(self, caller: Caller) -> None:
        self._dial(caller)
        assert caller.phone.hears_something(20, 0.3), f"{caller.role} heard nothing"
        caller.phone.press("0")

    def _is_served(self, caller: Caller) -> None:
        """Wait until the caller hears an agent; whoever waited for one then talks until the SOS does, too."""
        caller.served_at = caller.phone.hears_tone(AGENT_HZ, _SERVED_SECONDS)
        if caller.role in (IN_HOLD, IN_MENUS):
            self._sos_is_served.wait(_SERVED_SECONDS)
        if caller.role != TALKING:
            caller.phone.hang_up()

    def _waits(self, in_need: Caller) -> bool:
        """Whether the SOS is where the next free agent is given to it: the router's ticket is held, or in the queue."""
        place = next((each for each in self._house.channels() if each.number == in_need.number), None)
        if place is None or place.application == "Queue":
            return place is not None
        if self.outage.killed == ("redis",):  # Its tickets are in the router's memory alone.
            return place.context == "hold"
        with suppress(RedisError):
            held = [each for each in self._house.hotline.services.tickets.waiting() if each.stage is TicketStage.HELD]
            return place.unique in [each.call_id for each in held]
        return False

    def _still_talk(self, talkers: Sequence[Caller], before: Sequence[Channel]) -> None:
        """Note who does not hear their agent any more, or has another channel than before."""
        self.outage.dropped |= {
            each.number
            for each, heard in zip(talkers, self._house.all_at_once(_hears_the_agent, talkers), strict=True)
            if heard is None
        }
        own = {channel.unique: channel.number for channel in before if channel.from_outside}
        living = {channel.unique for channel in self._house.channels()}
        numbers = {each.number for each in talkers}
        self.outage.dropped |= {number for unique, number in own.items() if number in numbers and unique not in living}

    def _listen_back(self) -> None:
        """How long everybody's longest silence was, of all that they heard in this outage."""

        def listen(caller: Caller) -> None:
            caller.quiet = caller.phone.quietest()

        self._house.all_at_once(listen, self.outage.callers)

        def listen_to_agent(phone: RoomPhone) -> list[Quiet]:
            return [phone.quietest(call) for call in range(self._heard[phone], phone.calls())]

        for heard in self._house.all_at_once(listen_to_agent, list(self._house.agents.values())):
            self.outage.agents_quiet += heard


def _hears_the_agent(caller: Caller) -> float | None:
    return caller.phone.hears_tone(AGENT_HZ, _STILL_SECONDS)
