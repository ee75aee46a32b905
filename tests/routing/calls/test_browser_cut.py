"""A talk whose browser was cut off: its caller waits for that agent, in whichever order it is told, but once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from routing.asterisk.nodes import NodeAddress, Nodes
from routing.calls.agents import AgentAccount
from routing.calls.cut_off import NO_SOUND
from routing.calls.errands import Errands
from routing.calls.floor import Floor, Leg
from routing.calls.ledger import Ledger
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket
from routing.calls.switchboard import Switchboard
from routing.calls.talks import Talks
from routing.settings import load_settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

CALLER, BROWSER, TELEPHONE = "PJSIP/carrier-1", "PJSIP/1001-web-2", "PJSIP/1001-3"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def kept(clock: Clock, leg: str, *, leg_first: bool, lasted: float = 30.0, cause: int = NO_SOUND) -> str | None:
    floor = Floor(Ledger(cast("Redis", None)), clock)  # Nothing is written as long as the ledger does not run.
    floor.staff([AgentAccount("1001")])
    talks = Talks(
        floor, Switchboard(Nodes([NodeAddress("a", "127.0.0.1", 1, "nobody", "")])), Errands(), load_settings()
    )
    floor.leg_began(Leg("a", leg, "u", "c1"))
    floor.change_agent("1001", legs=(f"a|{leg}",))
    ticket = Ticket("t1", "c1", "a", CALLER, Intent.GENERAL, CallerClass.ELDER, clock.now - 5)
    talks.began(ticket, "1001")
    clock.now += lasted
    if leg_first:
        if leg == BROWSER:
            talks.cut_off.browser_cut("1001")
        floor.change_agent("1001", legs=())
    talks.broken("a", CALLER, cause)
    return next(iter(floor.tickets.values())).kept_for


@pytest.mark.parametrize("leg_first", [True, False])
def test_the_order_in_which_the_node_tells_of_it_is_all_one(leg_first: bool) -> None:
    assert kept(Clock(), BROWSER, leg_first=leg_first) == "1001"
    assert kept(Clock(), BROWSER, leg_first=leg_first, lasted=9.0) is None, "no sound passes there"
    assert kept(Clock(), TELEPHONE, leg_first=leg_first) is None, "a telephone that died does not come back"
    assert kept(Clock(), BROWSER, leg_first=leg_first, cause=38) is None
