"""What can be wrong with an order, an offer or a visit. All are domain errors with a sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from routing.errors import Conflict, DomainError, Invalid, NotFound


class NotServed(Invalid):
    """The elder has died, moved away or was deregistered, or the item is not offered any more."""

    code = "not_served"


class MoveRefused(Conflict):
    """The table of moves, or a precondition (`why`, by code), does not allow it from where the order stands.

    `who` brought it there, to the state `to`.
    """

    code = "move_refused"

    def __init__(self, text: str, *, why: str = "table", who: str = "", to: str = "") -> None:
        super().__init__(text)
        self.why, self.who, self.to = why, who, to


class MovedMeanwhile(Conflict):
    """Somebody else moved the order first; the text says who and to what."""

    code = "moved_meanwhile"

    def __init__(self, text: str, *, who: str = "", to: str = "") -> None:
        super().__init__(text)
        self.who, self.to = who, to


class OfferGone(Conflict):
    """The offer was answered, has expired or was withdrawn; `who` has the order now, if somebody took it."""

    code = "offer_gone"

    def __init__(self, text: str, *, who: str = "") -> None:
        super().__init__(text)
        self.who = who


class WrongPin(Invalid):
    """The PIN names no active worker. `left` tries are left before the telephone is locked."""

    code = "wrong_pin"

    def __init__(self, left: int) -> None:
        super().__init__(f"this PIN is not known; {left} more tries")
        self.left = left


class PinLocked(DomainError):
    """Too many wrong PINs from this telephone, or for this worker."""

    code = "pin_locked"


class NoVisitToday(NotFound):
    """The worker has no order to begin here now."""

    code = "no_visit_today"


class AlreadyIn(Conflict):
    """The worker has checked in and not yet out; `since` when, and for which order."""

    code = "already_in"

    def __init__(self, text: str, since: datetime | None = None, order_id: int | None = None) -> None:
        super().__init__(text)
        self.since = since
        self.order_id = order_id


class NotIn(Conflict):
    """The worker checks out without having checked in."""

    code = "not_in"


@dataclass(frozen=True)
class VisitChoice:
    """One of several visits that a worker may mean; `address` is how the elder is addressed, as 王奶奶."""

    order_id: int
    elder_id: int
    address: str
    item_code: str
    number: str


class PlanChanged(Conflict):
    """Somebody changed the plan first: what was to follow from the old one does not."""

    code = "plan_changed"


class LooksDoubled(Conflict):
    """The same was ordered a moment ago: whoever orders is asked, and may confirm it."""

    code = "looks_doubled"

    def __init__(self, number: str, order_id: int) -> None:
        super().__init__(
            f"the same was ordered within ten minutes, as order {number}; "
            "if two are wanted, confirm with confirm_repeat"
        )
        self.number = number
        self.members = {"order_number": number, "order_id": order_id}


class NobodyServes(Conflict):
    """No company brings this to where the elder lives. It may be placed anyway: then a supervisor finds one."""

    code = "nobody_serves"


class BadDue(Invalid):
    """The time for which something is ordered is past, or absurdly far."""

    code = "bad_due"


class WhichVisit(DomainError):
    """More than one visit could be meant: the worker is asked."""

    code = "which_visit"

    def __init__(self, choices: tuple[VisitChoice, ...]) -> None:
        super().__init__("more than one visit could be meant")
        self.choices = choices


class MovedOn(Conflict):
    """An overdue order needs nobody any more: it has moved, or somebody else looks after it."""

    code = "moved_on"


class NotQualified(Conflict):
    """Nobody there holds the certificate that the item asks for, on the day of the visit."""

    code = "not_qualified"


class AskFirst(DomainError):
    """A visit can be written so, if the worker says that it is meant so; the choices are the orders it may be."""

    def __init__(self, text: str, choices: tuple[VisitChoice, ...]) -> None:
        super().__init__(text)
        self.choices = choices


class WrongHome(AskFirst):
    """The telephone belongs to an elder whom none of the worker's orders is for. `homes` are how they are addressed."""

    code = "wrong_home"

    def __init__(self, text: str, choices: tuple[VisitChoice, ...], homes: tuple[str, ...]) -> None:
        super().__init__(text, choices)
        self.homes = homes


class InsteadOf(AskFirst):
    """The order of this home is another worker's of the same company."""

    code = "instead_of"


class NoBegin(NotIn, AskFirst):
    """The worker checks out of a visit that has no begin."""

    code = "no_begin"
