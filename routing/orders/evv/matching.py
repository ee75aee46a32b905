"""Which order a worker means who checks in: the place first, then what they say. Pure: values in, a choice out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Agreed(StrEnum):
    """What a worker was asked, and said yes to."""

    ELSEWHERE = "elsewhere"
    """It is for an elder to whom this telephone does not belong."""
    INSTEAD = "instead"
    """They come instead of the colleague who was to."""
    NO_BEGIN = "no_begin"
    """They were there and forgot to check in."""


@dataclass(frozen=True)
class Waiting:
    """An order that may begin now. `worker_id` is who was sent; None: the company has named nobody."""

    order_id: int
    elder_id: int
    worker_id: int | None


class Outcome(StrEnum):
    """What follows from the orders and the place."""

    ONE = "one"
    WHICH = "which"
    """Several: the worker says which."""
    INSTEAD = "instead"
    """A colleague's: the worker says that it is meant so."""
    ELSEWHERE = "elsewhere"
    """For somebody else than whose telephone it is: the worker says that it is meant so."""
    NONE = "none"


@dataclass(frozen=True)
class Choice:
    """The outcome, and the orders that it is about: one for ONE, none for NONE."""

    outcome: Outcome
    orders: tuple[Waiting, ...] = ()


_NONE = Choice(Outcome.NONE)


def choose(
    worker_id: int,
    orders: Sequence[Waiting],
    homes: Collection[int],
    said: int | None = None,
    agreed: Collection[Agreed] = (),
) -> Choice:
    """Choose among the company's `orders` that may begin now; `homes` are the elders whose telephone is used.

    An order at this home that is the worker's own comes first, then one that is nobody's yet, then a colleague's
    (asked), and only then the worker's own orders for elders elsewhere (asked, if the telephone is another elder's).
    `said` is the order that the worker named, of those that were given as a choice before.
    """
    own = [order for order in orders if order.worker_id == worker_id]
    here = [order for order in orders if order.elder_id in homes]
    nobodys = [order for order in here if order.worker_id is None]
    colleagues = [order for order in here if order.worker_id not in (None, worker_id)]
    if said is not None:
        return _as_said(said, (*own, *nobodys), colleagues, homes, agreed)
    if mine := [order for order in here if order.worker_id == worker_id] or nobodys:
        return _one_or_which(mine)
    if colleagues:
        return _one_or_which(colleagues) if Agreed.INSTEAD in agreed else Choice(Outcome.INSTEAD, tuple(colleagues))
    if own and homes and Agreed.ELSEWHERE not in agreed:
        return Choice(Outcome.ELSEWHERE, tuple(own))
    return _one_or_which(own)


def _as_said(
    said: int,
    known: Sequence[Waiting],
    colleagues: Sequence[Waiting],
    homes: Collection[int],
    agreed: Collection[Agreed],
) -> Choice:
    found = next((order for order in (*known, *colleagues) if order.order_id == said), None)
    if found is None:
        return _NONE
    if found in colleagues and Agreed.INSTEAD not in agreed:
        return Choice(Outcome.INSTEAD, (found,))
    if homes and found.elder_id not in homes and Agreed.ELSEWHERE not in agreed:
        return Choice(Outcome.ELSEWHERE, (found,))
    return Choice(Outcome.ONE, (found,))


def _one_or_which(orders: Sequence[Waiting]) -> Choice:
    if not orders:
        return _NONE
    return Choice(Outcome.ONE if len(orders) == 1 else Outcome.WHICH, tuple(orders))
