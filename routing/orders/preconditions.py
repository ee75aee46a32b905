"""Whether a command may be carried out on an order as it stands. Pure: values in, the path or a refusal out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing.orders.commands import (
    Accept,
    Act,
    Assign,
    Cancel,
    CheckIn,
    CheckOut,
    Close,
    Command,
    Decline,
    Dispute,
    Expire,
    GiveUp,
    Offer,
    Reassign,
    Resolve,
    SendBack,
)
from routing.orders.policy import CancelBy, OrderState, cancelling, may_move

_S = OrderState
RESOLVED = frozenset({_S.CLOSED, _S.CANCELLED})
"""How a dispute can end."""


class Refusal(StrEnum):
    """What stands against a command."""

    TABLE = "table"
    REASON = "reason"
    NO_OFFER = "no_offer"
    EXPIRED = "expired"
    NOT_DUE = "not_due"
    NOT_THEIRS = "not_theirs"
    THEIRS_ALREADY = "theirs_already"
    PERSON = "person"
    DISPUTED = "disputed"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Situation:
    """An order as a command finds it. `offers` are the open ones: company, and when its time is over."""

    number: str
    state: OrderState
    due_at: datetime
    company_id: int | None = None
    worker_id: int | None = None
    offers: Mapping[int, datetime] | None = None


@dataclass(frozen=True)
class Allowed:
    """The command is carried out: the states that the order goes through. None at all if others are still asked."""

    path: tuple[OrderState, ...]


@dataclass(frozen=True)
class Refused:
    """The command is not carried out, and why."""

    why: Refusal
    reason: str


def decide(order: Situation, command: Command, act: Act) -> Allowed | Refused:
    """Tell whether a command may be carried out on an order as it stands, and along which states it leads."""
    path = _path(order, command)
    at = order.state
    for to in path:
        if not may_move(at, to):
            return Refused(Refusal.TABLE, f"an order that is {at} cannot become {to}")
        at = to
    against = _against(order, command, act)
    if against:
        return against
    if command.wants_reason and not act.reason.strip():
        return Refused(Refusal.REASON, "say why")
    return Allowed(path)


def _path(order: Situation, command: Command) -> tuple[OrderState, ...]:
    match command:
        case Decline(company) | Expire(company) if order.state is _S.OFFERED and set(order.offers or ()) - {company}:
            return ()
        case Reassign():
            return (_S.REQUESTED, _S.ACCEPTED)
        case Resolve(outcome):
            return (outcome,)
    return (command.to,)


def _against(order: Situation, command: Command, act: Act) -> Refused | None:  # noqa: PLR0911  # One line a precondition.
    """Give what stands against a command besides the table."""
    offers = order.offers or {}
    match command:
        case Offer(()):
            return Refused(Refusal.NOBODY, "an order is offered to somebody")
        case Accept(company) | Decline(company) | Expire(company) if company not in offers:
            return Refused(Refusal.NO_OFFER, "this company holds no open offer of it")
        case Accept(company) | Decline(company) if act.at > offers[company]:
            return Refused(Refusal.EXPIRED, "the offer has expired")
        case Expire(company) if act.at < offers[company]:
            return Refused(Refusal.NOT_DUE, "the company still has time")
        case Reassign(company) if order.state is not _S.ACCEPTED:
            return Refused(Refusal.NOT_THEIRS, f"no company has an order that is {order.state}: assign it")
        case Reassign(company) if company == order.company_id:
            return Refused(Refusal.THEIRS_ALREADY, "this company has it already")
        case GiveUp(company) if order.state is not _S.ACCEPTED or company != order.company_id:
            return Refused(Refusal.NOT_THEIRS, "it is not this company's order")
        case CheckIn(worker) | CheckOut(worker) if worker != order.worker_id:
            return Refused(Refusal.NOT_THEIRS, "it is another worker's order")
        case Resolve() if order.state is not _S.DISPUTED:
            return Refused(Refusal.TABLE, f"an order that is {order.state} is in no dispute")
        case Resolve(outcome) if outcome not in RESOLVED:
            return Refused(Refusal.TABLE, "a dispute ends with an order that is closed or cancelled")
        case Close() | Cancel() if order.state is _S.DISPUTED:
            return Refused(Refusal.DISPUTED, "it is disputed: resolve that")
        case Cancel() if act.channel == "phone_key":
            return _cancelled_by_key(order, act)
    return None


def _cancelled_by_key(order: Situation, act: Act) -> Refused | None:
    who = cancelling(order.state, order.due_at, act.at)
    return None if who.by is CancelBy.KEY else Refused(Refusal.PERSON, f"{who.reason}: a person cancels it")


def possible(order: Situation, now: datetime) -> tuple[str, ...]:
    """Name the commands that people at the desk may give now, in the order of the page; those about a company are
    possible for some company at least."""
    act = Act("user:0", "desk", now, "-")
    holder = next((company for company, until in (order.offers or {}).items() if now <= until), 0)
    commands: tuple[Command, ...] = (
        Assign(0), Reassign(0), Accept(holder), Decline(holder), SendBack(), Cancel(), Dispute(), Resolve(_S.CLOSED),
        Close(),
    )  # fmt: skip
    return tuple(each.name for each in commands if isinstance(decide(order, each, act), Allowed))
