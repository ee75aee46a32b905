"""Promises on the played node: a caller in hold is promised a call, and is called."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from db.models import Callback
from db.session import make_unit_of_work
from routing.asterisk.headers import Headers
from routing.calls.messages import TicketEnd, TicketEnded
from routing.calls.records import Ticket, TicketStage
from tests.routing.calls.house import House
from tests.routing.calls.played_node import Caller

NUMBER = "+869319000102"
DIALLED = "PJSIP/09319000102@carrier"


async def promised(house: House, number: str = NUMBER, hangs_up: bool = True, **about: Any) -> Ticket:
    """A caller waits, asks for the call-back as the flow does, and hangs up; give the promise."""
    caller = await house.wait_in_hold(**about)
    await house.until(lambda: (held := house.tickets.get(caller.ticket_id)) and held.stage is TicketStage.HELD)
    promise = the_promise(house, caller, number)
    house.promises.make(promise)
    house.tickets.promise(caller.ticket_id, promise)
    await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.PROMISED)
    if hangs_up:
        await house.hang_up(caller)
    return promise


def the_promise(house: House, caller: Caller, number: str = NUMBER) -> Ticket:
    """What a flow makes of a ticket."""
    ticket = house.tickets.get(caller.ticket_id)
    assert ticket is not None
    return replace(
        ticket, ticket_id=f"promise-{caller.uniqueid}", promised=True, number=number, promised_in=ticket.call_id,
        instead_of=ticket.ticket_id, node="", channel="", stage=TicketStage.HELD,
    )  # fmt: skip


async def dialled(house: House, count: int = 1) -> Headers:
    """Wait for the `count`-th order to dial."""
    return (await house.ami.received("Originate", count))[count - 1]


async def finished(house: House, dial: Headers, response: str, reason: int) -> None:
    await house.ami.push(
        "OriginateResponse", ActionID=dial.text("ActionID"), Response=response, Reason=reason,
        Channel=dial.text("Channel"), Uniqueid=dial.text("ChannelId"), Exten="promised", Context="placed",
    )  # fmt: skip


async def rings(house: House, dial: Headers) -> Caller:
    """The dialled phone rings: give its leg."""
    leg = Caller(f"PJSIP/carrier-{house.number():08x}", dial.text("ChannelId"))
    house.channels[leg.channel] = leg.ids | {"Context": "placed", "ChannelStateDesc": "Ringing"}
    await house.ami.push("Newchannel", **leg.ids, ChannelStateDesc="Down", Context="placed", Exten="")
    return leg


async def picks_up(house: House, dial: Headers, promise: Ticket) -> Caller:
    """The person answers, is greeted, and comes to hold: give their leg."""
    leg = await rings(house, dial)
    house.channels[leg.channel]["ChannelStateDesc"] = "Up"
    await finished(house, dial, "Success", 4)
    await comes_to_hold(house, leg, promise)
    return leg


async def comes_to_hold(house: House, leg: Caller, promise: Ticket) -> None:
    house.channels[leg.channel]["Context"] = "hold"
    said = {"CallId": leg.uniqueid, "TicketId": promise.ticket_id, "Class": ""}
    await house.ami.push("UserEvent", UserEvent="Holding", **leg.ids, **said)


async def nobody_is_dialled(house: House, since: int = 0, seconds: float = 0.3) -> None:
    """Nothing announces that nothing happens: all that was pushed has been heard, and a moment has passed."""
    await house.settle_down()
    await asyncio.sleep(seconds)
    assert len(house.ami.sent("Originate")) == since


def kept(house: House, promise: Ticket) -> Ticket | None:
    """Give a promise as Redis has it."""
    return house.tickets.get(promise.ticket_id)


def row(house: House) -> Callback:
    """Give the one promise as the database has it."""
    with make_unit_of_work(house.engine)() as session:
        return session.scalars(select(Callback)).one()
