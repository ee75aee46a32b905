"""A day under the live policy: the very functions that the router calls, as `routing.calls.offers` calls them."""

from __future__ import annotations

from collections.abc import Sequence

from routing.calls import policy
from routing.calls.messages import AgentState
from routing.staffing.simulation.callers import Need
from routing.staffing.simulation.centre import Centre
from routing.staffing.simulation.hall import Hall
from routing.staffing.simulation.people import Caller, Desk
from routing.staffing.simulation.speaking import Speaking

_MISSES = 2
_AGAIN_SECONDS = 5.0
"""A promise whose agent went to an SOS waits so long, as in `routing.calls.promised_calls`."""


class LiveHall(Hall):
    """Accumulating priority, skills, sticky agents, SOS widening, announcements, call-backs that keep their place."""

    def __init__(self, centre: Centre, needs: Sequence[Need]) -> None:
        super().__init__(centre, needs)
        self._callers: dict[str, Caller] = {}
        self.held: dict[str, policy.Waiting] = {}
        """Who is in hold, and the promises whose people are to be called."""
        self._ringing_outside: set[str] = set()
        self._agents = {desk.extension: _seen(desk) for desk in self.desks}
        self._at_desk = {desk.extension: desk for desk in self.desks}
        self._wakes_at = 0.0
        self._speaking = Speaking(self, self.held)

    def route(self) -> None:
        """Give callers in hold to whoever may take them, until nobody fits; then set the clock."""
        rules = self.centre.rules
        while self.held:
            waiting, agents = list(self.held.values()), list(self._agents.values())
            on_the_line = [each for each in waiting if not each.promised]
            decision = policy.choose(waiting, agents, self.now, rules) or policy.widen(
                on_the_line, agents, self._ringing_outside, self.now, rules
            )
            if decision is not None:
                self._offer(decision)
            elif not self._give_way():
                break
        change = policy.next_change(self.held.values(), self.now, rules)
        if change is not None and (self._wakes_at <= self.now or change < self._wakes_at):
            self._wakes_at = change
            self.at(change, _nothing)

    def _offer(self, decision: policy.Decision) -> None:
        caller = self._callers[decision.ticket_id]
        del self.held[decision.ticket_id]
        if decision.target is policy.Target.AGENT:
            ring = min(
                self.centre.ring_seconds, self.centre.sos_ring_seconds if caller.sos else self.centre.ring_seconds
            )
            desk = self._at_desk[decision.to]
            self.ring(caller, desk, ring)
            return
        self._ringing_outside.add(decision.to)
        self.outside(caller, lambda: self._ringing_outside.discard(decision.to))

    def _give_way(self) -> bool:
        """As `PromisedCalls.give_way`: an agent who waits for somebody to pick up is let go for an SOS."""
        if not any(self._callers[each].sos for each in self.held):
            return False
        for desk in self.desks:
            caller = desk.caller
            if caller is not None and caller.promised and desk.offered is AgentState.RINGING and not caller.reached:
                self.free(desk)
                self.again(caller, _AGAIN_SECONDS)
                return True
        return False

    def joined(self, caller: Caller) -> None:
        self._callers[caller.ticket_id] = caller
        self.held[caller.ticket_id] = caller.waiting()
        self._speaking.joined(caller)

    def promise(self, caller: Caller) -> None:
        super().promise(caller)
        self.held[caller.ticket_id] = caller.waiting()

    def left(self, caller: Caller) -> None:
        self.held.pop(caller.ticket_id, None)

    def missed(self, caller: Caller, desk: Desk) -> None:
        """As `routing.calls.offers` does: the ticket is back where it stood, and an agent who was idle rests."""
        self.held[caller.ticket_id] = caller.waiting()
        self._speaking.resume(caller)
        if desk.wrap_up_until > desk.busy_since or desk.pause_until > desk.busy_since:
            return
        desk.misses += 1
        desk.rest_until = self.now + self.centre.rest_seconds
        self.at(desk.rest_until, lambda: self.settle(desk, desk.offered))
        if desk.misses >= _MISSES:
            desk.pause_until, desk.misses = self.now + self.centre.pause_seconds, 0
            self.at(desk.pause_until, lambda: self.settle(desk, desk.offered))
        self.settle(desk, None)

    def desk_changed(self, desk: Desk) -> None:
        self._agents[desk.extension] = _seen(desk)


def _seen(desk: Desk) -> policy.Agent:
    return policy.Agent(desk.extension, desk.state, desk.since, desk.skills)


def _nothing() -> None:
    """Only to route again at this moment."""
