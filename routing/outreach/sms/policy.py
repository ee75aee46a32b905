"""When a message may go: quiet hours, and how many a number and a day may have. Pure: values in, a decision out.

These are the only hours of SMS: `routing.outreach.consent` says to whom and for what, and knows hours of calls alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class SmsKind(StrEnum):
    """How pressing a message is."""

    NOTICE = "notice"
    """Of ours: it waits for the hours allowed, and counts."""
    ANSWER = "answer"
    """To somebody who has just written: at any hour, but it counts."""
    WORK = "work"
    """About an order that is under way, to its worker or company, or that somebody comes late: no use by morning."""
    URGENT = "urgent"
    """Answer to a cry for help, confirmation of an opt-out, a PIN or its lock: at once, whatever was sent before."""


@dataclass(frozen=True)
class SmsRules:
    """`hours` are local, between the first and the second; 0 messages means no limit."""

    hours: tuple[time, time]
    zone: ZoneInfo
    a_number: int = 0
    a_day: int = 0


@dataclass(frozen=True)
class Permission:
    """`at` is now, or the moment from which it may go; None: it must not go at all. `reason` is for people."""

    at: datetime | None
    reason: str = ""


@dataclass(frozen=True)
class SentToday:
    """Messages handed over since local midnight: to this number, and to all."""

    number: int
    all: int


def may_go(kind: SmsKind, sent: SentToday, deadline: datetime | None, rules: SmsRules, now: datetime) -> Permission:
    """Decide on one message. What may not go now waits for the first allowed hour, if its deadline leaves that."""
    if kind is SmsKind.URGENT:
        return Permission(now)
    reason = _limit(kind, sent, rules)
    if reason:
        at = _opening(now, rules, tomorrow=True)
    elif (at := goes_at(kind, rules, now)) > now:
        reason = f"quiet hours: messages go from {rules.hours[0]:%H:%M} to {rules.hours[1]:%H:%M}"
    else:
        return Permission(now)
    if deadline is not None and deadline <= at:
        return Permission(None, f"{reason}; its time is over before it may go")
    return Permission(at, reason)


def goes_at(kind: SmsKind, rules: SmsRules, now: datetime) -> datetime:
    """Give the moment from which the hours let a message go: now, or the next opening."""
    if kind is not SmsKind.NOTICE or _open(now, rules):
        return now
    return _opening(now, rules, tomorrow=False)


def day_begins(now: datetime, zone: ZoneInfo) -> datetime:
    """Give the local midnight before `now`."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _limit(kind: SmsKind, sent: SentToday, rules: SmsRules) -> str:
    # A company that takes forty orders a day gets forty messages: it is its work.
    if rules.a_number and kind is not SmsKind.WORK and sent.number >= rules.a_number:
        return f"limit: {rules.a_number} messages a day to one number"
    if rules.a_day and sent.all >= rules.a_day:
        return f"limit: {rules.a_day} messages a day"
    return ""


def _open(now: datetime, rules: SmsRules) -> bool:
    first, last = rules.hours
    at = now.astimezone(rules.zone).time()
    return first <= at < last if first < last else at >= first or at < last


def _opening(now: datetime, rules: SmsRules, *, tomorrow: bool) -> datetime:
    """Give the next moment at which the hours begin; with `tomorrow`, on the next local day at the earliest."""
    day = now.astimezone(rules.zone).date()
    at = datetime.combine(day, rules.hours[0], rules.zone)
    return at if at > now and not tomorrow else datetime.combine(day + timedelta(days=1), rules.hours[0], rules.zone)
