"""Whether a person may be called or written to, for what, and when. Pure: every dialling and every SMS asks here.

docs/outreach.md says which rule comes from which law.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from routing.outreach.policy import CallRules, Span, within_hours


class Purpose(StrEnum):
    """Why somebody is contacted. There is none for advertising: we send none."""

    SERVICE = "service"
    """What they asked for themselves: a call-back, who comes and when, an answer."""
    SURVEY = "survey"
    """Was it done, and how was it?"""
    REMINDER = "reminder"
    WELL_BEING = "well_being"
    ANNOUNCEMENT = "announcement"
    BUSINESS = "business"
    """Companies, workers and people on duty, about the work that they have agreed to do."""


class Channel(StrEnum):
    """By what."""

    CALL = "call"
    SMS = "sms"


PURPOSES: Mapping[str, Purpose] = {
    "after_service": Purpose.SURVEY, "promise": Purpose.SERVICE, "offer": Purpose.BUSINESS, "overdue": Purpose.BUSINESS,
    "wellbeing": Purpose.WELL_BEING, "medicine": Purpose.REMINDER, "look_in": Purpose.SERVICE,
    "campaign": Purpose.ANNOUNCEMENT,
}  # fmt: skip
"""What calls that are owed are for, by their kind."""
CHOICES = (Purpose.SURVEY, Purpose.REMINDER, Purpose.WELL_BEING, Purpose.ANNOUNCEMENT)
"""What a person may allow or forbid one by one."""
NEEDS_YES = frozenset({Purpose.REMINDER, Purpose.WELL_BEING})
"""These tell of a person's health, or that they live alone: who has not said yes gets none (PIPL, article 29)."""
KEEPS_HOURS = frozenset(Purpose) - {Purpose.BUSINESS}
"""Calls that do not disturb at night. The hours of SMS are the outbox's (`routing.outreach.sms.policy`), by how
pressing each is; here is decided to whom and for what, whenever that is."""


def purpose_of(kind: str) -> Purpose:
    """Give what a kind of call is for; of an unknown one the strictest is taken."""
    return PURPOSES.get(kind, Purpose.SURVEY)


class Why(StrEnum):
    """Why somebody is not contacted."""

    ALLOWED = "allowed"
    NEVER_CALL = "never_call"
    GONE = "gone"
    """Dead, moved away or no longer registered."""
    OPTED_OUT = "opted_out"
    """The number wants nothing by this channel."""
    WITHDRAWN = "withdrawn"
    """The person, or the number, does not want it for this purpose."""
    NO_CONSENT = "no_consent"
    QUIET = "quiet"
    """Not at this hour."""


LEFT_IN_PEACE = frozenset({Why.GONE, Why.OPTED_OUT, Why.WITHDRAWN})
"""With these the matter is over; with any other it is asked in another way."""

Said = Mapping[tuple[Channel, Purpose], bool]
"""The latest word on each: True given, False withdrawn."""


@dataclass(frozen=True)
class Known:
    """What is on file of a person or of a number. `never_call` holds only what counts at the moment of asking."""

    state: str = "active"
    rest: Span | None = None
    never_call: bool = False
    opted_out: frozenset[Channel] = frozenset()
    said: Said = field(default_factory=dict)


NOTHING = Known()


@dataclass(frozen=True)
class Permission:
    """The decision. `not_before` is set when it is only a matter of time."""

    allowed: bool
    why: Why
    not_before: datetime | None = None


def may_contact(
    purpose: Purpose, channel: Channel, person: Known, number: Known, now: datetime, *, rules: CallRules
) -> Permission:
    """Decide whether a person may be contacted on a number now. A number's word and a person's count alike: whoever of
    them forbids it. Work that companies have agreed to is between the firms, and asks nobody but the list."""
    why = at_any_hour(purpose, channel, person, number)
    if why is not Why.ALLOWED:
        return Permission(False, why)
    if channel is Channel.CALL and purpose in KEEPS_HOURS:
        at = within_hours(now, rules, person.rest)
        if at > now:
            return Permission(False, Why.QUIET, at)
    return Permission(True, Why.ALLOWED)


def at_any_hour(purpose: Purpose, channel: Channel, person: Known, number: Known) -> Why:
    """Say what stands against it whatever the hour is. Whoever asked to be called minutes ago is asked this alone."""
    if channel is Channel.CALL and (person.never_call or number.never_call):
        return Why.NEVER_CALL
    if purpose is Purpose.BUSINESS:
        out = channel is Channel.SMS and channel in number.opted_out
        return Why.OPTED_OUT if out else Why.ALLOWED
    return forbidden(purpose, channel, person, number)


def forbidden(purpose: Purpose, channel: Channel, person: Known, number: Known) -> Why:
    """Say what stands against it at any hour, the list of whom never to call aside."""
    if person.state != "active":
        return Why.GONE
    # A call that they asked for themselves comes after their word that they want none; an SMS stays unsent (TD).
    if channel in person.opted_out | number.opted_out and (channel is Channel.SMS or purpose is not Purpose.SERVICE):
        return Why.OPTED_OUT
    words = [known.said.get((channel, purpose)) for known in (person, number)]
    if False in words:
        return Why.WITHDRAWN
    if purpose in NEEDS_YES and True not in words:
        return Why.NO_CONSENT
    return Why.ALLOWED
