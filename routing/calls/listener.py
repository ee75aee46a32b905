"""From Asterisk's events to the floor: what each event means for tickets, agents and automatic calls."""

from __future__ import annotations

from collections.abc import Callable

from routing.asterisk.agent_events import AgentAsked, EarChanged
from routing.asterisk.events import (
    AmiEvent,
    Bridged,
    ChannelEvent,
    ChannelHungUp,
    ChannelStarted,
    ConsultOver,
    ContactChanged,
    DialBegan,
    DialEnded,
    FullyBooted,
    Holding,
    OriginateFinished,
    TalkBroken,
    TalkKeyDialled,
    UserEventRaised,
)
from routing.calls import entries
from routing.calls.agent_asks import AgentAsks
from routing.calls.cut_off import NO_SOUND
from routing.calls.dialling import CAUSES, FAILED
from routing.calls.floor import Floor, Leg
from routing.calls.holding import CallerInHold
from routing.calls.messages import CallFinished, TicketEnd
from routing.calls.offers import Offers
from routing.calls.outbound import Outbound
from routing.calls.owed_cases import OwedCases
from routing.calls.page_left import is_browser
from routing.calls.place import CONVERSATION_SECONDS
from routing.calls.presence import Presence
from routing.calls.records import Ticket, TicketStage
from routing.calls.supervising import Supervising
from routing.calls.talk import GUEST_DIAL, RETURN_DIAL
from routing.calls.talk_orders import TalkOrders
from routing.calls.talks import Talks

CALL_BACK = "1"
"""The key in hold that asks to be called back."""


class Listener:
    """Reads events one by one. Late, repeated and unknown ones change nothing."""

    def __init__(
        self,
        floor: Floor,
        offers: Offers,
        outbound: Outbound,
        presence: Presence,
        *,
        talks: Talks,
        talk_orders: TalkOrders,
        supervising: Supervising,
        owed: OwedCases,
        asks: AgentAsks,
        on_unknown_holding: Callable[[CallerInHold], None],
        on_booted: Callable[[FullyBooted], None],
        knows: Callable[[str], bool],
    ) -> None:
        """`knows` tells whether we know who is where on a node."""
        self._floor = floor
        self._offers = offers
        self._outbound = outbound
        self._presence = presence
        self._talks = talks
        self._talk_orders = talk_orders
        self._supervising = supervising
        self._owed = owed
        self._asks = asks
        self._on_unknown_holding = on_unknown_holding
        self._knows = knows
        self._on_booted = on_booted

    def hear(self, event: AmiEvent) -> None:
        """Act on an event."""
        match event:
            case ChannelStarted():
                self._floor.leg_began(leg := _leg(event))
                self._agent_leg_began(leg)
                self._supervising.began(leg)
                self._outbound.began(leg)
            case ChannelHungUp():
                self.leg_ended(_leg(event), event.cause)
            case DialBegan() | DialEnded():
                self._dial(event)
            case Bridged():
                if ticket := self._floor.ticket_of(event.node, event.channel):
                    self._offers.answered(ticket)
            case AgentAsked():
                self._asks.asked(event)
            case EarChanged():
                self._supervising.ear_changed(event)
            case UserEventRaised():
                self._user_event(event)
            case ContactChanged():
                self._presence.contact_changed(event)
                self._talks.returning.registered(event)
            case OriginateFinished():
                self._outbound.dialled(event)
                self._talk_orders.dialled(event)
                self._talks.returning.dialled(event)
                self._supervising.dialled(event)
            case FullyBooted():
                self._on_booted(event)

    def _dial(self, event: DialBegan | DialEnded) -> None:
        ticket = self._floor.ticket_of(event.node, event.channel)
        if isinstance(event, DialBegan):
            if ticket:
                self._offers.ringing(ticket, event.dest_channel)
            self._talks.partner_rings(event.channel, event.dest_channel)
        elif event.status == "ANSWER":
            if ticket:
                self._offers.answered(ticket)
            self._talks.partner_answered(event.channel, event.dest_channel)

    def leg_ended(self, leg: Leg, cause: int = 0) -> None:
        """A channel is gone: of an agent, of a caller, or of an automatic call."""
        if self._floor.was_seen_to_end(leg.node, leg.uniqueid):
            return
        self._floor.leg_ended(leg)
        self._supervising.ended(leg)
        agent = self._floor.agent_of(leg.channel)
        if agent:
            if cause == NO_SOUND and is_browser(leg.channel):
                self._presence.browser_cut(agent.extension, leg.channel)
                self._talks.cut_off.browser_cut(agent.extension)
            self._offers.leg_ended(agent.extension, tuple(each for each in agent.legs if each != leg.key))
            self._talks.agent_gone(agent.extension, leg.channel, cause)
            return
        ticket = self._floor.ticket_of(leg.node, leg.channel)
        if ticket and self._knows(leg.node):  # Else Asterisk may have served them alone, as the comparison will tell.
            self._offers.gone(ticket)
        self._talks.caller_gone(leg.node, leg.channel)
        self._talks.conference.dial_ended(leg.uniqueid, CAUSES.get(cause, FAILED))
        self._talks.conference.guest_gone(leg.channel)
        self._outbound.hung_up(leg.uniqueid, cause)
        of_talk = leg.uniqueid.startswith((GUEST_DIAL, RETURN_DIAL))  # No call of its own, and nobody has given up.
        if leg.uniqueid == leg.linkedid and leg.channel.startswith("PJSIP/") and not of_talk:
            now = self._floor.clock()
            self._floor.ledger.publish(CallFinished(leg.linkedid, leg.node, now, cause))
            self._floor.ledger.enter(entries.ended(leg.linkedid, now, node=leg.node))

    def leg_found(self, leg: Leg) -> None:
        """A channel that we did not see begin lives."""
        self._floor.leg_began(leg)
        self._agent_leg_began(leg)

    def hear_of_holding(self, leg: Leg, number: str) -> None:
        """A caller was found in hold whom no ticket is known of."""
        caller = CallerInHold(leg.node, leg.channel, leg.uniqueid, leg.linkedid, found=True, number=number)
        self._on_unknown_holding(caller)

    def _agent_leg_began(self, leg: Leg) -> None:
        agent = self._floor.agent_of(leg.channel)
        if agent and leg.key in self._floor.legs and leg.key not in agent.legs:
            self._floor.change_agent(agent.extension, legs=(*agent.legs, leg.key))

    def _user_event(self, event: UserEventRaised) -> None:
        ticket = self._ticket(event)
        name = event.name.lower()
        if name == "holding" and isinstance(event, Holding):
            if self._floor.was_seen_to_end(event.node, event.uniqueid):
                return
            if ticket is None and not event.ticket_id and (talk := self._talks.of_caller(event.node, event.channel)):
                ticket = self._talks.ticket_again(talk)
            if ticket is None:
                self._on_unknown_holding(_caller(event))
            else:
                self._offers.held(ticket, event.channel, event.headers.text("Class"), event.node)
        elif name == "fellback":
            self._fell_back(ticket, event)
        elif name == "messageleft":
            self._owed.owe("message", event.headers.text("CallId") or event.linkedid)
            if ticket is not None and not ticket.promised:  # Whom we owe a call anyway keeps the place in the queue.
                self._offers.gone(ticket, TicketEnd.PROMISED)
        elif isinstance(event, TalkBroken):
            self._talks.broken(event.node, event.channel, event.cause)
        elif isinstance(event, TalkKeyDialled):
            self._talk_orders.key_dialled(event.node, event.channel, event.number)
        elif isinstance(event, ConsultOver):
            self._talks.consult_over(event.channel, event.status)
        elif ticket is not None:
            self._of_ticket(name, ticket, event)

    def _of_ticket(self, name: str, ticket: Ticket, event: UserEventRaised) -> None:
        if name == "connectfailed":
            self._connect_failed(ticket, event)
        elif name == "callgone":
            self._offers.gone(ticket)
        elif name == "holdkey":
            self._hold_key(ticket, event.headers.text("Key")[:1])

    def _hold_key(self, ticket: Ticket, key: str) -> None:
        self._floor.note(ticket, "hold.key", key)
        if key == CALL_BACK:
            # The dialplan runs the conversation by itself; no announcement is to cut it short.
            until = self._floor.clock() + CONVERSATION_SECONDS
            self._floor.change_ticket(ticket.ticket_id, quiet_until=until)

    def _fell_back(self, ticket: Ticket | None, event: UserEventRaised) -> None:
        """Asterisk serves the caller alone. An SOS among them has a case all the same."""
        call_id = event.headers.text("CallId") or event.linkedid
        if ticket is not None:
            self._offers.gone(ticket, TicketEnd.FALLBACK)
        else:
            self._floor.ledger.enter(entries.ended(call_id, None, outcome=TicketEnd.FALLBACK, node=event.node))
        if event.headers.text("Why") == "sos":
            self._owed.owe("sos", call_id)

    def _connect_failed(self, ticket: Ticket, event: UserEventRaised) -> None:
        agent = event.headers.text("Agent")
        if ticket.stage is TicketStage.OFFERED and agent in ("", ticket.offered_to):
            self._offers.failed(ticket, event.headers.text("Status") or "FAILED")

    def _ticket(self, event: UserEventRaised) -> Ticket | None:
        """By its id if the dialplan knew it, and only if it is this caller's; else by the caller's channel."""
        ticket = self._floor.tickets.get(event.headers.text("TicketId"))
        if ticket and ticket.node in ("", event.node) and ticket.channel in ("", event.channel):
            return ticket
        return self._floor.ticket_of(event.node, event.channel)


def _leg(event: ChannelEvent) -> Leg:
    return Leg(event.node, event.channel, event.uniqueid, event.linkedid)


def _caller(event: Holding) -> CallerInHold:
    headers = event.headers
    call_id, ticket_id = headers.text("CallId") or event.linkedid, headers.text("TicketId")
    since = headers.number("Since")
    return CallerInHold(
        event.node, event.channel, event.uniqueid, call_id, ticket_id, headers.text("Class"), since,
        number=headers.text("CallerIDNum"),
    )  # fmt: skip
