"""The talk of a group message: what it says, and what the elder made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from db.models import Campaign, CampaignRecipient
from db.session import UnitOfWork
from routing.errors import NotFound
from routing.outreach.announcements import Sayings
from routing.outreach.campaigns.policy import State
from routing.outreach.consent import Channel, Purpose
from routing.outreach.consents import Consents


class Heard(StrEnum):
    """How somebody took a message."""

    HEARD = "heard"
    """To its end."""
    PERSON = "person"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True)
class Message:
    """What is told in a call. `recording` names a file with a human voice; empty: `text` is spoken."""

    recipient_id: int
    elder_id: int
    cause: str
    recording: str
    text: str = field(repr=False)
    over: bool
    """It was stopped, or the elder was told already: nothing is told."""


class Telling:
    """What the flow asks and says."""

    def __init__(
        self, *, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], recordings: Path,
        sayings: Sayings, consents: Consents,
    ) -> None:  # fmt: skip
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._recordings = recordings
        self._sayings = sayings
        self._consents = consents

    def of_call(self, recipient_id: int) -> Message:
        """Give what an automatic call tells. Raises NotFound."""
        with self._reading() as session:
            row = session.get(CampaignRecipient, recipient_id)
            if row is None:
                raise NotFound(f"there is no recipient {recipient_id}")
            campaign = session.get_one(Campaign, row.campaign_id)
            recording = campaign.recording or ""
            if recording and not (self._recordings / f"{recording}.wav").is_file():
                recording = ""
            sounds = recording or self._sayings.sound_of(campaign.text, campaign.language) is not None
            over = row.state != "owed" or campaign.state == State.STOPPED or not sounds
            return Message(row.id, row.elder_id, row.cause, recording, campaign.text, over)

    def told(self, recipient_id: int, heard: Heard) -> None:
        """Note how it was taken. Said again only a word that they want no more counts. Raises NotFound."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = session.get(CampaignRecipient, recipient_id, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no recipient {recipient_id}")
            elder_id = row.elder_id
            if row.state not in Heard.__members__.values() or heard is Heard.OPTED_OUT:
                row.state, row.settled_at, row.reason = heard.value, now, ""
        if heard is Heard.OPTED_OUT:
            self._consents.note(
                elder_id=elder_id, channel=Channel.CALL.value, purpose=Purpose.ANNOUNCEMENT.value, given=False,
                by=f"elder:{elder_id}", how="phone_key",
            )  # fmt: skip
