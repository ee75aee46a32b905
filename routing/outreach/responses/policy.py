"""What came of asking elders how it was: counts by channel, and shares of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Counts:
    """What came of asking, in a period. All count the same orders, so that two groups add up."""

    call_asked: int = 0
    """Call-backs after a service that were dialled at least once."""
    call_answered: int = 0
    """Of these, calls that somebody took and heard to the end."""
    call_scored: int = 0
    """Of these orders, those with a score by telephone."""
    sms_asked: int = 0
    """Questions that were written for sending; a number that opted out is not asked."""
    sms_sent: int = 0
    """Of these, questions that the carrier took."""
    sms_delivered: int = 0
    """Of these, questions of which the carrier says that they arrived. Without reports there is none."""
    sms_answered: int = 0
    """Questions to which a reply was tied."""
    sms_scored: int = 0
    """Of these, those with a reply that was a score."""
    sms_unclear: int = 0
    """Of these, those whose replies all went to a person."""
    done: int = 0
    """Orders that were done in the period."""
    confirmed: int = 0
    """Of these, orders of which an elder has said by any channel whether or how they were done."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Counts)))


SHARES = {
    "call_answered": "call_asked", "call_scored": "call_asked", "sms_delivered": "sms_sent",
    "sms_answered": "sms_sent", "sms_scored": "sms_sent", "sms_unclear": "sms_answered", "confirmed": "done",
}  # fmt: skip
"""Each share by its part, and what it is a share of."""


def share(counts: Counts, part: str) -> float | None:
    """Give a share, 0 to 1; None of nothing."""
    of = getattr(counts, SHARES[part])
    return getattr(counts, part) / of if of else None
