"""What the policy promises over a whole course of calls, not only at one moment: hypothesis makes up the course."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.calls.messages import AgentState, CallerClass
from routing.calls.policy import (
    Agent,
    Decision,
    Rules,
    Waiting,
    ahead,
    choose,
    next_change,
    overtaken_until,
    widen,
)

RULES = Rules(duty_numbers=("13900000001",), sos_outside_number="120")
SKILLS = ("meal", "dialect")
some_skills = st.lists(st.sampled_from(SKILLS), unique=True, max_size=2).map(lambda some: tuple(sorted(some)))
joining = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from(CallerClass), some_skills, st.integers(1, 120)), max_size=25
)
staff = st.lists(some_skills.map(frozenset), min_size=1, max_size=4)


@dataclass(frozen=True)
class Served:
    """A ticket, who took it, when, for how long, and the decision."""

    ticket: Waiting
    agent: Agent
    at: float
    seconds: float
    decision: Decision


def play(course: list[tuple[int, CallerClass, tuple[str, ...], int]], skills: list[frozenset[str]]) -> list[Served]:
    """Do as the router does, from the first caller to the last answer; talks last as the course says."""
    waiting: dict[str, Waiting] = {}
    seconds = {}
    agents = {str(1001 + n): Agent(str(1001 + n), AgentState.READY, -n, each) for n, each in enumerate(skills)}
    agenda: list[tuple[float, int, str]] = []
    for number, (at, caller_class, wanted, talk) in enumerate(course):
        ticket = Waiting(f"t{number:02}", caller_class, at, () if caller_class is CallerClass.SOS else wanted)
        seconds[ticket.ticket_id] = float(talk)
        heapq.heappush(agenda, (at, number, ticket.ticket_id))
    tickets = {f"t{n:02}": each for n, each in enumerate(_tickets(course))}
    served: list[Served] = []
    order = len(course)
    while agenda:
        now, _, what = heapq.heappop(agenda)
        if what in tickets:
            waiting[what] = tickets[what]
        elif what in agents:
            agents[what] = replace(agents[what], state=AgentState.READY, since=now)
        while decision := choose(list(waiting.values()), list(agents.values()), now, RULES):
            ticket, agent = waiting.pop(decision.ticket_id), agents[decision.to]
            assert agent.state is AgentState.READY, "an agent holds one ticket at most"
            agents[agent.extension] = replace(agent, state=AgentState.TALKING, since=now)
            served.append(Served(ticket, agent, now, seconds[ticket.ticket_id], decision))
            order += 1
            heapq.heappush(agenda, (now + seconds[ticket.ticket_id], order, agent.extension))
        change = next_change(waiting.values(), now, RULES)
        if change is not None:
            order += 1
            heapq.heappush(agenda, (change, order, "clock"))
    assert not waiting, "everyone is served in the end"
    return served


def _tickets(course: list[tuple[int, CallerClass, tuple[str, ...], int]]) -> list[Waiting]:
    """Name them in the order in which they are heard of, also beyond the tenth."""
    return [
        Waiting(f"t{n:02}", caller_class, at, () if caller_class is CallerClass.SOS else wanted)
        for n, (at, caller_class, wanted, _) in enumerate(course)
    ]


@settings(deadline=None)
@given(joining, staff)
def test_a_required_skill_is_never_missing_and_each_decision_has_its_reason(course, skills) -> None:
    for each in play(course, skills):
        waited = each.at - each.ticket.joined_at
        if each.ticket.caller_class is not CallerClass.SOS and waited < RULES.skill_relax_seconds:
            assert set(each.ticket.skills) <= each.agent.skills
        reason = each.decision.reason
        assert reason.startswith(f"{each.ticket.caller_class} waited {waited:.0f} s")
        assert each.agent.extension in reason
        assert all(skill in reason for skill in each.ticket.skills)


@settings(deadline=None)
@given(joining, staff)
def test_nobody_holds_two_tickets_and_no_ticket_is_served_twice(course, skills) -> None:
    served = play(course, skills)
    assert len({each.ticket.ticket_id for each in served}) == len(served) == len(course)
    for extension in {each.agent.extension for each in served}:
        mine = [each for each in served if each.agent.extension == extension]
        assert all(one.at + one.seconds <= other.at for one, other in pairwise(mine))


@settings(deadline=None)
@given(joining, staff)
def test_over_the_whole_course_nobody_is_overtaken_by_their_like(course, skills) -> None:
    position = {each.ticket.ticket_id: n for n, each in enumerate(play(course, skills))}
    tickets = _tickets(course)
    for one in tickets:
        for other in tickets:
            alike = (one.caller_class, one.skills) == (other.caller_class, other.skills)
            if alike and (one.joined_at, one.ticket_id) < (other.joined_at, other.ticket_id):
                assert position[one.ticket_id] < position[other.ticket_id]


@settings(deadline=None)
@given(joining, staff)
def test_nobody_starves_within_a_bound_that_is_known_beforehand(course, skills) -> None:
    """While a ticket waits and any agent would do, all agents work, and only on tickets that may go first.

    With n agents and talks of at most d seconds, b such tickets keep it waiting for (b/n + 1) d after skills relaxed.
    """
    served = play(course, skills)
    longest = max((each.seconds for each in served), default=0.0)
    for each in served:
        mine, waited = each.ticket, each.at - each.ticket.joined_at
        first = [
            other
            for other in served
            if other.ticket is not mine and other.at + other.seconds > mine.joined_at and other.at <= each.at
            and other.ticket.joined_at <= overtaken_until(mine, other.ticket.caller_class, waited, RULES)
        ]  # fmt: skip
        bound = RULES.skill_relax_seconds + (len(first) / len(skills) + 1) * longest
        assert waited <= bound


@settings(deadline=None)
@given(joining, staff)
def test_who_joins_after_the_bound_goes_after(course, skills) -> None:
    """Once nobody's skills are required any more, only those go first who joined in time to."""
    served = play([(at, caller, (), talk) for at, caller, _, talk in course], skills)
    for n, each in enumerate(served):
        for other in served[:n]:
            waited = other.at - each.ticket.joined_at
            if waited > 0 and other.ticket.joined_at > each.ticket.joined_at:
                latest = overtaken_until(each.ticket, other.ticket.caller_class, waited, RULES)
                assert other.ticket.joined_at <= latest + 1e-9


tried = st.lists(
    st.tuples(st.sampled_from(("1001", "1002", "120", "13900000001")), st.integers(900, 1000)), max_size=4
).map(tuple)
in_hold = st.lists(
    st.builds(
        Waiting,
        ticket_id=st.uuids().map(str),
        caller_class=st.sampled_from(CallerClass),
        joined_at=st.integers(900, 1000),
        skills=some_skills,
        tried=tried,
        promised=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda ticket: ticket.ticket_id,
)
there = st.lists(
    st.builds(
        Agent,
        extension=st.integers(1001, 1004).map(str),
        state=st.sampled_from(AgentState),
        since=st.integers(0, 1000),
        skills=some_skills.map(frozenset),
    ),
    max_size=4,
    unique_by=lambda agent: agent.extension,
)
NOW = 1000.0


@given(in_hold, there, st.sets(st.sampled_from(("120", "13900000001"))), st.randoms(use_true_random=False))
def test_widening_is_the_same_for_any_order_of_the_input_and_says_why(waiting, agents, ringing, random) -> None:
    first = widen(waiting, agents, ringing, NOW, RULES)
    random.shuffle(waiting)
    random.shuffle(agents)
    assert widen(waiting, agents, ringing, NOW, RULES) == first
    if first:
        ticket = next(each for each in waiting if each.ticket_id == first.ticket_id)
        assert first.to not in ringing
        assert first.reason.startswith(f"{ticket.caller_class} without an idle agent for ")


@given(in_hold, there)
def test_ahead_counts_exactly_those_who_would_be_served_first(waiting, agents) -> None:
    one = [Agent("1001", AgentState.READY, 0.0, frozenset(SKILLS))]
    order = []
    left = list(waiting)
    while decision := choose(left, one, NOW, RULES):
        order.append(decision.ticket_id)
        left = [each for each in left if each.ticket_id != decision.ticket_id]
    assert [ahead(each, waiting, NOW, RULES) for name in order for each in waiting if each.ticket_id == name] == list(
        range(len(order))
    )


def test_a_promised_call_says_so_and_stands_where_it_stood() -> None:
    promised = Waiting("a", CallerClass.ELDER, 900.0, promised=True)
    later = Waiting("b", CallerClass.ELDER, 901.0)
    decision = choose([later, promised], [Agent("1001", AgentState.READY, 0.0)], NOW, RULES)
    assert decision is not None
    assert decision.ticket_id == "a"
    assert "call-back in its place" in decision.reason
