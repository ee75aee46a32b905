"""What an agent may have done with a talk: hold, transfer, consult, conference. Each is load, check, act.

A talk begins in Dial(). The first of these orders moves caller and agent out of it, each to a place of the dialplan
where they stay whatever becomes of us: the caller to music or to the conference of the call, the agent to that
conference.
"""

from __future__ import annotations

import uuid
from dataclasses import replace

import structlog

from routing.asterisk.errors import AmiError
from routing.asterisk.events import OriginateFinished, OriginateReason
from routing.asterisk.originate import Originate, OriginateUnknown
from routing.calls import keys
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.messages import AgentState
from routing.calls.offers import Offers
from routing.calls.switchboard import (
    CONSULT,
    CONSULT_OUTSIDE,
    HOLD,
    PARKED,
    TALK,
    TALK_GUEST,
    TALK_HELPER,
    Move,
    Switchboard,
)
from routing.calls.talk import ALLOWED, GUEST_DIAL, MOST_GUESTS, OUTSIDE, Guest, Talk
from routing.calls.talk_messages import ControlTalk, TalkAction, TalkStage
from routing.calls.talks import Talks
from routing.settings import Settings

log = structlog.get_logger(__name__)

_GRACE_SECONDS = 5.0


class TalkOrders:
    """Acts on `ControlTalk`. What cannot be done is told as `TalkChanged` with its trouble, and changes nothing."""

    def __init__(
        self,
        floor: Floor,
        switchboard: Switchboard,
        errands: Errands,
        *,
        talks: Talks,
        offers: Offers,
        settings: Settings,
    ) -> None:
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._talks = talks
        self._offers = offers
        self._settings = settings

    def obey(self, command: ControlTalk) -> None:
        """Do what was asked, if the agent has this talk and it is at a stage for it."""
        talk = self._talks.talks.get(command.call_id)
        if talk is None or talk.extension != command.extension:
            log.info("talks.no_such_talk", call_id=command.call_id, extension=command.extension)
            return
        trouble = self._trouble(talk, command)
        if trouble:
            self._talks.tell(talk, trouble)
            return
        match command.action:
            case TalkAction.HOLD:
                self._pair(talk, PARKED)
                self._talks.change(talk, stage=TalkStage.PARKED, room=True, leg=self._talks.leg_of(talk))
            case TalkAction.RESUME:
                self._talks.send(talk.node, (talk.channel, TALK, "s"))
                self._talks.change(talk, stage=TalkStage.TALKING)
            case TalkAction.TRANSFER:
                self._transfer(talk, command)
            case TalkAction.CONSULT:
                self._consult(talk, command)
            case TalkAction.COMPLETE:
                self._complete(talk)
            case TalkAction.RETURN:
                self._talks.partner_free(talk)
                # Both at once: one after the other, the second might overtake the agent's next wish for the caller.
                self._errands.send(self._move(talk, (talk.leg, TALK_HELPER, "s"), (talk.channel, TALK, "s")))
                self._talks.change(
                    talk, stage=TalkStage.TALKING, room=True, partner="", partner_leg="", look_at=0.0
                )  # fmt: skip
            case TalkAction.CONFER:
                self._confer(talk, command)
        whom = command.agent or command.skill or (command.number and (command.party or OUTSIDE))
        self._talks.note(talk, f"talk.{command.action}", whom)

    def key_dialled(self, node: str, channel: str, number: str) -> None:
        """The agent has dialled * and an emergency number on the phone, in the talk."""
        talks = self._talks
        talk = next((one for one in talks.talks.values() if one.node == node and talks.leg_of(one) == channel), None)
        if talk is None or not talk.extension or number not in self._settings.emergency_numbers:
            log.info("talks.key_means_nothing", channel=channel)
            return
        self.obey(ControlTalk(talk.call_id, talk.extension, TalkAction.CONFER, number=number, by="phone", party=number))

    def dialled(self, event: OriginateFinished) -> None:
        """How the dial of a guest went."""
        for talk in list(self._talks.talks.values()):
            if any(each.dial == event.action_id for each in talk.ringing):
                if event.answered:
                    self._talks.conference.answered(talk, event.action_id, event.channel)
                elif event.reason is not OriginateReason.FAILED or not event.channel:
                    # Else the end of its channel, which comes next, tells more: busy, say.
                    self._talks.conference.failed(talk, event.action_id, event.reason.value)

    def _trouble(self, talk: Talk, command: ControlTalk) -> str:
        """Say in a word why this cannot be done now; empty: it can."""
        if talk.stage not in ALLOWED[command.action] or not talk.channel:
            return "wrong_stage"
        if not self._talks.leg_of(talk) or talk.node not in self._switchboard.up:
            return "not_now"
        trouble = _guest_trouble(talk, command)
        if trouble or (command.action is TalkAction.CONFER and command.number):
            return trouble
        consulting = talk.stage is TalkStage.CONSULTING
        if consulting and not talk.partner_leg and command.action is not TalkAction.RETURN:
            return "not_answered"
        named = command.agent or command.number or (command.skill and command.action is TalkAction.TRANSFER)
        names = {TalkAction.TRANSFER: named, TalkAction.CONSULT: named, TalkAction.CONFER: command.number or consulting}
        if not names.get(command.action, True):
            return "nobody_named"
        agent = self._floor.agents.get(command.agent)
        return "not_free" if command.agent and (agent is None or agent.state is not AgentState.READY) else ""

    def _pair(self, talk: Talk, caller_to: str) -> None:
        """Move the caller to `caller_to`, and the agent to the conference unless they are there."""
        leg = self._talks.leg_of(talk)
        caller: Move = (talk.channel, caller_to, "s")
        self._errands.send(self._move(talk, caller, None if talk.room else (leg, TALK_HELPER, "s")))

    async def _move(self, talk: Talk, move: Move, also: Move | None = None, **variables: str) -> None:
        try:
            await self._switchboard.move(talk.node, move, also, variables)
        except (AmiError, ValueError) as error:
            # Somebody has gone meanwhile: the event of it puts the others where they belong.
            log.info("talks.not_moved", call_id=talk.call_id, error=type(error).__name__)

    def _transfer(self, talk: Talk, command: ControlTalk) -> None:
        """Blind: the caller waits for somebody else in the place they had, or an outside phone rings for them."""
        leg = self._talks.leg_of(talk)
        about: dict[str, object] = {"preferred_agent": command.agent or None}
        if command.skill:
            about["skills"] = (command.skill,)
        ticket = self._talks.ticket_again(talk, **about)
        if command.number:
            self._offers.ring_outside(ticket, command.number)
        else:
            self._talks.send(talk.node, (talk.channel, HOLD, "s"))
        if talk.room:
            self._errands.send(self._let_go(talk, leg))

    def _consult(self, talk: Talk, command: ControlTalk) -> None:
        leg, ring = self._talks.leg_of(talk), max(1.0, self._settings.ring_seconds)
        now = self._floor.clock()
        if command.agent:
            self._floor.ledger.lease(keys.AGENT_LEASE + command.agent, talk.call_id, ring + _GRACE_SECONDS)
            self._floor.change_agent(command.agent, offered=AgentState.RESERVED, call_id=talk.call_id)
        to: Move = (leg, CONSULT if command.agent else CONSULT_OUTSIDE, command.agent or command.number)
        also: Move | None = None if talk.stage is TalkStage.PARKED else (talk.channel, PARKED, "s")
        # Inherited: the leg of whoever is asked is to tell the caller of its end, too.
        about = {"RING_SECONDS": str(round(ring)), "__CALLER": talk.channel}
        self._errands.send(self._move(talk, to, also, **about))
        self._talks.change(
            talk, stage=TalkStage.CONSULTING, room=True, leg=leg, partner=command.agent or OUTSIDE, partner_leg="",
            look_at=now + ring + _GRACE_SECONDS,
        )  # fmt: skip

    def _complete(self, talk: Talk) -> None:
        """Attended: the one who was consulted has the talk now, and the agent leaves it."""
        leg = talk.leg
        extension = talk.partner if talk.partner in self._floor.agents else ""
        self._errands.send(self._hand_over(talk))
        self._talks.change(
            talk, stage=TalkStage.TALKING, extension=extension, leg=talk.partner_leg, partner="", partner_leg=""
        )  # fmt: skip
        self._talks.note(talk, "talk.handed_over", f"{talk.extension} to {talk.partner}")
        log.info("talks.handed_over", call_id=talk.call_id, leg=leg)

    async def _hand_over(self, talk: Talk) -> None:
        await self._move(talk, (talk.channel, TALK, "s"))
        await self._mark_left(talk, talk.leg)
        await self._move(talk, (talk.partner_leg, TALK_HELPER, "s"))

    def _confer(self, talk: Talk, command: ControlTalk) -> None:
        if talk.stage is TalkStage.CONSULTING:
            self._errands.send(self._join(talk))
            self._talks.change(talk, stage=TalkStage.CONFERENCE, look_at=0.0)
            return
        guest = Guest(GUEST_DIAL + uuid.uuid4().hex, command.party or OUTSIDE)
        ring = max(1.0, self._settings.guest_ring_seconds)
        talk = replace(talk, leg=self._talks.leg_of(talk))
        if not talk.room:
            self._pair(talk, TALK)
        changed = self._talks.change(
            talk, room=True, guests=(*talk.guests, guest), look_at=self._floor.clock() + ring + _GRACE_SECONDS
        )  # fmt: skip
        self._errands.send(self._dial(changed, guest, command.number, ring))

    async def _join(self, talk: Talk) -> None:
        await self._move(talk, (talk.leg, TALK_HELPER, "s"), (talk.partner_leg, TALK_HELPER, "s"))
        await self._move(talk, (talk.channel, TALK, "s"))

    async def _dial(self, talk: Talk, guest: Guest, number: str, ring: float) -> None:
        """Dial a guest, once: a dial of which nothing is known is not made again."""
        try:
            await self._switchboard.place(
                talk.node,
                Originate(
                    channel=f"PJSIP/{number}@carrier",
                    context=TALK_GUEST,
                    exten="s",
                    caller_id=self._settings.did_hotline,
                    timeout_seconds=min(600.0, ring),
                    variables={"__CALL_ID": talk.call_id, "CALLER": talk.channel},
                    action_id=guest.dial,
                ),
            )
        except OriginateUnknown:
            return  # It may ring; whoever answers comes to the conference by the dialplan.
        except (AmiError, ValueError) as error:
            log.warning("talks.guest_not_dialled", call_id=talk.call_id, error=type(error).__name__)
            known = self._talks.talks.get(talk.call_id)
            if known is not None and guest.dial in [each.dial for each in known.ringing]:
                self._talks.conference.failed(known, guest.dial, "failed")

    async def _mark_left(self, talk: Talk, leg: str) -> None:
        """The end of this leg means nothing to the caller."""
        try:
            await self._switchboard.set_variable(talk.node, leg, "LEFT", "1")
        except AmiError as error:
            log.info("talks.not_marked", call_id=talk.call_id, error=type(error).__name__)

    async def _let_go(self, talk: Talk, leg: str) -> None:
        """Let the agent go, but not before the caller is away: the last helper's end is the conference's.

        The order that moves the caller went out before the node has answered to the mark.
        """
        await self._mark_left(talk, leg)
        try:
            await self._switchboard.hang_up(talk.node, leg)
        except AmiError as error:
            log.info("talks.not_let_go", call_id=talk.call_id, error=type(error).__name__)


def _guest_trouble(talk: Talk, command: ControlTalk) -> str:
    """Say in a word why guests, who ring or are there, forbid it, or why nobody else can be called; empty: nothing."""
    if command.action is not TalkAction.CONFER or not command.number:
        joins = command.action is TalkAction.CONFER and talk.stage is TalkStage.CONFERENCE
        return "wrong_stage" if talk.ringing or joins else ""
    if talk.stage is TalkStage.CONSULTING:
        return "wrong_stage"
    if command.party and any(each.party == command.party for each in talk.everyone):
        return "there_already"
    return "too_many" if len(talk.guests) >= MOST_GUESTS else ""
