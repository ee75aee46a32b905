"""The port to whoever carries SMS, and the three ways in which a hand-over can end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol


def _still() -> bool:
    return True


@dataclass(frozen=True)
class OutgoingSms:
    """One message to hand over. `number` is E.164; `reference` is ours, for delivery reports.

    `wanted` tells whether it may still go: an adapter asks as the last thing before the first of it goes, for its
    number may opt out after the claim, while the message waits for its turn. It never raises.
    """

    reference: str
    number: str = field(repr=False)
    text: str = field(repr=False)
    wanted: Callable[[], bool] = field(default=_still, repr=False, compare=False)


class HandOver(StrEnum):
    """How a hand-over ended."""

    ACCEPTED = "accepted"
    """The carrier has it."""
    NOT_TAKEN = "not_taken"
    """The carrier certainly does not have it, and may take it later: it may be handed over again."""
    REFUSED = "refused"
    """The carrier will not take it, ever."""
    UNKNOWN = "unknown"
    """Nobody can tell whether the carrier has it, so it is never handed over again."""


@dataclass(frozen=True)
class Receipt:
    """What came of a hand-over; `detail` is for the record and holds no number and no text. `ids` are the carrier's own
    of the parts that it took, where reports name them."""

    outcome: HandOver
    detail: str = ""
    ids: tuple[str, ...] = ()


UNWANTED: Final = Receipt(HandOver.REFUSED, "opted out")
"""Of a message that is not wanted any more."""


class Carrier(Protocol):
    """Carries SMS. Threads may share one."""

    def hand_over(self, message: OutgoingSms) -> Receipt:
        """Hand one message over, within a bounded time. Never raises: what went wrong is in the receipt."""
