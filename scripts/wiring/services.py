"""The services of routing, joined. Every process that changes orders, calls owed or cases uses these same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial

from routing.bulletins.book import Bulletins
from routing.calls.messages import Message, OrderMoved, PlaceCall
from routing.calls.tickets import send, withdraw
from routing.hours.public_holidays import special_days
from routing.numbers import as_dialled, normalise
from routing.orders.cases import Cases
from routing.orders.dispatch import Dispatch, DispatchRules
from routing.orders.escalation.duty import DutyCalls
from routing.orders.escalation.policy import EscalationRules, read_minutes
from routing.orders.escalation.service import Escalations
from routing.orders.evv.book import VisitBook
from routing.orders.evv.late import LateVisits
from routing.orders.found_notes import FoundNotes
from routing.orders.intake import Intake
from routing.orders.notices import Notices
from routing.orders.pins import RedisPinTries
from routing.orders.pricing.book import PriceBook
from routing.orders.pricing.classes import PayerClasses
from routing.orders.pricing.statements import Statements
from routing.orders.qualifying.register import CertificateRegister
from routing.orders.qualifying.warnings import CertificateWarnings
from routing.orders.quotes import Quotes
from routing.orders.recorded_cases import RecordedCases
from routing.orders.service import Orders
from routing.orders.sos_cases import SosCases
from routing.orders.visits import Visits
from routing.orders.voice_notes import VoiceNotes
from routing.outreach.announcements import Announcements
from routing.outreach.callbacks import Callbacks
from routing.outreach.jobs import Jobs
from routing.outreach.messages import Messages
from routing.outreach.policy import CallRules
from routing.outreach.promises import PromiseRegister
from routing.outreach.scores import Ratings
from routing.outreach.sms.company_replies import CompanyReplies
from routing.outreach.sms.inbound import Inbox
from routing.outreach.withdrawals import Withdrawals, may_end_calls
from routing.quality.recordings import TalkRecordings
from routing.quality.scores import Quality
from routing.worklists.claims import TaskClaims
from routing.worklists.lists import TaskLists
from scripts.wiring.campaigns import CampaignServices
from scripts.wiring.elders import ElderServices
from scripts.wiring.outreach import OutreachServices, call_rules
from scripts.wiring.planning import PlanServices
from scripts.wiring.sms_services import SmsServices
from scripts.wiring.wellbeing import WellBeingServices


@dataclass(frozen=True)
class HotlineServices(SmsServices):
    """Made when first asked for, so that a process pays only for what it uses."""

    @cached_property
    def call_rules(self) -> CallRules:
        return call_rules(self.stores)

    @cached_property
    def outreach(self) -> OutreachServices:
        return OutreachServices(self.stores, self.clock, self.call_rules)

    @cached_property
    def callbacks(self) -> Callbacks:
        known = self.stores.settings
        return Callbacks(
            unit_of_work=self.stores.unit_of_work, reading=self.stores.reading, clock=self.clock,
            place_call=self._place, sms=self.sms, number_index=self.stores.cipher.number_index, rules=self.call_rules,
            ring_seconds=known.outbound_ring_seconds, lines=known.outbound_lines, pace=self.outreach.pace.pace,
            not_elders=(known.did_visits, known.did_companies), country=known.country,
        )  # fmt: skip

    @cached_property
    def withdrawals(self) -> Withdrawals:
        return Withdrawals(self.stores.reading, partial(withdraw, self.stores.redis))

    def publish(self, message: Message) -> None:
        """Tell whoever listens live, and have telephones that ring in vain let go: by a job, for somebody may wait."""
        self.stores.publish(message)
        if isinstance(message, OrderMoved) and may_end_calls(message):
            self.jobs.withdraw_calls(message.order_id, message.at)

    def publish_of_sms(self, message: Message) -> None:
        """As `publish`, of what was written to us. Nobody waits at a telephone, so whether one rings is looked at
        first: hardly ever does one, and 500 jobs for nothing, of 500 scores, kept the answers to them waiting."""
        if isinstance(message, OrderMoved) and not self.withdrawals.rings(message.order_id):
            self.stores.publish(message)
        else:
            self.publish(message)

    @cached_property
    def promises(self) -> PromiseRegister:
        return PromiseRegister(
            unit_of_work=self.stores.unit_of_work, reading=self.stores.reading, clock=self.clock,
            publish=self.stores.publish, sms=self.sms, number_index=self.stores.cipher.number_index,
        )  # fmt: skip

    @cached_property
    def notices(self) -> Notices:
        known = self.stores.settings
        return Notices(self.sms, known.zone, known.did_visits)

    @cached_property
    def dispatch(self) -> Dispatch:
        known = self.stores.settings
        return Dispatch(
            unit_of_work=self.stores.unit_of_work, reading=self.stores.reading, clock=self.clock,
            publish=self.publish, sms=self.sms, notices=self.notices,
            rules=DispatchRules(timedelta(seconds=known.offer_seconds), known.offer_rounds, known.zone),
        )  # fmt: skip

    @cached_property
    def escalations(self) -> Escalations:
        stores, known = self.stores, self.stores.settings
        rules = EscalationRules(read_minutes(known.overdue_minutes), timedelta(minutes=known.overdue_climb_minutes))
        return Escalations(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, publish=stores.publish,
            duty=DutyCalls(self._on_duty), rules=rules,
        )  # fmt: skip

    @cached_property
    def tasks(self) -> TaskLists:
        stores, known = self.stores, self.stores.settings
        lasts = timedelta(minutes=known.claim_minutes)
        claims = TaskClaims(stores.unit_of_work, stores.reading, self.clock, lasts, known.zone)
        return TaskLists(stores.reading, self.clock, claims)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.stores.redis)

    @cached_property
    def orders(self) -> Orders:
        stores = self.stores
        return Orders(
            stores.unit_of_work, stores.reading, self.clock, self.publish, self.jobs.dispatch,
            notices=self.notices, zone=stores.settings.zone, holidays=special_days(stores.settings.country),
        )  # fmt: skip

    @cached_property
    def prices(self) -> PriceBook:
        stores = self.stores
        return PriceBook(stores.unit_of_work, stores.reading, self.clock, stores.settings.zone)

    @cached_property
    def payer_classes(self) -> PayerClasses:
        stores = self.stores
        return PayerClasses(stores.unit_of_work, stores.reading, self.clock, stores.settings.zone)

    @cached_property
    def quotes(self) -> Quotes:
        return Quotes(self.stores.reading, self.clock, self.stores.settings.zone)

    @cached_property
    def statements(self) -> Statements:
        return Statements(self.stores.reading, self.prices, self.stores.settings.zone)

    @cached_property
    def intake(self) -> Intake:
        return Intake(self.stores.reading, self.orders)

    @cached_property
    def planning(self) -> PlanServices:
        return PlanServices(self.stores, self.clock, self.orders, self.sms)

    @cached_property
    def wellbeing(self) -> WellBeingServices:
        return WellBeingServices(self.stores, self.clock, self.call_rules, self.sms, self.sayings)

    @cached_property
    def elders(self) -> ElderServices:
        return ElderServices(self.stores, self.clock, self.notices, self.publish)

    @cached_property
    def campaigns(self) -> CampaignServices:
        return CampaignServices(self.stores, self.clock, self.outreach, self.sms, self.sayings, self._recordings)

    @cached_property
    def visits(self) -> Visits:
        return Visits(
            unit_of_work=self.stores.unit_of_work, clock=self.clock, publish=self.stores.publish,
            number_index=self.stores.cipher.number_index, pin_index=self.stores.cipher.pin_index,
            tries=RedisPinTries(self.stores.redis), call_rules=self.call_rules,
            callback_delay=timedelta(seconds=self.stores.settings.callback_delay),
            counted_minutes=self.stores.settings.visit_count_minutes, notices=self.notices,
        )  # fmt: skip

    @cached_property
    def visit_book(self) -> VisitBook:
        known = self.stores.settings
        return VisitBook(
            unit_of_work=self.stores.unit_of_work, clock=self.clock, publish=self.stores.publish,
            call_rules=self.call_rules, callback_delay=timedelta(seconds=known.callback_delay),
            counted_minutes=known.visit_count_minutes,
        )  # fmt: skip

    @cached_property
    def late_visits(self) -> LateVisits:
        known = self.stores.settings
        return LateVisits(
            unit_of_work=self.stores.unit_of_work, reading=self.stores.reading, clock=self.clock,
            publish=self.stores.publish, sms=self.sms, grace=timedelta(minutes=known.visit_late_minutes),
            zone=known.zone,
        )  # fmt: skip

    @cached_property
    def certificates(self) -> CertificateRegister:
        stores = self.stores
        return CertificateRegister(stores.unit_of_work, stores.reading, self.clock, stores.settings.zone)

    @cached_property
    def certificate_warnings(self) -> CertificateWarnings:
        return CertificateWarnings(
            unit_of_work=self.stores.unit_of_work, reading=self.stores.reading, clock=self.clock,
            publish=self.stores.publish, sms=self.sms, register=self.certificates, zone=self.stores.settings.zone,
        )  # fmt: skip

    @cached_property
    def ratings(self) -> Ratings:
        return Ratings(self.stores.unit_of_work, self.stores.reading, self.clock, self.publish)

    @cached_property
    def cases(self) -> Cases:
        return Cases(self.stores.unit_of_work, self.stores.reading, self.clock, self.stores.publish)

    @cached_property
    def messages(self) -> Messages:
        stores = self.stores
        return Messages(stores.unit_of_work, stores.reading, self.clock, self.hours.now, self._recordings)

    @cached_property
    def voice_notes(self) -> VoiceNotes:
        return VoiceNotes(self.cases, self.stores.redis, self.clock, self.hours.due)

    @cached_property
    def found_notes(self) -> FoundNotes:
        return FoundNotes(self.voice_notes, self.stores.reading, self._recordings)

    @cached_property
    def bulletins(self) -> Bulletins:
        return Bulletins(self.stores.unit_of_work, self.stores.reading, self.clock, self.stores.publish)

    @cached_property
    def quality(self) -> Quality:
        stores, known = self.stores, self.stores.settings
        return Quality(stores.unit_of_work, stores.reading, self.clock, known.zone, known.quality_talks)

    @cached_property
    def talk_recordings(self) -> TalkRecordings:
        return TalkRecordings(self.stores.unit_of_work, self.stores.reading, self.clock, self._recordings)

    @cached_property
    def recorded_cases(self) -> RecordedCases:
        return RecordedCases(self.stores.reading, self._recordings)

    @cached_property
    def announcements(self) -> Announcements:
        stores, known = self.stores, self.stores.settings
        return Announcements(
            stores.unit_of_work, stores.reading, self.clock, self._recordings, self.sayings, language=known.language
        )

    @cached_property
    def inbox(self) -> Inbox:
        known = self.stores.settings
        return Inbox(
            unit_of_work=self.stores.unit_of_work, reading=self.stores.reading, clock=self.clock,
            publish=self.publish_of_sms, sms=self.sms, ratings=self.ratings, refusals=self.outreach.consents,
            number_index=self.stores.cipher.number_index,
            normalise=lambda raw: normalise(raw, known.country, known.area_code).number,
            companies=CompanyReplies(self.dispatch, self.sms, self.clock, known.zone),
            nudge=self.jobs.send_sms_now,
        )  # fmt: skip

    @cached_property
    def sos_cases(self) -> SosCases:
        return SosCases(self.cases, self.stores.redis, self.clock)

    def _place(self, call: PlaceCall) -> None:
        """Ask the router to dial, in the form that the carrier wants."""
        number = as_dialled(call.number, self.stores.settings.country)
        send(
            self.stores.redis,
            PlaceCall(call.cause, number, call.flow, call.reference, call.ring_seconds, call.expires_at),
        )
