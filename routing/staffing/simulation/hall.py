"""What both policies have in common: people call, wait, give up, talk; agents come, ring, note down and go.

An event-driven simulation: a heap of moments, in order of time and then of their making, so that a day can be
repeated exactly. A policy says only whose phone rings for whom.
"""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import count

from routing.calls.messages import AgentState
from routing.calls.records import TicketStage
from routing.staffing.erlang import StaffingError
from routing.staffing.history import HALF_HOUR_SECONDS
from routing.staffing.simulation.announcements import Announcements
from routing.staffing.simulation.callers import Need
from routing.staffing.simulation.centre import Centre, Day, Ended, Outcome
from routing.staffing.simulation.people import Caller, Desk

_FIRST_EXTENSION = 1001
_MINUTE = 60.0


class Hall(ABC):
    """One day, under one policy. `run` may be called once."""

    def __init__(self, centre: Centre, needs: Sequence[Need]) -> None:
        self.centre = centre
        self.now = 0.0
        self.desks = [
            Desk(str(_FIRST_EXTENSION + n), _skills(n, centre)) for n in range(max(centre.desks, default=0))
        ]  # fmt: skip
        if not self.desks:
            raise StaffingError("there is no agent in any half hour")
        self._needs = needs
        self._closes = HALF_HOUR_SECONDS * (1 + max(n for n, there in enumerate(centre.desks) if there))
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._ended: list[Ended] = []
        self._promised: dict[str, Caller] = {}
        self._busy_seconds = 0.0
        self._present: set[str] = set()
        self._queue: list[int] = []
        self.announcements = Announcements()

    def run(self) -> Day:
        """Play the day to its last event."""
        for half_hour, there in enumerate(self.centre.desks):
            if half_hour == 0 or there != self.centre.desks[half_hour - 1]:
                self.at(half_hour * HALF_HOUR_SECONDS, self._shift(there))
        self.at(self._closes, self._shift(0))
        for need in self._needs:
            self.at(need.at, self._arrival(need, 0))
        first = self._needs[0].at if self._needs else 0.0
        self.at(first, self._sample)
        if self.centre.forgets_every_seconds is not None:
            self._forget(self.centre.forgets_every_seconds)
        while self._agenda:
            self.now, _, action = heapq.heappop(self._agenda)
            action()
            self.route()
        for caller in list(self._promised.values()):
            self._end(caller, Outcome.NOT_REACHED)
        staffed = sum(self.centre.desks) * HALF_HOUR_SECONDS
        told = tuple(self.announcements.come_true)
        spent = self.now - first
        return Day(len(self._needs), tuple(self._ended), told, self._busy_seconds, staffed, spent, tuple(self._queue))

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Put something on the agenda."""
        heapq.heappush(self._agenda, (moment, next(self._order), action))

    # What a policy does

    @abstractmethod
    def route(self) -> None:
        """Ring whoever is to be rung now; called after each event."""

    @abstractmethod
    def joined(self, caller: Caller) -> None:
        """A caller waits."""

    @abstractmethod
    def left(self, caller: Caller) -> None:
        """A caller waits no more."""

    @abstractmethod
    def missed(self, caller: Caller, desk: Desk) -> None:
        """The agent's phone rang in vain; the caller waits on."""

    @abstractmethod
    def desk_changed(self, desk: Desk) -> None:
        """An agent's state is another."""

    # Calls

    def _arrival(self, need: Need, number: int) -> Callable[[], None]:
        def arrive() -> None:
            preferred = None if need.knows is None else self.desks[int(need.knows * len(self.desks))].extension
            caller = Caller(need, number, self.now, f"{need.number:07d}.{number}", preferred, polls_from=self.now)
            self._present.add(caller.ticket_id)
            caller.gives_up_at = self.now + caller.attempt.patience
            self.at(caller.gives_up_at, lambda: self._give_up(caller))
            self.joined(caller)

        return arrive

    def _give_up(self, caller: Caller) -> None:
        if caller.gone or caller.promised:
            return
        if caller.gives_up_at > self.now:
            self.at(caller.gives_up_at, lambda: self._give_up(caller))
            return
        ringing = caller.stage is TicketStage.OFFERED
        if caller.desk is not None:
            self.free(caller.desk)
        self.left(caller)
        self._end(caller, Outcome.ABANDONED, ringing=ringing)
        retry = caller.attempt.retry
        if retry is not None and self.now + retry < self._closes:
            self.at(self.now + retry, self._arrival(caller.need, caller.number + 1))

    def promise(self, caller: Caller) -> None:
        """The caller takes a call-back and hangs up; the ticket stays where it stands."""
        self.announcements.experience.left(self.now - caller.joined_at, False)
        caller.promised = True
        self._promised[caller.ticket_id] = caller
        self._present.discard(caller.ticket_id)

    def ring(self, caller: Caller, desk: Desk, seconds: float) -> None:
        """Ring an agent for a caller, or reserve the agent and dial the caller who was promised a call."""
        caller.stage, caller.desk = TicketStage.OFFERED, desk
        caller.offers += 1
        desk.caller, desk.busy_since = caller, self.now
        self.settle(desk, AgentState.RINGING)
        token, need = caller.offers, caller.need
        if caller.promised:
            there = need.callbacks[min(caller.dialled, len(need.callbacks) - 1)]
            caller.dialled += 1
            caller.reached = False
            if not there.missed and there.pick_up < self.centre.callback_ring_seconds:
                self.at(self.now + there.pick_up, lambda: self._greeted(caller, desk, token))
                return
            answered, after = False, self.centre.callback_ring_seconds
        else:
            phone = caller.attempt.rings[min(token, len(caller.attempt.rings)) - 1]
            answered = not phone.missed and phone.pick_up < seconds
            after = phone.pick_up if answered else seconds
        self.at(self.now + after, lambda: self._rung(caller, desk, token, answered))

    def _greeted(self, caller: Caller, desk: Desk, token: int) -> None:
        """Whoever was called back hears who calls; then the agent's phone rings, who sees the record already."""
        if caller.gone or caller.offers != token or caller.desk is not desk:
            return
        caller.reached = True
        picked_up = caller.attempt.rings[0].pick_up
        after = self.centre.callback_greeting_seconds + picked_up
        self.at(self.now + after, lambda: self._rung(caller, desk, token, True))

    def _rung(self, caller: Caller, desk: Desk, token: int, answered: bool) -> None:
        if caller.gone or caller.offers != token or caller.desk is not desk:
            return
        if answered:
            self._talk(caller, desk)
        elif caller.promised:
            self.free(desk)
            self.left(caller)
            if caller.dialled >= self.centre.callback_attempts:
                self._end(caller, Outcome.NOT_REACHED)
            else:
                self.again(caller, self.centre.callback_retry_seconds)
        else:
            caller.tried = (*caller.tried, (desk.extension, self.now))[-50:]
            self.free(desk)
            self.missed(caller, desk)

    def again(self, caller: Caller, seconds: float) -> None:
        """Have a promise wait for its turn again, but not before so many seconds."""
        self.at(self.now + seconds, lambda: None if caller.gone else self.joined(caller))

    def _talk(self, caller: Caller, desk: Desk) -> None:
        self.left(caller)
        skilled = set(caller.need.skills) <= desk.skills
        self._end(caller, Outcome.CALLED_BACK if caller.promised else Outcome.ANSWERED, skilled=skilled)
        desk.misses = 0
        self.settle(desk, AgentState.TALKING)
        self.at(self.now + caller.need.talk, lambda: self._hung_up(desk))

    def _hung_up(self, desk: Desk) -> None:
        handled = self.now - desk.busy_since + self.centre.wrap_up_seconds
        self._busy_seconds += handled
        self.announcements.experience.took(handled)
        desk.wrap_up_until = self.now + self.centre.wrap_up_seconds
        desk.caller = None
        self.settle(desk, None)
        self.at(desk.wrap_up_until, lambda: self.settle(desk, desk.offered))

    def outside(self, caller: Caller, done: Callable[[], None]) -> None:
        """Connect a caller with an outside number, which answers always; `done` is called as its ring ends."""
        caller.stage = TicketStage.OFFERED
        caller.offers += 1
        token = caller.offers

        def answered() -> None:
            done()
            if not caller.gone and caller.offers == token:
                self.left(caller)
                self._end(caller, Outcome.ANSWERED, outside=True)

        self.at(self.now + self.centre.outside_pick_up_seconds, answered)

    def _end(
        self, caller: Caller, outcome: Outcome, *, skilled: bool = True, outside: bool = False, ringing: bool = False
    ) -> None:
        caller.gone, caller.desk = True, None
        self._present.discard(caller.ticket_id)
        self._promised.pop(caller.ticket_id, None)
        waited = self.now - caller.joined_at
        need = caller.need
        wanted = bool(need.skills)
        self._ended.append(
            Ended(need.number, need.caller_class, caller.joined_at, waited, outcome, wanted, skilled, outside, ringing)
        )  # fmt: skip
        if not caller.promised:
            self.announcements.experience.left(waited, outcome is Outcome.ABANDONED)
        if outcome is Outcome.ANSWERED:
            self.announcements.answered(caller, self.now)

    # Agents

    def free(self, desk: Desk) -> None:
        """Let an agent go whose phone rang."""
        self._busy_seconds += self.now - desk.busy_since
        if desk.caller is not None:
            desk.caller.desk = None
            desk.caller.stage = TicketStage.HELD
        desk.caller = None
        self.settle(desk, None)

    def settle(self, desk: Desk, offered: AgentState | None) -> None:
        """Let the agent's state follow the facts."""
        desk.offered = offered
        state = desk.state_at(self.now)
        if state is not desk.state:
            desk.state, desk.since = state, self.now
            self.desk_changed(desk)

    def _shift(self, there: int) -> Callable[[], None]:
        def change() -> None:
            for n, desk in enumerate(self.desks):
                desk.there = n < there
                self.settle(desk, desk.offered)

        return change

    def _forget(self, every: float) -> None:
        self.announcements.forget()
        if self.now < self._closes:
            self.at(self.now + every, lambda: self._forget(every))

    def _sample(self) -> None:
        self._queue.append(len(self._present))
        if self.now < self._closes:
            self.at(self.now + _MINUTE, self._sample)


def _skills(number: int, centre: Centre) -> frozenset[str]:
    """Spread each skill evenly over the agents; the first has all, so that none is missing in a thin hour."""
    return frozenset(skill for skill, share in centre.skills.items() if share > 0 and _nth(number, share))


def _nth(number: int, share: float) -> bool:
    return number == 0 or int(number * share) != int(number * share - share)
