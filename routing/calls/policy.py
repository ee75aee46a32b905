"""Who gets which call: pure functions of who waits, who is there and what time it is.

The live router and the simulation of a day call these very functions. Callers gather priority while they wait, each
class at a rate of its own (accumulating priority: Stanford, Taylor and Ziedins, "Waiting time distributions in the
accumulating priority queue", Queueing Systems 77, 2014), so that the frail go first and nobody starves. SOS comes
before all else. All times are in seconds of one clock, all waits in seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from routing.calls.messages import AgentState, CallerClass
from routing.calls.page_left import MAY_TAKE_UP, keeps

_RATES: Mapping[CallerClass, float] = MappingProxyType(
    {CallerClass.SOS: 1.0, CallerClass.FRAIL: 3.0, CallerClass.ELDER: 2.0, CallerClass.OTHER: 1.0}
)


class Target(StrEnum):
    """What a decision rings."""

    AGENT = "agent"
    DUTY = "duty"
    """A duty phone, whose owner hears who calls and takes the call by a key."""
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Waiting:
    """A ticket that may be given to somebody now. `tried` holds whom it rang in vain, each with the time of the try."""

    ticket_id: str
    caller_class: CallerClass
    joined_at: float
    skills: tuple[str, ...] = ()
    preferred_agent: str | None = None
    tried: tuple[tuple[str, float], ...] = ()
    promised: bool = False
    """The caller hung up on the promise of a call-back; the ticket keeps its place."""
    kept_for: str | None = None
    """The agent whose page was left in mid-talk; until `kept_until` nobody else takes the talk up."""
    kept_until: float = 0.0
    kept_since: float = 0.0


@dataclass(frozen=True)
class Agent:
    """An agent as the policy sees them; `since` is when the state began."""

    extension: str
    state: AgentState
    since: float
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rules:
    """What can be set. `rates` are priority gathered per second of waiting; SOS needs none, it is first anyway."""

    rates: Mapping[CallerClass, float] = field(default_factory=lambda: _RATES)
    skill_relax_seconds: float = 60.0
    sos_widen_seconds: float = 5.0
    sos_outside_seconds: float = 20.0
    sos_outside_number: str = ""
    duty_numbers: tuple[str, ...] = ()
    """Who is on duty now, in order."""
    closed_since: float | None = None
    """When the hotline closed, if it is closed. Whoever came before is still served by the agents who are there."""
    message_after_seconds: float = 60.0
    """With nobody logged in by day, a caller waits so long for somebody before a message is taken."""
    retry_seconds: float = 10.0
    """Nobody is rung twice for one ticket within this time, so that a number that fails at once makes no loop."""


@dataclass(frozen=True)
class Decision:
    """Ring `to` (an extension or an outside number) for the ticket; `reason` is what a supervisor is shown."""

    ticket_id: str
    target: Target
    to: str
    reason: str


def choose(waiting: Sequence[Waiting], agents: Sequence[Agent], now: float, rules: Rules) -> Decision | None:
    """Give one idle agent to one ticket, or tell that nobody fits (None).

    The first ticket in order of priority that any idle agent may serve gets the best of these agents. Call it again,
    with the agent reserved, until it says None.
    """
    kept = {ticket.ticket_id: ticket.kept_for for ticket in waiting if ticket.kept_for and keeps(ticket, agents, now)}
    idle = [agent for agent in agents if agent.state is AgentState.READY]
    back = [agent for agent in agents if agent.extension in kept.values() and agent.state in MAY_TAKE_UP]
    if not idle and not back:
        return None
    scarcity = _scarcity(agents)
    for ticket in sorted(waiting, key=lambda each: _turn(each, now, rules)):
        wanted = frozenset(ticket.skills)
        sos = ticket.caller_class is CallerClass.SOS
        if ticket.ticket_id in kept:
            fit = [agent for agent in back if agent.extension == ticket.kept_for]
        else:
            strict = not sos and now - ticket.joined_at < rules.skill_relax_seconds
            free = idle if sos else [agent for agent in idle if agent.extension not in kept.values()]
            fit = [agent for agent in free if not strict or wanted <= agent.skills]
        if fit:
            best = min(fit, key=lambda agent: _fitness(agent, ticket, wanted, scarcity))
            return Decision(ticket.ticket_id, Target.AGENT, best.extension, _why(ticket, best, wanted, now, rules))
    return None


def widen(
    waiting: Sequence[Waiting], agents: Sequence[Agent], ringing_outside: Collection[str], now: float, rules: Rules
) -> Decision | None:
    """Look further where no idle agent is left: for SOS, and for everyone when closed or no agent is logged in at all.

    An SOS that has waited `sos_widen_seconds` rings agents in wrap-up, paused and resting ones, then duty phones; after
    `sos_outside_seconds` the outside number first. Others ring the duty phones, once each.
    """
    unstaffed = nobody_logged_in(agents)
    # Whom nothing wider is there for need not be put in order: that would be hundreds, at every event of a busy hour.
    wider = [
        each
        for each in waiting
        if (unstaffed or each.caller_class is CallerClass.SOS or _is_after_hours(each, unstaffed, rules))
        and not keeps(each, agents, now)
    ]
    for ticket in sorted(wider, key=lambda each: _turn(each, now, rules)):
        waited = now - ticket.joined_at
        if ticket.caller_class is CallerClass.SOS and (waited >= rules.sos_widen_seconds or unstaffed):
            candidates = _wide(agents, waited, rules)
        elif unstaffed or _is_after_hours(ticket, unstaffed, rules):
            why = "nobody is logged in" if unstaffed else "closed"
            candidates = [(3, float(n), Target.DUTY, number, f"{why}, duty phone {n + 1}")
                          for n, number in enumerate(rules.duty_numbers)]  # fmt: skip
        else:
            continue
        decision = _least_tried(ticket, candidates, ringing_outside, now, rules)
        if decision:
            return decision
    return None


def nobody_logged_in(agents: Sequence[Agent]) -> bool:
    """Whether no agent is there at all."""
    return all(agent.state in (AgentState.LOGGED_OFF, AgentState.UNREACHABLE) for agent in agents)


def message_at(ticket: Waiting, agents: Sequence[Agent], nobody_since: float | None, rules: Rules) -> float | None:
    """Tell from when on (perhaps past) a caller whom nobody answers leaves a message; None: somebody may answer yet.

    Never an SOS, and not before each duty phone was rung. `nobody_since`: since when no agent is logged in.
    """
    if ticket.caller_class is CallerClass.SOS or ticket.promised:
        return None
    if not set(rules.duty_numbers) <= {who for who, _ in ticket.tried}:
        return None
    if _is_after_hours(ticket, nobody_logged_in(agents), rules):
        return max(ticket.joined_at, ticket.kept_until)
    if nobody_since is None:
        return None
    return max(nobody_since, ticket.joined_at, ticket.kept_until) + rules.message_after_seconds


def _is_after_hours(ticket: Waiting, unstaffed: bool, rules: Rules) -> bool:
    return rules.closed_since is not None and (unstaffed or ticket.joined_at >= rules.closed_since)


def next_change(waiting: Iterable[Waiting], now: float, rules: Rules) -> float | None:
    """Tell when a ticket's wait alone will next change what may be chosen: a skill relaxed, an SOS widened, a retry."""
    times = []
    for ticket in waiting:
        if ticket.caller_class is CallerClass.SOS:
            times += [ticket.joined_at + rules.sos_widen_seconds, ticket.joined_at + rules.sos_outside_seconds]
            times += [at + rules.retry_seconds for _, at in ticket.tried]
        elif ticket.skills:
            times.append(ticket.joined_at + rules.skill_relax_seconds)
        times.append(ticket.kept_until)
    return min((time for time in times if time > now), default=None)


_Candidate = tuple[int, float, Target, str, str]


def _wide(agents: Sequence[Agent], waited: float, rules: Rules) -> list[_Candidate]:
    ranks = {AgentState.WRAP_UP: 0, AgentState.PAUSED: 1, AgentState.RESTING: 2}
    found: list[_Candidate] = [
        (ranks[agent.state], agent.since, Target.AGENT, agent.extension, f"agent in {agent.state} rings too")
        for agent in agents
        if agent.state in ranks
    ]
    found += [(3, float(n), Target.DUTY, number, f"duty phone {n + 1}") for n, number in enumerate(rules.duty_numbers)]
    if rules.sos_outside_number and waited >= rules.sos_outside_seconds:
        found.append((-1, 0.0, Target.OUTSIDE, rules.sos_outside_number, "outside number"))
    return found


def _least_tried(
    ticket: Waiting,
    candidates: Sequence[_Candidate],
    ringing: Collection[str],
    now: float,
    rules: Rules,
) -> Decision | None:
    again = ticket.caller_class is CallerClass.SOS
    tries: dict[str, list[float]] = {}
    for who, at in ticket.tried:
        tries.setdefault(who, []).append(at)
    free = [
        (len(tries.get(to, ())), rank, since, to, target, word)
        for rank, since, target, to, word in candidates
        if to not in ringing
        and (to not in tries or (again and now - max(tries[to]) >= rules.retry_seconds))
    ]  # fmt: skip
    if not free:
        return None
    _, _, _, to, target, word = min(free)
    reason = f"{ticket.caller_class} without an idle agent for {now - ticket.joined_at:.0f} s: {word}"
    return Decision(ticket.ticket_id, target, to, reason)


def priority(ticket: Waiting, now: float, rules: Rules) -> float:
    """Give the priority that a ticket has gathered by now (no unit; compare it within one moment only)."""
    return rules.rates[ticket.caller_class] * max(0.0, now - ticket.joined_at)


def overtaken_until(ticket: Waiting, by: CallerClass, waited: float, rules: Rules) -> float:
    """Tell until when others of the class `by` may have joined that go before this ticket after it waited so long.

    That is what keeps anybody from starving: from then on whoever joins goes after. With rates r (the ticket's) and R
    it is (1 - r/R) of the wait, and for R <= r nobody who joined later goes first. An SOS always does.
    """
    if by is CallerClass.SOS:
        return ticket.joined_at + waited
    slower = 1 - rules.rates[ticket.caller_class] / rules.rates[by] if rules.rates[by] > 0 else 0.0
    return ticket.joined_at + waited * max(0.0, slower)


def ahead(ticket: Waiting, waiting: Iterable[Waiting], now: float, rules: Rules) -> int:
    """Count the tickets whose turn comes before this one's, as things stand, without its own entry in `waiting`."""
    mine = _turn(ticket, now, rules)
    return sum(each.ticket_id != ticket.ticket_id and _turn(each, now, rules) < mine for each in waiting)


def _turn(ticket: Waiting, now: float, rules: Rules) -> tuple[int, float, float, str]:
    """Order tickets: SOS by arrival, then the rest by priority, then by arrival."""
    sos = ticket.caller_class is CallerClass.SOS
    return (0 if sos else 1, 0.0 if sos else -priority(ticket, now, rules), ticket.joined_at, ticket.ticket_id)


def _scarcity(agents: Sequence[Agent]) -> dict[str, float]:
    """Weigh each skill by how few of the agents who are logged in have it: 1 for one agent, 1/2 for two."""
    count: dict[str, int] = {}
    for agent in agents:
        if agent.state is not AgentState.LOGGED_OFF:
            for skill in agent.skills:
                count[skill] = count.get(skill, 0) + 1
    return {skill: 1 / number for skill, number in count.items()}


def _fitness(
    agent: Agent, ticket: Waiting, wanted: frozenset[str], scarcity: Mapping[str, float]
) -> tuple[int, bool, float, float, str]:
    """Order agents: skills, who knows the caller, least scarce skills left unused, longest idle, extension."""
    spare = sum(scarcity[skill] for skill in sorted(agent.skills - wanted))
    return (len(wanted - agent.skills), agent.extension != ticket.preferred_agent, spare, agent.since, agent.extension)


def _why(ticket: Waiting, agent: Agent, wanted: frozenset[str], now: float, rules: Rules) -> str:
    waited = max(0.0, now - ticket.joined_at)
    words = [f"{ticket.caller_class} waited {waited:.0f} s"]
    if ticket.promised:
        words.append("call-back in its place")
    sos = ticket.caller_class is CallerClass.SOS
    words.append("SOS before all" if sos else f"priority {priority(ticket, now, rules):.0f}")
    missing = wanted - agent.skills
    if wanted - missing:
        words.append(f"has {', '.join(sorted(wanted & agent.skills))}")
    if missing:
        words.append(f"without {', '.join(sorted(missing))}")
    if agent.extension == ticket.kept_for:
        words.append("takes the talk up again whose page was left")
    elif agent.extension == ticket.preferred_agent:
        words.append("knows the caller")
    words.append(f"{agent.extension} idle {max(0.0, now - agent.since):.0f} s")
    return "; ".join(words)
