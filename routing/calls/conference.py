"""The outside phones of a conference: who picked up, who did not, and who has the talk when somebody leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from routing.calls.talk import Talk
from routing.calls.talk_messages import TalkStage


class TalkBook(Protocol):
    """All talks, and what can be done with one (`routing.calls.talks.Talks`)."""

    talks: dict[str, Talk]

    def change(self, talk: Talk, trouble: str = "", **changes: Any) -> Talk: ...
    def store(self, talk: Talk) -> Talk: ...
    def tell(self, talk: Talk, trouble: str = "", party: str = "") -> None: ...
    def note(self, talk: Talk, what: str, detail: str = "") -> None: ...
    def end(self, talk: Talk) -> None: ...
    def hang_up(self, talk: Talk, channel: str) -> None: ...
    def leg_of(self, talk: Talk) -> str: ...
    def has_left(self, node: str, channel: str) -> bool: ...


class Conference:
    """Follows the guests of each talk. Every method returns at once."""

    def __init__(self, talks: TalkBook) -> None:
        self._talks = talks

    def answered(self, talk: Talk, dial: str, channel: str) -> None:
        """A guest has picked up and is in the conference. If the caller has gone meanwhile, who is there goes on."""
        guests = tuple(each._replace(leg=channel) if each.dial == dial else each for each in talk.everyone)
        self._talks.note(talk, "talk.joined", next(each.party for each in guests if each.dial == dial))
        talk = self._talks.change(talk, stage=TalkStage.CONFERENCE, guests=guests, look_at=0.0)
        self._end_without_caller(talk)

    def failed(self, talk: Talk, dial: str, why: str) -> None:
        """A guest is busy, does not answer, or cannot be reached: the talk goes on as it was."""
        party = next(each.party for each in talk.everyone if each.dial == dial)
        self._talks.note(talk, "talk.not_joined", f"{party}: {why}")
        talk = self._talks.store(replace(talk, guests=talk.without(dial), look_at=0.0))
        self._talks.tell(talk, why, party)
        self._end_without_caller(talk)

    def dial_ended(self, dial: str, why: str) -> None:
        """The channel of a dial is gone. Of some phones that are busy only its cause tells."""
        for talk in list(self._talks.talks.values()):
            if any(each.dial == dial for each in talk.ringing):
                self.failed(talk, dial, why)

    def guest_gone(self, channel: str) -> None:
        """A channel that is no agent's is gone: perhaps a guest's."""
        if not channel:
            return
        talks = self._talks
        for talk in list(talks.talks.values()):
            guest = next((each for each in talk.joined if each.leg == channel), None)
            if guest is not None:
                talks.note(talk, "talk.guest_left", guest.party)
                left = talk.without(guest.dial)
                talks.change(talk, stage=talk.stage_with(left, talk.partner_leg), guests=left)
            elif talk.partner_leg == channel and talk.stage is TalkStage.CONFERENCE:
                talks.change(talk, stage=talk.stage_with(talk.everyone, ""), partner="", partner_leg="")
            elif talk.leg == channel and not talk.extension and talk.stage is TalkStage.CONFERENCE:
                self.succeed(talk)

    def succeed(self, talk: Talk) -> None:
        """Whoever had the talk left a conference: who stays with the caller has it now."""
        if talk.channel:
            self._talks.change(talk, **_successor(talk))
            return
        helpers = [each for each in self.helpers(talk) if each != self._talks.leg_of(talk)]
        self._talks.end(talk)
        if len(helpers) == 1:
            self._talks.hang_up(talk, helpers[0])

    def helpers(self, talk: Talk) -> list[str]:
        """Give the channels of all who are in a talk beside the caller, and have not been seen to leave."""
        named = (self._talks.leg_of(talk), talk.partner_leg, *(each.leg for each in talk.joined))
        return [each for each in named if each and not self._talks.has_left(talk.node, each)]

    def _end_without_caller(self, talk: Talk) -> None:
        """The caller is gone: when no phone rings any more, whoever is left alone is let go."""
        if talk.channel or talk.ringing:
            return
        helpers = self.helpers(talk)
        self._talks.end(talk)
        if len(helpers) == 1:
            self._talks.hang_up(talk, helpers[0])


def _successor(talk: Talk) -> dict[str, Any]:
    """Who has the talk now: the agent who joined, else the guest who was there first."""
    if talk.partner_leg:
        extension, leg, guests = talk.partner if talk.partner.isdigit() else "", talk.partner_leg, talk.everyone
    else:
        first = next(iter(talk.joined), None)
        extension, leg = "", first.leg if first else ""
        guests = talk.without(first.dial) if first else talk.everyone
    return {
        "stage": talk.stage_with(guests, ""), "extension": extension, "leg": leg, "partner": "", "partner_leg": "",
        "guests": guests,
    }  # fmt: skip
