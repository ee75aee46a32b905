"""The properties that the policy promises, each on values that hypothesis makes up."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from routing.calls.messages import AgentState, CallerClass
from routing.calls.policy import Agent, Rules, Target, Waiting, choose, next_change, widen

NOW = 10_000.0
RULES = Rules(duty_numbers=("13900000001", "13900000002"), sos_outside_number="120")
SKILLS = ("meal", "medical", "dialect")

skills = st.lists(st.sampled_from(SKILLS), unique=True, max_size=2).map(lambda some: tuple(sorted(some)))
waits = st.lists(
    st.builds(
        Waiting,
        ticket_id=st.uuids().map(str),
        caller_class=st.sampled_from(CallerClass),
        joined_at=st.integers(0, 600).map(lambda waited: NOW - waited),
        skills=skills,
        preferred_agent=st.sampled_from((None, "1001", "1002", "1003")),
    ),
    max_size=8,
    unique_by=lambda ticket: ticket.ticket_id,
)
agents = st.lists(
    st.builds(
        Agent,
        extension=st.integers(1001, 1006).map(str),
        state=st.sampled_from(AgentState),
        since=st.integers(0, 600).map(lambda idle: NOW - idle),
        skills=skills.map(frozenset),
    ),
    max_size=6,
    unique_by=lambda agent: agent.extension,
)


def serve_all(waiting: list[Waiting], there: list[Agent]) -> list[tuple[Waiting, Agent]]:
    """Do as the router does: reserve whoever is chosen, and choose again until nobody fits."""
    served = []
    while decision := choose(waiting, there, NOW, RULES):
        ticket = next(each for each in waiting if each.ticket_id == decision.ticket_id)
        agent = next(each for each in there if each.extension == decision.to)
        served.append((ticket, agent))
        waiting = [each for each in waiting if each is not ticket]
        there = [replace(each, state=AgentState.RESERVED) if each is agent else each for each in there]
    return served


@given(waits, agents, st.randoms(use_true_random=False))
def test_the_same_input_in_any_order_gives_the_same_decision(waiting, there, random) -> None:
    first = choose(waiting, there, NOW, RULES)
    random.shuffle(waiting)
    random.shuffle(there)
    assert choose(waiting, there, NOW, RULES) == first


@given(waits, agents)
def test_nobody_is_overtaken_by_one_of_the_same_class_and_skills(waiting, there) -> None:
    served = [ticket for ticket, _ in serve_all(waiting, there)]
    for ticket in served:
        for other in waiting:
            same = (other.caller_class, other.skills) == (ticket.caller_class, ticket.skills)
            if same and other.joined_at < ticket.joined_at:
                assert other in served
                assert served.index(other) < served.index(ticket)


@given(waits, agents)
def test_sos_is_served_before_all_others(waiting, there) -> None:
    classes = [ticket.caller_class for ticket, _ in serve_all(waiting, there)]
    assert classes == sorted(classes, key=lambda each: each is not CallerClass.SOS)
    idle = sum(agent.state is AgentState.READY for agent in there)
    waiting_sos = sum(ticket.caller_class is CallerClass.SOS for ticket in waiting)
    assert classes.count(CallerClass.SOS) == min(idle, waiting_sos)


@given(waits, agents)
def test_an_agent_never_gets_two_and_only_idle_ones_get_any(waiting, there) -> None:
    served = serve_all(waiting, there)
    extensions = [agent.extension for _, agent in served]
    assert len(extensions) == len(set(extensions))
    assert all(agent.state is AgentState.READY for _, agent in served)
    tickets = [ticket.ticket_id for ticket, _ in served]
    assert len(tickets) == len(set(tickets))


@given(waits, agents)
def test_a_required_skill_is_never_missing(waiting, there) -> None:
    for ticket, agent in serve_all(waiting, there):
        if ticket.caller_class is not CallerClass.SOS and NOW - ticket.joined_at < RULES.skill_relax_seconds:
            assert set(ticket.skills) <= agent.skills


@given(waits, agents)
def test_no_ticket_waits_while_an_idle_agent_fits(waiting, there) -> None:
    served = serve_all(waiting, there)
    left = [ticket for ticket in waiting if ticket not in [each for each, _ in served]]
    free = [agent for agent in there if agent.state is AgentState.READY and agent not in [each for _, each in served]]
    for ticket in left:
        assume(ticket.caller_class is not CallerClass.SOS)
        for agent in free:
            assert NOW - ticket.joined_at < RULES.skill_relax_seconds
            assert not set(ticket.skills) <= agent.skills


@given(st.integers(1, 3000), st.integers(0, 3000))
def test_nobody_starves(waited: int, later: int) -> None:
    """A caller of the slowest class goes before everyone who joined after (1 - r/R) of its own wait (r, R: rates)."""
    slow = Waiting("slow", CallerClass.OTHER, NOW - waited)
    quick = Waiting("quick", CallerClass.FRAIL, NOW - later)
    decision = choose([slow, quick], [Agent("1001", AgentState.READY, NOW)], NOW, RULES)
    bound = waited * RULES.rates[CallerClass.OTHER] / RULES.rates[CallerClass.FRAIL]
    assert decision is not None
    assert (decision.ticket_id == "slow") == (later < bound or (later == bound and waited > later))


def idle(extension: str, seconds: float, *has: str) -> Agent:
    return Agent(extension, AgentState.READY, NOW - seconds, frozenset(has))


def test_the_longest_idle_agent_is_taken() -> None:
    decision = choose([Waiting("t", CallerClass.ELDER, NOW - 3)], [idle("1001", 5), idle("1002", 50)], NOW, RULES)
    assert decision is not None
    assert (decision.to, decision.target) == ("1002", Target.AGENT)
    assert "1002 idle 50 s" in decision.reason


def test_whoever_knows_the_caller_is_taken_only_if_idle() -> None:
    ticket = Waiting("t", CallerClass.ELDER, NOW, preferred_agent="1001")
    decision = choose([ticket], [idle("1001", 5), idle("1002", 50)], NOW, RULES)
    assert decision is not None
    assert decision.to == "1001"
    assert "knows the caller" in decision.reason
    busy = [replace(idle("1001", 5), state=AgentState.TALKING), idle("1002", 50)]
    assert choose([ticket], busy, NOW, RULES).to == "1002"


def test_the_agent_with_the_least_scarce_skills_is_spent_first() -> None:
    there = [idle("1001", 50, "meal", "dialect"), idle("1002", 5, "meal"), idle("1003", 1, "meal")]
    decision = choose([Waiting("t", CallerClass.ELDER, NOW, ("meal",))], there, NOW, RULES)
    assert decision is not None
    assert decision.to == "1002"


def test_a_required_skill_becomes_a_preference() -> None:
    there = [idle("1001", 50), idle("1002", 5, "meal")]
    ticket = Waiting("t", CallerClass.ELDER, NOW - 61, ("dialect", "meal"))
    assert choose([replace(ticket, joined_at=NOW - 59)], there, NOW, RULES) is None
    decision = choose([ticket], there, NOW, RULES)
    assert decision is not None
    assert decision.to == "1002"
    assert "without dialect" in decision.reason
    assert next_change([replace(ticket, joined_at=NOW - 59)], NOW, RULES) == NOW + 1


def sos(waited: float, *tried: tuple[str, float]) -> Waiting:
    return Waiting("sos", CallerClass.SOS, NOW - waited, tried=tried)


THERE = [
    Agent("1001", AgentState.TALKING, NOW - 100),
    Agent("1002", AgentState.PAUSED, NOW - 100),
    Agent("1003", AgentState.WRAP_UP, NOW - 5),
    Agent("1004", AgentState.RESTING, NOW - 5),
    Agent("1005", AgentState.LOGGED_OFF, NOW - 5),
]


def test_sos_widens_step_by_step() -> None:
    assert widen([sos(4)], THERE, (), NOW, RULES) is None
    rung = []
    for _ in range(5):
        decision = widen([sos(6, *((who, NOW) for who in rung))], THERE, (), NOW, RULES)
        assert decision is not None
        rung.append(decision.to)
    assert rung == ["1003", "1002", "1004", "13900000001", "13900000002"]
    assert widen([sos(6, *((who, NOW) for who in rung))], THERE, (), NOW, RULES) is None


def test_sos_goes_outside_after_its_time_and_tries_again_later() -> None:
    decision = widen([sos(20)], THERE, (), NOW, RULES)
    assert decision is not None
    assert (decision.to, decision.target) == ("120", Target.OUTSIDE)
    tried = sos(40, ("120", NOW - 10), *((who, NOW - 1) for who in ("1003", "1002", "1004", *RULES.duty_numbers)))
    again = widen([tried], THERE, (), NOW, RULES)
    assert again is not None
    assert again.to == "120"
    assert widen([tried], THERE, {"120"}, NOW, RULES) is None


def test_others_do_not_widen_while_anyone_is_logged_in() -> None:
    other = Waiting("t", CallerClass.FRAIL, NOW - 500)
    assert widen([other], THERE, (), NOW, RULES) is None
    decision = widen([other], THERE[4:], (), NOW, RULES)
    assert decision is not None
    assert decision.to == "13900000001"
    tried = replace(other, tried=tuple((number, 0.0) for number in RULES.duty_numbers))
    assert widen([tried], THERE[4:], (), NOW, RULES) is None


@given(waits, agents)
def test_widening_never_rings_a_talking_or_absent_agent(waiting, there) -> None:
    decision = widen(waiting, there, (), NOW, RULES)
    if decision and decision.target is Target.AGENT:
        agent = next(each for each in there if each.extension == decision.to)
        assert agent.state in (AgentState.WRAP_UP, AgentState.PAUSED, AgentState.RESTING)
