"""What the policy sees of the floor is what the tickets say, whatever happens to them."""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from routing.calls.agents import AgentAccount
from routing.calls.floor import Floor
from routing.calls.ledger import Ledger
from routing.calls.messages import AgentState, CallerClass, Intent, TicketEnd
from routing.calls.records import AgentRecord, Ticket, TicketStage

NAMES = ("t1", "t2", "t3")
steps = st.lists(
    st.tuples(
        st.sampled_from(("join", "held", "offered", "front", "tried", "end", "restore")), st.sampled_from(NAMES)
    ),
    max_size=40,
)  # fmt: skip


def ticket(name: str, stage: TicketStage = TicketStage.OPENED) -> Ticket:
    return Ticket(name, f"c-{name}", "a", f"PJSIP/carrier-{name}", Intent.GENERAL, CallerClass.ELDER, 90.0, stage=stage)


def empty_floor() -> Floor:
    return Floor(Ledger(cast("Redis", None)), lambda: 100.0)  # Nothing is written as long as the ledger does not run.


@given(steps)
def test_those_who_wait_are_the_tickets_that_are_held(done: list[tuple[str, str]]) -> None:
    floor = empty_floor()
    changes = {
        "held": {"stage": TicketStage.HELD},
        "offered": {"stage": TicketStage.OFFERED, "offered_to": "1001"},
        "front": {"ahead_seconds": 7.0},
        "tried": {"tried": (("1001", 95.0),)},
    }
    for what, name in done:
        if what == "join":
            floor.join(ticket(name))
        elif what == "restore" and not floor.has_ended(name):
            floor.restore([ticket(name, TicketStage.HELD)], [])
        elif what == "end":
            floor.end_ticket(name, TicketEnd.ABANDONED)
        elif name in floor.tickets and what in changes:
            floor.change_ticket(name, **changes[what])
        held = {each.ticket_id: each for each in floor.tickets.values() if each.stage is TicketStage.HELD}
        seen = {each.ticket_id: each for each in floor.waiting()}
        assert seen.keys() == held.keys()
        for each in held.values():
            assert seen[each.ticket_id].joined_at == each.joined_at - each.ahead_seconds
            assert seen[each.ticket_id].tried == each.tried


def test_those_who_may_be_given_calls_are_the_agents_as_they_are_now() -> None:
    floor = empty_floor()

    def seen() -> dict[str, tuple[AgentState, frozenset[str]]]:
        return {each.extension: (each.state, each.skills) for each in floor.staffed()}

    assert seen() == {}
    floor.staff([AgentAccount("1001", ()), AgentAccount("1002", ("meal",))])
    assert seen() == {
        "1001": (AgentState.LOGGED_OFF, frozenset()), "1002": (AgentState.LOGGED_OFF, frozenset({"meal"})),
    }  # fmt: skip
    floor.change_agent("1001", offered=AgentState.TALKING)
    assert seen()["1001"] == (AgentState.TALKING, frozenset())
    floor.staff([AgentAccount("1001", ("sos",))])
    assert seen() == {"1001": (AgentState.TALKING, frozenset({"sos"}))}
    floor.restore([], [AgentRecord("1003")])
    assert seen().keys() == {"1001", "1003"}
    floor.staffed().clear()
    assert seen().keys() == {"1001", "1003"}
