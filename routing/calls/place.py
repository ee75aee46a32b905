"""What a caller in hold is told of their place: how many are before them, and how long. Pure; all times in seconds.

Nobody hears more after less: neither the callers ahead nor the wait ever grow for one caller, whatever the queue does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from routing.calls import policy
from routing.calls.estimate import announce, in_minutes
from routing.calls.messages import CallerClass
from routing.calls.records import Ticket, TicketStage

BETWEEN_SECONDS = 15.0
"""Between two announcements at least, so that the offer of a call-back does not follow on the heels of the last one."""

CONVERSATION_SECONDS = 180.0
"""A conversation in hold (the offer, a number keyed in) is over by then, though nothing was heard of its end."""


@dataclass(frozen=True)
class AnnouncementRules:
    """When callers in hold are spoken to, in seconds: `first` from their joining, `every` from the last time.

    A wait of `offer`, past or by the estimate to come, is one for which a call-back is offered.
    """

    first: float
    every: float
    offer: float


def due_at(ticket: Ticket, rules: AnnouncementRules) -> float | None:
    """Give when the caller is to be spoken to next; None for whoever hears none: an SOS, who is not in hold."""
    if ticket.stage is not TicketStage.HELD or not ticket.channel or ticket.promised:
        return None
    if ticket.caller_class is CallerClass.SOS:
        return None
    at = _by_the_clock(ticket, rules)
    return max(at, ticket.quiet_until)


def back_in_hold(ticket: Ticket, now: float) -> float:
    """Give the new `quiet_until` of a caller who has come (back) to hold: a moment of music at least."""
    return min(ticket.quiet_until, now + BETWEEN_SECONDS)


def _by_the_clock(ticket: Ticket, rules: AnnouncementRules) -> float:
    usual = ticket.told_at + rules.every if ticket.told_at else ticket.joined_at + rules.first
    if ticket.may_be_called_back:
        return usual
    return min(usual, max(ticket.joined_at + rules.offer, ticket.told_at + BETWEEN_SECONDS))


def ahead_of(ticket_id: str, waiting: Sequence[policy.Waiting], now: float, rules: policy.Rules) -> int:
    """Count those who go before this one if nothing changes: SOS, and whoever has gathered more priority."""

    def turn(each: policy.Waiting) -> tuple[bool, float, float, str]:
        sos = each.caller_class is CallerClass.SOS
        return (not sos, 0.0 if sos else -policy.priority(each, now, rules), each.joined_at, each.ticket_id)

    own = next((turn(each) for each in waiting if each.ticket_id == ticket_id), None)
    return 0 if own is None else sum(turn(each) < own for each in waiting)


def told(ticket: Ticket, ahead: int, estimate: float, now: float, rules: AnnouncementRules) -> Mapping[str, object]:
    """Give what changes in the ticket when its caller is told where they stand."""
    seconds = announce(estimate, ticket.told_seconds, now - ticket.told_at)
    return MappingProxyType({
        "told_at": now,
        "quiet_until": now + CONVERSATION_SECONDS,
        "told_ahead": ahead if ticket.told_ahead is None else min(ahead, ticket.told_ahead),
        "told_seconds": seconds,
        "told_soon": ticket.told_seconds is not None and in_minutes(ticket.told_seconds) == 0,
        "may_be_called_back": ticket.may_be_called_back or now - ticket.joined_at + estimate >= rules.offer,
    })  # fmt: skip
