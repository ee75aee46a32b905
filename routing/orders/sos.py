"""What is particular to the case of an SOS: how it was raised, what can become of it, and when nobody cares for it.

Pure: values in, a frozen answer out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from routing.errors import Invalid
from routing.numbers import masked
from routing.orders.device_place import Reading, read_geolocation

RESULTS: Final = (
    "false_alarm", "family_informed", "ambulance_sent", "police", "visited", "no_contact_staff_sent", "other",
)  # fmt: skip
"""What an SOS can end with. Words belong to each."""

DID, KEY = "did", "key_9"
"""How it was raised: a number of its own was dialled, or 9 was pressed somewhere."""


@dataclass(frozen=True)
class Raised:
    """By what an SOS was raised. Number and place show in no log."""

    by: str = ""
    """DID or KEY."""
    where: str = ""
    """The number that was dialled, or the conversation in which 9 was pressed."""
    phone_kind: str = ""
    """home, mobile or one_key, if the phone is known."""
    number: str = field(default="", repr=False)
    """The caller's number, E.164."""
    place: str = field(default="", repr=False)
    """The device's Geolocation header, as the dialplan has left it."""

    @property
    def words(self) -> str:
        """How it was raised, in codes that pages have words for; of the number its tail."""
        return " ".join(filter(None, (self.by, self.where, self.phone_kind, self.number and masked(self.number))))

    def steps(self) -> list[tuple[str, str]]:
        """What the timeline says of it beside that the case was opened: word and detail."""
        reading: Reading = read_geolocation(self.place)
        if reading.place is not None:
            return [("located", reading.place.address)]
        return [("not_located", reading.trouble)] if reading.trouble else []


UNTOLD: Final = Raised()
"""Nothing is known of how it was raised."""


COMPLAINT_RESULTS: Final = ("upheld", "unfounded")
"""What a person may find of a complaint; what is upheld counts on the company's scorecard."""


def check_result(kind: str, result: str) -> str | None:
    """Give the result to keep, none for what has none.

    Raises Invalid for an SOS without one of RESULTS, for a complaint with one that is not of COMPLAINT_RESULTS, and for
    other cases with one.
    """
    if kind == "complaint" and result:
        if result not in COMPLAINT_RESULTS:
            raise Invalid(f"a complaint is found {' or '.join(COMPLAINT_RESULTS)}, or closed without saying")
        return result
    if kind != "sos":
        if result:
            raise Invalid("only an SOS has a result of a list; say in words what became of this case")
        return None
    if result not in RESULTS:
        raise Invalid(f"an SOS is closed with a result: {', '.join(RESULTS)}")
    return result


@dataclass(frozen=True)
class Attention:
    """Who cares for an open SOS, as far as is known."""

    opened_at: datetime
    touched_at: datetime | None
    """When a person last did something about it: answered, noted."""
    talking: bool
    """Whether somebody speaks with the caller now."""


def unattended_since(attention: Attention) -> datetime | None:
    """Give since when no person is on an open SOS; None while one speaks with the caller."""
    if attention.talking:
        return None
    return max(attention.opened_at, attention.touched_at or attention.opened_at)


def is_alarming(attention: Attention, now: datetime, minutes: float) -> bool:
    """Whether an open SOS has been without a person for longer than so many minutes."""
    since = unattended_since(attention)
    return since is not None and now - since > timedelta(minutes=minutes)
