"""Agents who were cut out of a conference: the others talk on, and whoever's telephone is back is called in again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

import structlog

from routing.asterisk.errors import AmiError
from routing.asterisk.events import ContactChanged, OriginateFinished
from routing.asterisk.originate import Originate, OriginateUnknown
from routing.asterisk.values import PAGE_S_CALL
from routing.calls import keys
from routing.calls.conference import TalkBook
from routing.calls.cut_off import CutOff
from routing.calls.errands import Errands
from routing.calls.floor import Floor, extension_of
from routing.calls.messages import AgentState
from routing.calls.page_left import MAY_TAKE_UP
from routing.calls.switchboard import TALK_RETURN, Switchboard
from routing.calls.talk import RETURN_DIAL, Guest, Talk
from routing.calls.talk_messages import TalkStage
from routing.settings import Settings

log = structlog.get_logger(__name__)

RETURN_SECONDS = 60.0
"""Nobody waits for them: there is more time than for a caller who hears music."""
_GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class _Away:
    """An agent who was cut out of a conference."""

    call_id: str
    until: float
    guest: Guest | None
    """The guest who has the talk meanwhile, if no other agent is there."""
    dial: str = ""
    """Id of the dial that calls them in again, while it rings."""


class Returning:
    """Every method returns at once. A router that starts anew knows of nobody who is away: the others talk on."""

    def __init__(
        self,
        talks: TalkBook,
        floor: Floor,
        switchboard: Switchboard,
        errands: Errands,
        *,
        cut_off: CutOff,
        settings: Settings,
    ) -> None:
        self._talks = talks
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._cut_off = cut_off
        self._settings = settings
        self._away: dict[str, _Away] = {}
        """By extension."""

    def left(self, talk: Talk, extension: str, leg: str, cause: int) -> None:
        """An agent is gone from a conference, which goes on; the talk is as it was before."""
        now = self._floor.clock()
        self._away = {key: each for key, each in self._away.items() if each.until > now and key != extension}
        if self._cut_off.comes_back(talk, extension, leg, cause):
            guest = next(iter(talk.joined), None) if not talk.partner_leg else None
            self._away[extension] = _Away(talk.call_id, now + RETURN_SECONDS, guest)

    def rings(self, extension: str) -> bool:
        """Whether this agent is being called in again; no longer than a telephone may ring, whatever is heard of it."""
        away = self._away.get(extension)
        return away is not None and bool(away.dial) and self._floor.clock() < away.until

    def registered(self, event: ContactChanged) -> None:
        """A telephone is there, perhaps that of somebody who is missed."""
        extension = extension_of(event.aor)
        away, agent = self._away.get(extension), self._floor.agents.get(extension)
        if away is None or agent is None or away.dial:
            return
        talk = self._talks.talks.get(away.call_id)
        if talk is None or not talk.channel or not talk.room or talk.partner or self._floor.clock() >= away.until:
            del self._away[extension]
            return
        endpoint = f"{extension}-web"
        there = any(each.startswith(f"{talk.node}|{endpoint}|") for each in agent.contacts)
        if not there or agent.state not in MAY_TAKE_UP:
            return
        dial, ring = RETURN_DIAL + uuid.uuid4().hex, max(1.0, self._settings.ring_seconds)
        self._away[extension] = replace(away, dial=dial, until=self._floor.clock() + ring + _GRACE_SECONDS)
        self._floor.ledger.lease(keys.AGENT_LEASE + extension, talk.call_id, ring + _GRACE_SECONDS)
        self._floor.change_agent(extension, offered=AgentState.RESERVED, call_id=talk.call_id)
        # Should nothing be heard of the dial, the node is asked, and the agent is free again.
        self._talks.change(talk, look_at=max(talk.look_at, self._away[extension].until))
        self._errands.send(self._dial(talk, endpoint, dial, ring))

    def dialled(self, event: OriginateFinished) -> None:
        """How the dial of somebody who is missed went."""
        dial = event.action_id
        extension = next((key for key, each in self._away.items() if dial and each.dial == dial), "")
        if not extension:
            return
        away = self._away.pop(extension)
        talk = self._talks.talks.get(away.call_id)
        if talk is not None and talk.look_at == away.until:
            self._talks.change(talk, look_at=0.0)
        self._floor.ledger.release(keys.AGENT_LEASE + extension)
        if event.answered:
            self._floor.change_agent(extension, offered=AgentState.TALKING, misses=0)
            self._back(extension, away, event.channel)
        else:
            self._free(extension)

    def _back(self, extension: str, away: _Away, leg: str) -> None:
        """Whoever is back has the talk again, or joins the agent who has it now."""
        talk, now = self._talks.talks.get(away.call_id), self._floor.clock()
        if talk is None or not talk.channel or talk.partner:
            return  # If nobody is left there, the dialplan lets them go.
        self._talks.note(talk, "talk.agent_back", extension)
        if talk.extension:
            self._talks.change(talk, stage=TalkStage.CONFERENCE, partner=extension, partner_leg=leg, taken_at=now)
            return
        had = away.guest if away.guest and away.guest.leg == talk.leg else None
        guests = (had, *talk.everyone) if had else talk.everyone
        self._talks.change(
            talk, stage=talk.stage_with(guests, ""), extension=extension, leg=leg, guests=guests, taken_at=now
        )

    def _free(self, extension: str) -> None:
        agent = self._floor.agents.get(extension)
        if agent is not None and agent.ticket_id is None and agent.offered is AgentState.RESERVED:
            self._floor.change_agent(extension, offered=None, call_id=None)

    async def _dial(self, talk: Talk, endpoint: str, dial: str, ring: float) -> None:
        try:
            await self._switchboard.place(
                talk.node,
                Originate(
                    channel=f"PJSIP/{endpoint}",
                    context=TALK_RETURN,
                    exten="s",
                    caller_id=self._settings.did_hotline,
                    timeout_seconds=min(600.0, ring),
                    variables={"__CALL_ID": talk.call_id, "CALLER": talk.channel, PAGE_S_CALL: talk.call_id},
                    action_id=dial,
                ),
            )
        except OriginateUnknown:
            return  # It may ring; whoever answers comes to the conference by the dialplan.
        except (AmiError, ValueError) as error:
            log.warning("returning.not_dialled", call_id=talk.call_id, error=type(error).__name__)
            self._away.pop(endpoint.removesuffix("-web"), None)
            self._free(endpoint.removesuffix("-web"))
