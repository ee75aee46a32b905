"""What somebody at the console may do with a work order, and doing it: the same for the page and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import abort

from agent_console.access import LEADS, STAFF, Roles
from agent_console.identity import Identity
from agent_console.services import ConsoleServices
from db.models import Order
from routing.errors import Invalid, NotFound
from routing.orders.commands import Cancel, Close, Dispute, Resolve, SendBack
from routing.orders.lifecycle import situation
from routing.orders.policy import OrderState
from routing.orders.preconditions import possible

GIVEN_BY: Final[Mapping[str, Roles]] = {
    "assign": LEADS, "reassign": LEADS, "accept": STAFF, "decline": STAFF, "send_back": LEADS, "cancel": STAFF,
    "dispute": LEADS, "resolve": LEADS, "close": LEADS,
}  # fmt: skip
"""Who may give which command. Accept and decline are a company's answer, given to whoever it rings up."""
ABOUT_A_COMPANY: Final = frozenset({"assign", "reassign", "accept", "decline"})


@dataclass(frozen=True)
class Wish:
    """A command as it was asked for: by its name, with what it needs. `outcome` is how a dispute ends."""

    command: str
    key: str
    company_id: int | None = None
    outcome: str = ""
    reason: str = ""
    version: int | None = None


def possible_for(services: ConsoleServices, who: Identity, order_id: int) -> tuple[str, ...]:
    """Name the commands that whoever asks may give now. Raises NotFound."""
    with services.reading() as work:
        order = work.get(Order, order_id)
        if order is None:
            raise NotFound(f"there is no order {order_id}")
        now = possible(situation(work, order), services.clock())
    return tuple(name for name in now if who.role in GIVEN_BY[name])


def carry_out(services: ConsoleServices, who: Identity, order_id: int, wish: Wish) -> None:
    """Do it, once per key and person. Raises what the services raise, and answers 403 to the wrong role."""
    if wish.command not in GIVEN_BY:
        raise Invalid(f"there is no such move: one of {', '.join(GIVEN_BY)}")
    if who.role not in GIVEN_BY[wish.command]:
        abort(403)
    key = f"desk-{who.actor}-{order_id}-{wish.key}"
    if wish.command in ABOUT_A_COMPANY:
        _with_company(services, who, order_id, wish, key)
        return
    command: Cancel | SendBack | Dispute | Resolve | Close
    match wish.command:
        case "cancel":
            command = Cancel()
        case "send_back":
            command = SendBack()
        case "dispute":
            command = Dispute()
        case "close":
            command = Close()
        case _:
            if wish.outcome not in ("closed", "cancelled"):
                raise Invalid("outcome is closed or cancelled")
            command = Resolve(OrderState(wish.outcome))
    services.orders.carry_out(
        order_id, command, actor=who.actor, channel="desk", reason=wish.reason, expected_version=wish.version, key=key
    )


def _with_company(services: ConsoleServices, who: Identity, order_id: int, wish: Wish, key: str) -> None:
    if wish.company_id is None:
        raise Invalid("name the company: company_id")
    dispatch, company = services.dispatch, wish.company_id
    if wish.command in ("accept", "decline"):
        dispatch.answer_for(
            order_id, company, wish.command == "accept", actor=who.actor, reason=wish.reason, key=key
        )  # fmt: skip
        return
    give = dispatch.assign if wish.command == "assign" else dispatch.reassign
    give(order_id, company, actor=who.actor, reason=wish.reason, expected_version=wish.version, key=key)
