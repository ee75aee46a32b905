"""Tickets, agents and the wallboard's first picture, in a real Redis."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from routing.calls import keys
from routing.calls.agents import AgentBoard, state_of
from routing.calls.messages import (
    COMMANDS,
    AgentState,
    CallerClass,
    EndTicket,
    Intent,
    OpenTicket,
    SetAgentState,
    TicketEnd,
    decode,
)
from routing.calls.records import AgentRecord, PlacedCall, Ticket, from_json, to_json
from routing.calls.tickets import Tickets
from routing.calls.wallboard import snapshot

NEED = OpenTicket(
    ticket_id="t1",
    call_id="1700000000.1",
    node="a",
    channel="PJSIP/carrier-00000001",
    intent=Intent.ORDER,
    caller_class=CallerClass.FRAIL,
    joined_at=1_700_000_000.0,
    elder_id=7,
    skills=("dialect", "meal"),
    preferred_agent="1001",
    case_id=3,
)


def commands(redis: Redis) -> list[object]:
    return [decode(fields[b"message"]) for _, fields in redis.xrange(COMMANDS)]


def test_an_opened_ticket_waits_and_is_on_the_stream(redis: Redis) -> None:
    tickets = Tickets(redis)
    tickets.open(NEED)
    tickets.open(replace(NEED, ticket_id="t0", joined_at=NEED.joined_at - 5))
    tickets.end("t0", TicketEnd.SELF_SERVED)
    assert [ticket.ticket_id for ticket in tickets.waiting()] == ["t0", "t1"]
    assert tickets.get("t1") == Ticket.opened(NEED)
    assert tickets.get("nobody") is None
    assert commands(redis)[0] == NEED
    assert commands(redis)[-1] == EndTicket("t0", TicketEnd.SELF_SERVED)


def test_opening_again_does_not_undo_what_the_router_wrote(redis: Redis) -> None:
    tickets = Tickets(redis)
    tickets.open(NEED)
    redis.hset(keys.TICKETS, "t1", to_json(replace(Ticket.opened(NEED), attempts=2)))
    tickets.open(NEED)
    assert tickets.get("t1").attempts == 2


def test_an_entry_that_cannot_be_read_hides_no_other(redis: Redis) -> None:
    Tickets(redis).open(NEED)
    redis.hset(keys.TICKETS, "bad", "{")
    redis.hset(keys.AGENTS, "bad", "[]")
    redis.hset(keys.AGENTS, "1001", to_json(AgentRecord("1001", ("meal",), state=AgentState.READY, since=5.0)))
    picture = snapshot(redis, clock=lambda: NEED.joined_at + 30)
    assert [(each["ticket_id"], each["caller_class"], each["waited_seconds"]) for each in picture["tickets"]] == [
        ("t1", "frail", 30.0)
    ]
    assert [(each["extension"], each["state"]) for each in picture["agents"]] == [("1001", "ready")]


def test_a_command_to_an_agent_is_on_the_stream(redis: Redis) -> None:
    board = AgentBoard(redis)
    command = SetAgentState("1001", AgentState.PAUSED, "lunch", "supervisor")
    board.command(command)
    assert commands(redis) == [command]
    assert board.get("1001") is None


@given(
    st.builds(
        AgentRecord,
        extension=st.just("1001"),
        contacts=st.lists(st.text()).map(tuple),
        legs=st.lists(st.text()).map(tuple),
        offered=st.none() | st.sampled_from(AgentState),
    )
)
def test_records_survive_their_json(agent: AgentRecord) -> None:
    assert from_json(AgentRecord, to_json(agent)) == agent
    ticket = replace(Ticket.opened(NEED), tried=(("1001", 1.5), ("120", 2.0)))
    assert from_json(Ticket, to_json(ticket)) == ticket
    call = PlacedCall("c", "13900000001", "offer", "r", 30.0, 9.0, "id")
    assert from_json(PlacedCall, to_json(call)) == call


def test_a_state_follows_from_the_facts() -> None:
    agent = AgentRecord("1001", wanted=AgentState.READY, contacts=("a|sip:x",))
    assert state_of(agent, 100.0) is AgentState.READY
    assert state_of(replace(agent, contacts=()), 100.0) is AgentState.UNREACHABLE
    assert state_of(replace(agent, wanted=AgentState.PAUSED), 100.0) is AgentState.PAUSED
    assert state_of(replace(agent, wrap_up_until=101.0), 100.0) is AgentState.WRAP_UP
    assert state_of(replace(agent, wrap_up_until=100.0), 100.0) is AgentState.READY
    assert state_of(replace(agent, rest_until=101.0), 100.0) is AgentState.RESTING
    assert state_of(replace(agent, wanted=AgentState.LOGGED_OFF), 100.0) is AgentState.LOGGED_OFF
    assert state_of(replace(agent, legs=("a|PJSIP/1001-1",), wrap_up_until=101.0), 100.0) is AgentState.TALKING
    assert state_of(replace(agent, offered=AgentState.RINGING, legs=("x",)), 100.0) is AgentState.RINGING
