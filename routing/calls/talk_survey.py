"""Comparing the talks with what lives on a node, after events were missed."""

from __future__ import annotations

from collections.abc import Mapping

from routing.asterisk.channels import LiveChannel
from routing.calls.floor import Floor
from routing.calls.switchboard import PARKED, TALK
from routing.calls.talk import Talk
from routing.calls.talk_messages import TalkStage
from routing.calls.talks import Talks

_HELPING = frozenset({"talk-helper", "talk-guest"})
_CONSULTING = frozenset({"consult", "consult-outside"})
_JUST_CHANGED_SECONDS = 2.0


class TalkSurvey:
    """Puts each talk where its caller is."""

    def __init__(self, floor: Floor, talks: Talks) -> None:
        self._floor = floor
        self._talks = talks

    def compare(self, node: str, living: Mapping[str, LiveChannel], began: float) -> None:
        """Put each talk where its caller is; what lives is given by channel."""
        talks = self._talks
        for talk in [each for each in talks.talks.values() if each.node == node]:
            live = living.get(talk.channel)
            if talk.since < began - _JUST_CHANGED_SECONDS:
                talk = self._compare_guests(talk, living)  # noqa: PLW2901  # The same talk as it is now.
            if talk.call_id not in talks.talks:
                continue
            if not talk.channel:
                if talks.leg_of(talk) not in living:
                    talks.end(talk)
            elif live is None:
                if f"{node}|{talk.channel}" not in self._floor.legs:
                    talks.caller_gone(node, talk.channel)
            elif live.context == "hold":
                talks.ticket_again(talk)
            elif live.context == "fallback":
                talks.end(talk)
            elif talk.since < began - _JUST_CHANGED_SECONDS:
                self._compare_stage(talk, live, living)

    def _compare_guests(self, talk: Talk, living: Mapping[str, LiveChannel]) -> Talk:
        """Find out what became of guests of whom nothing was heard; give the talk as it is then."""
        talks, by_id = self._talks, {each.uniqueid: each for each in living.values()}
        for guest in talk.everyone:
            known = talks.talks.get(talk.call_id)
            channel = by_id.get(guest.dial)
            if known is None:
                break
            if channel is None and guest.leg:
                talks.conference.guest_gone(guest.leg)
            elif channel is None:
                talks.conference.failed(known, guest.dial, "unknown")
            elif not guest.leg and channel.context in _HELPING:
                talks.conference.answered(known, guest.dial, channel.channel)
        return talks.talks.get(talk.call_id, talk)

    def _compare_stage(self, talk: Talk, caller: LiveChannel, living: Mapping[str, LiveChannel]) -> None:
        talks = self._talks
        leg = talks.leg_of(talk)
        agent = living.get(leg)
        if caller.context == PARKED:
            if agent is None:
                if leg or not self._has_legs(talk.extension):
                    talks.partner_free(talk)
                    talks.back_to_hold(talk)
            elif agent.context in _CONSULTING:
                others = [each for each in living.values() if each.bridge == agent.bridge and each.channel != leg]
                if agent.bridge and others and not talk.partner_leg:
                    talks.partner_answered(leg, others[0].channel)
            elif talk.stage is TalkStage.CONSULTING:
                talks.consult_over(leg, "CANCEL")
                talks.send(talk.node, (talk.channel, TALK, "s"))
        elif caller.context == TALK:
            there = [each for each in living.values() if each.context in _HELPING and each.bridge == caller.bridge]
            if talk.stage in (TalkStage.PARKED, TalkStage.CONSULTING):
                talks.partner_free(talk)
                talks.change(talk, stage=TalkStage.TALKING, partner="", partner_leg="", look_at=0.0)
            if talk.stage is TalkStage.CONFERENCE and len(there) < 2 and caller.bridge and not talk.guests:
                talks.change(talk, stage=TalkStage.TALKING, partner="", partner_leg="")

    def _has_legs(self, extension: str) -> bool:
        agent = self._floor.agents.get(extension)
        return agent is not None and bool(agent.legs)
