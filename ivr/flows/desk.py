"""The services that flows use, for one call: who is calling, what can be ordered, who is told.

A desk holds no database session. What a service raises goes up: the flow's base says that something went wrong and a
person takes over. Only `open_sos` and the journey never fail the caller.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from ivr.call import CallFacts, HangupKind
from ivr.dialogue import Dialogue
from ivr.flows.base import Next, NextKind
from ivr.flows.case_books import SosCases, VoiceNotes
from ivr.flows.patience import Patience, TooSlow
from routing.calls import journey
from routing.calls.caller import Caller, CallerKind, KnownElder
from routing.calls.directory import CallerDirectory, DirectoryUnavailable
from routing.calls.journey import Journey
from routing.calls.messages import CallerClass, Intent, OpenTicket
from routing.calls.records import Ticket
from routing.calls.tickets import Tickets
from routing.errors import NotFound
from routing.hours.policy import ALWAYS_OPEN, Standing
from routing.manners.fares import End
from routing.manners.learning import FareKeeper, NoFares
from routing.orders.dispatch import Dispatch
from routing.orders.escalation.service import Escalations
from routing.orders.providers.line import CompanyLine
from routing.orders.service import Orders
from routing.orders.sos import DID, KEY, Raised
from routing.orders.visits import Visits
from routing.outreach.announcements import Announcements
from routing.outreach.callbacks import Callbacks
from routing.outreach.campaigns.telling import Telling
from routing.outreach.elder_words import ElderWords
from routing.outreach.medicine.doses import Doses
from routing.outreach.promises import PromiseRegister
from routing.outreach.scores import Ratings
from routing.outreach.wellbeing.checks import WellBeing
from routing.voice.studio import PhoneStudio

log = structlog.get_logger(__name__)

CONTACT = "contact"
"""Who acts, in the history of an order, when a relative or neighbour called."""
SOS_CASE_SECONDS = 1.0
"""An SOS waits so long for its case to be written; after that the writing goes on beside the call."""


@dataclass(frozen=True)
class FlowServices:
    """What all calls share, made by the composition root. Every member may be used by many threads."""

    directory: CallerDirectory
    tickets: Tickets
    journey: Journey
    orders: Orders
    dispatch: Dispatch
    visits: Visits
    company_line: CompanyLine
    callbacks: Callbacks
    promises: PromiseRegister
    ratings: Ratings
    sos_cases: SosCases
    voice_notes: VoiceNotes
    announcements: Announcements
    escalations: Escalations
    elder_words: ElderWords
    well_being: WellBeing
    doses: Doses
    telling: Telling
    clock: Callable[[], datetime]
    zone: ZoneInfo
    standing: Callable[[], Standing] = lambda: ALWAYS_OPEN
    """Whether the hotline is open. Never raises."""
    fares: FareKeeper = field(default_factory=NoFares)
    """Learns from how elders fare."""
    country: str = "CN"
    area_code: str = "0931"
    """Where plain numbers belong to."""
    studio: PhoneStudio | None = None
    """Takes in prompts that supervisors read into their phones; None: this machine keeps no recordings."""


class CallDesk:
    """The services of one call, and what is known of its caller."""

    def __init__(self, services: FlowServices, facts: CallFacts, patience: Patience | None = None) -> None:
        self.services = services
        self.facts = facts
        self.patience = patience or Patience()
        self.directory_down = False
        self.greeted = False
        """The caller has been greeted already, by a conversation before the present one."""
        self.speaks_as: str | None = None
        """Who acts for the elder, for the history of what is ordered; None: the elder."""
        self.about_order: int | None = None
        """The order that the caller has just been told of; a complaint is about it."""
        self.keeps = ""
        """The ticket whose place the caller keeps when they go to hold; empty: they get one of their own."""
        self.owed: Ticket | None = None
        """The call-back that the caller was promised: whoever goes to a person takes its place."""
        self._elder: KnownElder | None = None
        self._dialogue: Dialogue | None = None
        self._caller: Caller | None = None
        self._direction = ""
        self._served = False
        self._cried = False
        self._sos_case: int | None = None

    @property
    def reference(self) -> int:
        """What a placed call is about: the id of an offer or an order. Raises NotFound for a reference that is none."""
        text = self.facts.arguments.get("ref", "")
        if not text.isdecimal():
            raise NotFound("the placed call has no reference")
        return int(text)

    @property
    def elder(self) -> KnownElder | None:
        """The one elder that the call is about: known by the number, chosen among two, or whom we call."""
        return self._elder

    @elder.setter
    def elder(self, elder: KnownElder | None) -> None:
        self._elder = elder
        self._suit()

    def meets(self, dialogue: Dialogue) -> None:
        """From now on, whoever the elder is found to be is spoken to in their own manner; a relative is not."""
        self._dialogue = dialogue
        dialogue.spoken = self.patience.renew
        self._suit()

    def parts(self, after: Next | None) -> None:
        """Have it kept how the elder fared, behind their back, if they called and were asked something.

        What we call them for is not learnt from: who does not press a key then may not be there at all.
        """
        dialogue, elder = self._dialogue, self._elder
        if dialogue is None or elder is None or self._direction != "inbound" or not dialogue.tally.questions:
            return
        if self.speaks_as is not None:
            return  # It was a relative who pressed the keys, not the elder.
        if after is not None and after.kind is NextKind.SOS:
            return
        end = None
        if after is None or after.kind is NextKind.BYE:
            end = End.HUNG_UP if after is None and not self._served else End.SELF_SERVICE
        fare = dialogue.tally.fare(self.local_now().date(), end, dialogue.delivery, elder.manner)
        self.services.fares.keep(elder.id, fare)

    def _suit(self) -> None:
        if self._dialogue is not None and self._elder is not None and self.speaks_as is None:
            self._dialogue.suit(self._elder.manner)

    @property
    def caller(self) -> Caller:
        """Who is calling. When nobody can be looked up now, an unknown caller, and `directory_down` says why."""
        return self._caller or self._look_up()

    def _look_up(self, *, patiently: bool = False) -> Caller:
        if self._caller is None:
            try:
                caller = self._find() if patiently else self.patience.look_up(self._find)
            except (DirectoryUnavailable, TooSlow):
                log.exception("desk.directory_down")
                self.directory_down = True
                caller = Caller(CallerKind.UNKNOWN)
            if self.elder is None:  # Whom we call is known before who is at that number.
                self.elder = caller.elder
            self._caller = caller
        return self._caller

    def _find(self) -> Caller:
        return self.services.directory.look_up(self.facts.caller_number)

    def standing(self) -> Standing:
        """Whether the hotline is open; it counts as open while nobody can tell in time."""
        try:
            return self.patience.look_up(self.services.standing, at_hand=True)
        except TooSlow:
            return ALWAYS_OPEN

    def local_now(self) -> datetime:
        """The time on the caller's wall."""
        return self.services.clock().astimezone(self.services.zone)

    def began(self, direction: str = "inbound", elder_id: int | None = None, what: str = "call.began") -> None:
        """Write the call's record and its first step; said again, it adds what is known of the elder by now."""
        caller = self.caller
        self._direction = direction
        self.services.journey.began(
            journey.CallFacts(
                id=self.facts.call_id, node=self.facts.node, direction=direction, dialled=self.facts.dialled,
                started_at=self.services.clock().timestamp(), number=caller.number,
                elder_id=elder_id if elder_id is not None else caller.elder_id,
            ),
            what=what, detail=f"{self.facts.flow}: {caller.kind.value}",
        )  # fmt: skip

    def chose(self, elder: KnownElder) -> None:
        """Two elders share this telephone, and now it is known which of them calls."""
        self.elder = elder
        self.began(elder_id=elder.id, what="welcome.elder_chosen")

    def step(self, what: str, detail: str = "") -> None:
        """Write a step of the journey, as ``order.placed``; no personal data."""
        self.services.journey.note(self.facts.call_id, what, detail)

    def served(self) -> None:
        """The caller got what they called for, without a person. Said again it changes nothing."""
        if not self._served:
            self._served = True
            self.services.journey.ended(self.facts.call_id, "self_served")

    def promised(self) -> None:
        """The caller leaves it at the call-back that they were promised."""
        self._served = True
        self.services.journey.ended(self.facts.call_id, "promised")

    def open_sos(self) -> int | None:
        """Find out who it is, open the SOS case of this call and write it into the journey.

        The caller waits for all of it one second at most; after that it goes on beside the call, who calls counts as
        unknown, and None is given. Asked again, it waits for nothing more.
        """
        if self._cried:
            return self._sos_case
        self._cried = True
        opened: list[int | None] = []
        done = self.patience.beside(lambda: self._raise_sos(opened), SOS_CASE_SECONDS, must_end=True)
        if self._caller is None:
            self._caller, self.directory_down = Caller(CallerKind.UNKNOWN), True
        self._sos_case = opened[0] if done and opened else None
        return self._sos_case

    def _raise_sos(self, opened: list[int | None]) -> None:
        if self.directory_down:  # It may answer by now, and who needs help is worth asking for twice.
            self._caller, self.directory_down = None, False
        self._look_up(patiently=True)
        opened.append(
            self.services.sos_cases.open(self.facts.call_id, self.elder.id if self.elder else None, self._raised())
        )
        if self.facts.flow == "sos" and not self.facts.arguments.get("ref"):
            self.began()  # Whoever pressed 9 in another conversation, or while waiting, has a record already.
        self.step("sos.raised")

    def _raised(self) -> Raised:
        """By which key, number and device, and where the device says that it is."""
        facts, number = self.facts, self.caller.number or ""
        dialled = facts.flow == "sos" and not facts.arguments.get("ref")
        kind = self.elder.phone_kind if self.elder else ""
        return Raised(
            DID if dialled else KEY, facts.dialled if dialled else "hold" if facts.flow == "sos" else facts.flow,
            kind, number, facts.arguments.get("place", ""),
        )  # fmt: skip

    def note(self, facts: CallFacts, event: str) -> None:
        """Write that the caller hung up or was called away, or that the flow failed.

        A caller who hangs up before anything came of the call has given it up, and the record says so.
        """
        self.services.journey.note(facts.call_id, f"{facts.flow}.{event.replace(' ', '_')}")
        if event == HangupKind.HUNG_UP.value and self._direction == "inbound" and not self._served:
            self.services.journey.ended(facts.call_id, "abandoned")

    def open_ticket(self, facts: CallFacts, next_step: Next) -> str:
        """Hand the router a ticket for this caller and give its id. An SOS on a ticket keeps the ticket.

        Wherever 9 was pressed, the case of the SOS opens first.
        """
        sos = next_step.kind is NextKind.SOS
        case_id = self.open_sos() if sos and next_step.case_id is None else next_step.case_id
        keeps = self.keeps or (self.owed.ticket_id if self.owed else "")
        ticket_id = keeps or (facts.arguments.get("ref", "") if facts.flow == "sos" else "") or uuid.uuid4().hex
        self.services.tickets.open(
            OpenTicket(
                ticket_id=ticket_id, call_id=facts.call_id, node=facts.node, channel=facts.channel,
                intent=Intent.SOS if sos else next_step.intent,
                caller_class=CallerClass.SOS if sos else next_step.caller_class or self.caller.caller_class,
                joined_at=self.services.clock().timestamp(),
                elder_id=self.elder.id if self.elder else None,
                order_id=next_step.order_id, case_id=case_id,
            )
        )  # fmt: skip
        return ticket_id


def address_of(elder: KnownElder) -> str:
    """How an elder is addressed: 王奶奶. The catalogue says something general when it cannot be spoken."""
    return f"{elder.surname}{elder.form_of_address}"
