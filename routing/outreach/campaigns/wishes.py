"""What somebody wants to send, checked: each refusal says what would be right."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime, time, timedelta

from db.models import Campaign
from routing.errors import Invalid
from routing.outreach.campaigns.policy import WARNINGS, Way
from routing.outreach.campaigns.views import Wish
from routing.outreach.policy import CallRules

LONGEST_TITLE = 60
LONGEST_TEXT = 120
"""Characters: the voice takes some 32 s for them, and with the signature they are three parts of an SMS at the most."""
LONGEST = timedelta(days=31)
CLASSES = ("", "frail", "elder")
PAYERS = ("", "assisted", "subsidised", "self_paid")
_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Cn")
"""Categories of characters that nobody sees: NUL, marks of direction and the like."""


def checked(wish: Wish, now: datetime, rules: CallRules, lines_most: int, districts: Collection[str]) -> Campaign:
    """Give the row that holds a wish. Raises Invalid."""
    title, text = _line("title", wish.title, LONGEST_TITLE), _line("text", wish.text, LONGEST_TEXT)
    if wish.way not in list(Way):
        raise Invalid(f"the way is one of {', '.join(Way)}")
    if wish.warning not in WARNINGS:
        raise Invalid("a warning is blue, yellow, orange or red; leave it empty if it is none")
    selection = wish.selection
    if selection.district and selection.district not in districts:
        raise Invalid("no elder lives in this district: choose one of the list")
    if selection.caller_class not in CLASSES or selection.payer_class not in PAYERS:
        raise Invalid("the class is frail or elder, who pays is assisted, subsidised or self_paid; empty is all")
    if not 1 <= wish.lines <= lines_most:
        raise Invalid(f"give it 1 to {lines_most} lines: automatic calls get no more of them")
    opens, closes = _hours(wish, rules)
    starts_at, ends_at = _course(wish, now, rules, closes)
    return Campaign(
        title=title, text=text, way=wish.way, warning=wish.warning, district=selection.district,
        caller_class=selection.caller_class, payer_class=selection.payer_class, alone=selection.alone,
        lines=wish.lines, opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}", starts_at=starts_at, ends_at=ends_at,
    )  # fmt: skip


def _line(what: str, given: str, most: int) -> str:
    """Bring it to one line without what nobody sees. Raises Invalid."""
    text = " ".join("".join(" " if each.isspace() else each for each in given).split())
    if any(unicodedata.category(each) in _UNSEEN for each in text):
        raise Invalid(f"the {what} holds characters that nobody sees: type it anew")
    if not 0 < len(text) <= most:
        raise Invalid(f"the {what} has 1 to {most} characters, not {len(text)}")
    return text


def _hours(wish: Wish, rules: CallRules) -> tuple[time, time]:
    try:
        opens, closes = time.fromisoformat(wish.opens.strip()), time.fromisoformat(wish.closes.strip())
    except ValueError:
        raise Invalid("hours are written as 08:00") from None
    first, last = rules.hours
    if opens.tzinfo or closes.tzinfo or not first <= opens < closes <= last:
        raise Invalid(f"choose hours from {first:%H:%M} to {last:%H:%M}, the first before the last")
    return opens.replace(second=0, microsecond=0), closes.replace(second=0, microsecond=0)


def _course(wish: Wish, now: datetime, rules: CallRules, closes: time) -> tuple[datetime, datetime]:
    starts_at = wish.starts_at or now
    local = starts_at.astimezone(rules.zone)
    end_of_day = datetime.combine(local.date(), closes, tzinfo=rules.zone)
    if wish.ends_at is None and end_of_day <= starts_at:
        end_of_day = datetime.combine(local.date() + timedelta(days=1), closes, tzinfo=rules.zone)
    ends_at = wish.ends_at or end_of_day
    if wish.starts_at is not None and wish.starts_at < now - timedelta(hours=1):
        raise Invalid("its beginning is past: leave it empty to begin at once")
    if not now < ends_at or not starts_at < ends_at <= starts_at + LONGEST:
        raise Invalid("it ends after it begins, and within 31 days")
    return starts_at, ends_at
