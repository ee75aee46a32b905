"""What is done to a work order: one command a deed. Pure.

Each leads along the one table of moves (policy.py, `MOVES`); what must hold besides tells preconditions.py. What a
command changes in the database is written by lifecycle.py, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

from routing.orders.policy import OrderState

_S = OrderState


@dataclass(frozen=True)
class Act:
    """Who does something to an order, when, by which channel, and why.

    `actor` is as elder:12, company:3, worker:7, user:2 or system; `channel` is phone_key, sms, desk or job.
    """

    actor: str
    channel: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Command:
    """Something that is done to an order."""

    name: ClassVar[str] = ""
    to: ClassVar[OrderState]
    """Where it leads, along the table."""
    wants_reason: ClassVar[bool] = False

    def told(self) -> str:
        """Say it in one word with its object, as history keeps it: ``assign 3``."""
        return " ".join([self.name, *(str(getattr(self, each.name)) for each in fields(self))])


@dataclass(frozen=True)
class Offer(Command):
    """Offer it to companies."""

    name, to = "offer", _S.OFFERED
    company_ids: tuple[int, ...]

    def told(self) -> str:
        """Say it: ``offer 3,7``."""
        return f"{self.name} {','.join(map(str, self.company_ids))}"


@dataclass(frozen=True)
class LeaveToSupervisor(Command):
    """Nobody took it: a person decides."""

    name, to = "leave_to_supervisor", _S.UNASSIGNED


@dataclass(frozen=True)
class Accept(Command):
    """A company takes the order that it is offered."""

    name, to = "accept", _S.ACCEPTED
    company_id: int


@dataclass(frozen=True)
class Decline(Command):
    """A company does not take it; the order moves when no other company is still asked."""

    name, to = "decline", _S.REQUESTED
    company_id: int


@dataclass(frozen=True)
class Expire(Command):
    """A company did not answer in time; the order moves when no other company is still asked."""

    name, to = "expire", _S.REQUESTED
    company_id: int


@dataclass(frozen=True)
class Assign(Command):
    """Somebody gives it to a company that agreed otherwise."""

    name, to = "assign", _S.ACCEPTED
    company_id: int


@dataclass(frozen=True)
class Reassign(Command):
    """Somebody takes it from the company that has it, and gives it to another."""

    name, to, wants_reason = "reassign", _S.ACCEPTED, True
    company_id: int


@dataclass(frozen=True)
class SendBack(Command):
    """Somebody sends it back to dispatch: it is offered anew."""

    name, to, wants_reason = "send_back", _S.REQUESTED, True


@dataclass(frozen=True)
class GiveUp(Command):
    """The company that has it cannot do it after all."""

    name, to, wants_reason = "give_up", _S.REQUESTED, True
    company_id: int


@dataclass(frozen=True)
class CheckIn(Command):
    """The worker has come."""

    name, to = "check_in", _S.VISITING
    worker_id: int


@dataclass(frozen=True)
class CheckOut(Command):
    """The worker is done."""

    name, to = "check_out", _S.DONE
    worker_id: int


@dataclass(frozen=True)
class Rate(Command):
    """The elder gives a score, 1 to 5."""

    name, to = "rate", _S.RATED
    score: int


@dataclass(frozen=True)
class Close(Command):
    """Nothing more is to be said of it."""

    name, to = "close", _S.CLOSED


@dataclass(frozen=True)
class Cancel(Command):
    """It is not wanted any more."""

    name, to = "cancel", _S.CANCELLED


@dataclass(frozen=True)
class Dispute(Command):
    """Somebody says that it was not as it should be."""

    name, to, wants_reason = "dispute", _S.DISPUTED, True


@dataclass(frozen=True)
class Resolve(Command):
    """A dispute ends: the service counts (closed), or it does not (cancelled)."""

    name, to, wants_reason = "resolve", _S.CLOSED, True
    outcome: OrderState
