"""What can be wrong with an order, an offer or a visit. All are domain errors with a sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass

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
    """The worker has checked in and not yet out."""

    code = "already_in"


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


class WhichVisit(DomainError):
    """More than one visit could be meant: the worker is asked."""

    code = "which_visit"

    def __init__(self, choices: tuple[VisitChoice, ...]) -> None:
        super().__init__("more than one visit could be meant")
        self.choices = choices


class MovedOn(Conflict):
    """An overdue order needs nobody any more: it has moved, or somebody else looks after it."""

    code = "moved_on"
