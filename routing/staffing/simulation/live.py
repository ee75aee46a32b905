"""A day under the live policy: the very functions that the router calls, as `routing.calls.offers` calls them."""

from __future__ import annotations

from collections.abc import Sequence

from routing.calls import policy
from routing.calls.messages import AgentState
from routing.staffing.simulation.callers import Need
from routing.staffing.simulation.centre import Centre
from routing.staffing.simulation.hall import Hall
from routing.staffing.simulation.people import Caller, Desk

_MISSES = 2
_TAKE_NO_CALLS = (AgentState.LOGGED_OFF, AgentState.PAUSED, AgentState.RESTING)


class LiveHall(Hall):
    """Accumulating priority, skills, sticky agents, SOS widening, call-backs that keep their place."""

    tells = True

    def __init__(self, centre: Centre, needs: Sequence[Need]) -> None:
        super().__init__(centre, needs)
        self._callers: dict[str, Caller] = {}
        self._held: dict[str, policy.Waiting] = {}
        self._ringing_outside: set[str] = set()
        self._agents = {desk.extension: _seen(desk) for desk in self.desks}
        self._at_desk = {desk.extension: desk for desk in self.desks}
        self._wakes_at = 0.0

    def route(self) -> None:
        """Give callers in hold to whoever may take them, until nobody fits; then set the clock."""
        rules = self.centre.rules
        while self._held:
            waiting, agents = list(self._held.values()), list(self._agents.values())
            decision = policy.choose(waiting, agents, self.now, rules) or policy.widen(
                waiting, agents, self._ringing_outside, self.now, rules
            )
            if decision is None:
                break
            self._offer(decision)
        change = policy.next_change(self._held.values(), self.now, rules)
        if change is not None and (self._wakes_at <= self.now or change < self._wakes_at):
            self._wakes_at = change
            self.at(change, _nothing)

    def _offer(self, decision: policy.Decision) -> None:
        caller = self._callers[decision.ticket_id]
        del self._held[decision.ticket_id]
        if decision.target is policy.Target.AGENT:
            ring = min(
                self.centre.ring_seconds, self.centre.sos_ring_seconds if caller.sos else self.centre.ring_seconds
            )
            desk = self._at_desk[decision.to]
            self.ring(caller, desk, ring)
            return
        self._ringing_outside.add(decision.to)
        self.outside(caller, lambda: self._ringing_outside.discard(decision.to))

    def joined(self, caller: Caller) -> None:
        self._callers[caller.ticket_id] = caller
        self._held[caller.ticket_id] = caller.waiting()
        offer = self.centre.callback_offer_seconds
        if offer is not None and not caller.promised and not caller.sos:
            self.at(caller.joined_at + offer, lambda: self._offer_callback(caller))

    def _offer_callback(self, caller: Caller) -> None:
        if caller.ticket_id in self._held and not caller.promised and caller.attempt.accepts_callback:
            self.promise(caller)
            self._held[caller.ticket_id] = caller.waiting()

    def left(self, caller: Caller) -> None:
        self._held.pop(caller.ticket_id, None)

    def missed(self, caller: Caller, desk: Desk) -> None:
        """As `routing.calls.offers` does: the ticket is back where it stood, and an agent who was idle rests."""
        self._held[caller.ticket_id] = caller.waiting()
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

    def estimate(self, caller: Caller) -> float:
        ahead = policy.ahead(caller.waiting(), self._held.values(), self.now, self.centre.rules)
        agents = sum(desk.state not in _TAKE_NO_CALLS for desk in self.desks)
        return self.announcements.estimate(ahead, agents)


def _seen(desk: Desk) -> policy.Agent:
    return policy.Agent(desk.extension, desk.state, desk.since, desk.skills)


def _nothing() -> None:
    """Only to route again at this moment."""
