"""A caller on the line and an agent at a desk, while a day is simulated. They change, and never leave it."""

from __future__ import annotations

from dataclasses import dataclass, field

from routing.calls import policy
from routing.calls.messages import AgentState, CallerClass
from routing.calls.records import Ticket, TicketStage
from routing.staffing.simulation.callers import Attempt, Need


@dataclass(slots=True, eq=False)
class Caller:
    """One call; `offers` counts the phones that rang for it, and tells late events of an earlier ring."""

    need: Need
    number: int
    joined_at: float
    ticket_id: str
    preferred: str | None
    stage: TicketStage = TicketStage.HELD
    gone: bool = False
    promised: bool = False
    offers: int = 0
    dialled: int = 0
    reached: bool = False
    """Whoever was called back has answered, and hears the greeting."""
    tried: tuple[tuple[str, float], ...] = ()
    desk: Desk | None = None
    polls_from: float = 0.0
    poll_set: bool = False
    gives_up_at: float = 0.0
    ticket: Ticket | None = None
    """What a caller in hold was told, and when to speak to them again, as the live router keeps it."""
    speaks_at: float = 0.0
    notes: list[tuple[float, float, float]] = field(default_factory=list)
    """What was announced: the wait told, app_queue's figure, when."""

    @property
    def attempt(self) -> Attempt:
        return self.need.attempts[self.number]

    @property
    def sos(self) -> bool:
        return self.need.caller_class is CallerClass.SOS

    def waiting(self) -> policy.Waiting:
        """Give the ticket as the policy sees it."""
        return policy.Waiting(
            self.ticket_id,
            self.need.caller_class,
            self.joined_at,
            self.need.skills,
            self.preferred,
            self.tried,
            self.promised,
        )


@dataclass(slots=True, eq=False)
class Desk:
    """An agent's place."""

    extension: str
    skills: frozenset[str]
    there: bool = False
    caller: Caller | None = None
    offered: AgentState | None = None
    wrap_up_until: float = 0.0
    rest_until: float = 0.0
    pause_until: float = 0.0
    misses: int = 0
    state: AgentState = AgentState.LOGGED_OFF
    since: float = 0.0
    busy_since: float = 0.0

    def state_at(self, now: float) -> AgentState:
        """Derive the state from the facts, in the order that `routing.calls.agents.state_of` has."""
        if self.offered is not None:
            return self.offered
        if not self.there:
            return AgentState.LOGGED_OFF
        if self.pause_until > now:
            return AgentState.PAUSED
        if self.wrap_up_until > now:
            return AgentState.WRAP_UP
        return AgentState.RESTING if self.rest_until > now else AgentState.READY
