"""What is shown of group messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from db.models import Campaign
from routing.outreach.campaigns.policy import Act, Hours, Selection, State, Way, may

REACHED = ("heard", "person", "opted_out", "sent")
"""Outcomes with which somebody was told, or told us that they want none."""
OPEN = ("waiting", "owed", "writing", "shared")


@dataclass(frozen=True)
class Wish:
    """A message as somebody wants it. `opens` and `closes` are times of day as 08:00; instants are aware."""

    title: str
    text: str
    way: str = "call"
    warning: str = ""
    selection: Selection = field(default_factory=Selection)
    lines: int = 3
    opens: str = "08:00"
    closes: str = "20:00"
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class CampaignView:
    """A message as it stands. `counts` are recipients by state; `calls` of it ring or are talked on now."""

    id: int
    title: str
    text: str
    language: str
    recording: str | None
    spoken: bool
    way: Way
    warning: str
    selection: Selection
    lines: int
    opens: str
    closes: str
    starts_at: datetime
    ends_at: datetime
    state: State
    created_at: datetime
    created_by: str
    started_at: datetime | None
    changed_at: datetime
    changed_by: str
    counts: Mapping[str, int]
    calls: int
    queued: int = 0
    """Elders whose SMS waits to be sent, or is held: they count as written to, and are not told yet."""

    @property
    def total(self) -> int:
        """Of elders."""
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        """Elders who have an outcome."""
        return self.total - sum(self.counts.get(each, 0) for each in OPEN)

    @property
    def reached(self) -> int:
        """Elders who were told. An SMS that waits has told nobody."""
        return max(0, sum(self.counts.get(each, 0) for each in REACHED) - self.queued)

    @property
    def may(self) -> frozenset[Act]:
        """What people may do with it now."""
        return may(self.state, self.queued)


@dataclass(frozen=True)
class Move:
    """One line of a message's history. `why` is a word where nobody moved it."""

    at: datetime
    act: str
    state: str
    by: str
    why: str


@dataclass(frozen=True)
class Preview:
    """What a start would do: elders who match, telephones that ring, SMS that go at once, and who is left out."""

    elders: int
    telephones: int
    messages: int
    shared: int
    """Elders who are told by the call to another of the same telephone."""
    left_out: Mapping[str, int]
    """By the reason."""
    lines: int
    """That there really are for it: its own, and no more than automatic calls may take."""
    lasts: timedelta
    """Estimated, with nobody waiting meanwhile."""
    fits: bool
    """Whether that is done before its end."""
    parts: int = 1
    """Short messages that one SMS of it takes: a carrier charges each."""
    parts_at_once: int = 0
    """That go at the start."""
    parts_at_most: int = 0
    """If nobody at all is reached by telephone, and all are written to."""
    fen: int = 0
    """That it is expected to cost."""
    fen_at_most: int = 0


@dataclass(frozen=True)
class Recipient:
    """An elder, and what became of the message."""

    elder_id: int
    name: str = field(repr=False)
    number: str | None = field(repr=False)
    state: str
    reason: str
    attempts: int
    last_outcome: str
    settled_at: datetime | None


def hours_of(row: Campaign, zone: ZoneInfo) -> Hours:
    """Give when a message goes out."""
    return Hours(row.starts_at, row.ends_at, time.fromisoformat(row.opens), time.fromisoformat(row.closes), zone)


def selection_of(row: Campaign) -> Selection:
    """Give whom it is for."""
    return Selection(row.district, row.caller_class, row.payer_class, row.alone)
