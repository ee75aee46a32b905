"""What a supervisor may do with talks and tickets: listen, whisper, barge, and move who waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import structlog

from routing.asterisk.agent_events import EarChanged
from routing.asterisk.errors import AmiError
from routing.asterisk.events import OriginateFinished
from routing.asterisk.originate import Originate, OriginateUnknown
from routing.calls import entries, keys
from routing.calls.errands import Errands
from routing.calls.floor import Floor, Leg
from routing.calls.listening_messages import ChangeEar, EndSupervision, SupervisionChanged
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import AgentRecord, TicketStage, to_json
from routing.calls.supervise_messages import Ear, MoveTicket, RecordPrompt, Supervise, SupervisionAsked, TicketMoved
from routing.calls.supervisions import PREFIX, Supervision
from routing.calls.switchboard import STUDIO, SUPERVISE, Switchboard
from routing.settings import Settings

log = structlog.get_logger(__name__)

_FRONT_SECONDS = 1.0
"""How much longer than the first of its class a ticket is taken to have waited that is put to the front."""


@dataclass(frozen=True)
class Place:
    """Where whoever answers goes on, with which variables; `action_id` is one for each wish."""

    context: str
    exten: str
    variables: Mapping[str, str]
    action_id: str


class Supervising:
    """Acts on commands that only supervisors may give; the console has checked who they are and keeps the audit."""

    def __init__(self, floor: Floor, switchboard: Switchboard, errands: Errands, settings: Settings) -> None:
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._settings = settings
        self._asked: dict[str, Supervision] = {}
        """Supervisions, by extension of the phone."""

    def restore(self, begun: Iterable[Supervision]) -> None:
        """Take up what an earlier router left in Redis; what is over since then has no channel, and is not shown."""
        self._asked |= {each.at: each for each in begun}

    def obey(self, command: Supervise | ChangeEar | EndSupervision | MoveTicket | RecordPrompt) -> None:
        """Do it, or tell why not."""
        if isinstance(command, MoveTicket):
            self._move(command)
        elif isinstance(command, RecordPrompt):
            self._record(command)
        elif isinstance(command, EndSupervision):
            self._end(command)
        elif isinstance(command, ChangeEar):
            self._change(command)
        else:
            self._supervise(command)

    def _record(self, command: RecordPrompt) -> None:
        """Ring a phone that nobody uses just now; else nothing happens: whoever asked sees that it does not ring."""
        phone = self._floor.agents.get(command.at)
        contact = next(iter(phone.contacts), "") if phone else ""
        if phone is None or not contact or phone.legs or phone.offered is not None:
            log.info("studio.not_now", extension=command.at)
            return
        node, endpoint = contact.split("|")[:2]
        place = Place(STUDIO, "s", {"IVR_REF": command.request}, f"studio-{command.request}")
        self._errands.send(self._dial(node, endpoint, place))

    def _supervise(self, command: Supervise) -> None:
        if self._of(f"{PREFIX}{command.request}"):
            return  # Read twice: it rings already.
        agent = self._floor.agents.get(command.extension)
        phone = self._floor.agents.get(command.at)
        spied = agent.legs[0] if agent and len(agent.legs) == 1 and agent.call_id else ""
        node, _, channel = spied.partition("|")
        endpoint = _endpoint(phone, node) if phone else ""
        trouble = ""
        if not spied or agent is None:
            trouble = "not_talking"
        elif phone is None or phone is agent or not endpoint:
            trouble = "no_phone"
        elif phone.legs or phone.offered is not None:
            trouble = "phone_in_use"
        now = self._floor.clock()
        self._floor.ledger.publish(SupervisionAsked(command.extension, command.at, command.ear, now, trouble))
        if trouble or agent is None:
            log.info("supervising.not_now", extension=command.extension, trouble=trouble)
            return
        begun = Supervision(
            command.request, command.extension, agent.call_id or "", command.at, command.ear.value, command.by, now
        )  # fmt: skip
        self._note(begun)
        self._keep(begun)
        place = Place(SUPERVISE, command.ear.value, {"SPIED": channel}, f"{PREFIX}{command.request}")
        self._errands.send(self._dial(node, endpoint, place))

    def _change(self, command: ChangeEar) -> None:
        """Send the phone to another way of the same talk. It is shown once the phone has got there (`ear_changed`)."""
        begun = self._asked.get(command.at)
        leg = self._floor.legs.get(begun.leg) if begun and begun.on else None
        if leg is None:
            log.info("supervising.not_changed", extension=command.at, known=begun is not None)
            self._tell(command.at, "not_changed")
            return
        self._errands.send(self._send_to(leg, command))

    async def _send_to(self, leg: Leg, command: ChangeEar) -> None:
        try:
            await self._switchboard.move(leg.node, (leg.channel, SUPERVISE, command.ear.value))
        except AmiError as error:  # It goes on in the way that is shown.
            log.warning("supervising.not_changed", node=leg.node, error=type(error).__name__)
            self._tell(command.at, "not_changed")

    def ear_changed(self, event: EarChanged) -> None:
        """The phone takes part in this way now, whether the page or its own keys asked for it."""
        begun = self._of(event.uniqueid)
        if begun is None or event.ear not in set(Ear):
            return
        now_so = replace(begun, ear=event.ear, leg=f"{event.node}|{event.channel}", on=True)
        if now_so.ear != begun.ear:
            self._note(now_so)
        self._keep(now_so)

    def _note(self, begun: Supervision) -> None:
        """Write into the journey of the call who takes part in it, and how."""
        detail = f"{begun.ear} to {begun.extension} at {begun.at} by {begun.by}"
        self._floor.ledger.enter(entries.note(begun.call_id, self._floor.clock(), "talk.supervised", detail))

    def _end(self, command: EndSupervision) -> None:
        """Hang the phone up. What it listens with is known by the channel's name, whichever router rang it."""
        for leg in list(self._floor.legs.values()):
            phone = self._floor.agent_of(leg.channel) if leg.uniqueid.startswith(PREFIX) else None
            if phone is not None and phone.extension == command.at:
                self._errands.send(self._hang_up(leg))

    async def _hang_up(self, leg: Leg) -> None:
        try:
            await self._switchboard.hang_up(leg.node, leg.channel)
        except AmiError as error:  # It goes on, and the page says so.
            log.warning("supervising.not_ended", node=leg.node, error=type(error).__name__)

    def began(self, leg: Leg) -> None:
        """The phone has a channel: it rings."""
        if begun := self._of(leg.uniqueid):
            self._keep(replace(begun, leg=leg.key))

    def dialled(self, event: OriginateFinished) -> None:
        """How the dial went: the phone listens now, or it does not."""
        if begun := self._of(event.action_id):
            if event.answered:
                self._keep(replace(begun, on=True))
            else:
                self._drop(begun.at, "not_answered")

    def ended(self, leg: Leg) -> None:
        """A channel is gone; if it listened, nobody does any more, whichever router rang it."""
        phone = self._floor.agent_of(leg.channel) if leg.uniqueid.startswith(PREFIX) else None
        if phone is not None:
            self._drop(phone.extension)

    def _of(self, uniqueid: str) -> Supervision | None:
        return next((each for each in self._asked.values() if f"{PREFIX}{each.request}" == uniqueid), None)

    def _keep(self, begun: Supervision) -> None:
        self._asked[begun.at] = begun
        self._floor.ledger.keep(keys.SUPERVISIONS, begun.at, to_json(begun))
        self._tell(begun.at)

    def _drop(self, at: str, trouble: str = "") -> None:
        self._asked.pop(at, None)
        self._floor.ledger.keep(keys.SUPERVISIONS, at, None)
        self._tell(at, trouble)

    def _tell(self, at: str, trouble: str = "") -> None:
        self._floor.ledger.publish(SupervisionChanged(at, self._floor.clock(), trouble))

    async def _dial(self, node: str, endpoint: str, place: Place) -> None:
        """Ring the supervisor's phone, once for each request, whatever becomes of us."""
        try:
            await self._switchboard.place(
                node,
                Originate(
                    channel=f"PJSIP/{endpoint}",
                    context=place.context,
                    exten=place.exten,
                    caller_id=self._settings.did_hotline,
                    timeout_seconds=max(5.0, self._settings.ring_seconds),
                    variables=place.variables,
                    action_id=place.action_id,
                ),
            )
        except OriginateUnknown:
            return  # It may ring; the supervisor sees that, and asks again if it does not.
        except (AmiError, ValueError) as error:
            log.warning("supervising.not_rung", endpoint=endpoint, error=type(error).__name__)
            if begun := self._of(place.action_id):
                self._drop(begun.at, "no_phone")

    def _move(self, command: MoveTicket) -> None:
        ticket = self._floor.tickets.get(command.ticket_id)
        if ticket is None or ticket.stage is TicketStage.OFFERED:
            log.info("supervising.not_moved", ticket=command.ticket_id, known=ticket is not None)
            return
        changes: dict[str, object] = {}
        if command.skill:
            changes["skills"] = (command.skill,)
        if command.agent:
            changes["preferred_agent"] = command.agent
        caller_class = ticket.caller_class
        if command.caller_class in set(CallerClass):
            caller_class = changes["caller_class"] = CallerClass(command.caller_class)
            if caller_class is CallerClass.SOS:
                changes["intent"] = Intent.SOS
        if command.front:
            others = [
                each.joined_at - each.ahead_seconds
                for each in self._floor.tickets.values()
                if each.caller_class is caller_class and each is not ticket
            ]
            first = min([ticket.joined_at - ticket.ahead_seconds, *(each - _FRONT_SECONDS for each in others)])
            changes["ahead_seconds"] = ticket.joined_at - first
        self._floor.change_ticket(ticket.ticket_id, **changes)
        what = ", ".join(
            f"{name} {value}"
            for name, value in (("agent", command.agent), ("skill", command.skill), ("class", command.caller_class),
                                ("front", "yes" if command.front else ""))
            if value
        )  # fmt: skip
        self._floor.note(ticket, "ticket.moved", f"{what} by {command.by}")
        self._floor.ledger.publish(TicketMoved(ticket.ticket_id, ticket.call_id, self._floor.clock()))


def _endpoint(phone: AgentRecord, node: str) -> str:
    """Give the endpoint at which a phone is registered with this node; empty if it is not."""
    return next((each.split("|")[1] for each in phone.contacts if each.startswith(f"{node}|")), "")
