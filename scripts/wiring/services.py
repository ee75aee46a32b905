"""The services of routing, joined. Every process that changes orders, calls owed or cases uses these same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path

from db.models import AuditEntry
from ivr.prompts.sayable import VOICES
from ivr.prompts.studio import PromptStudio, TelephoneStudio
from routing.calls.agents import AgentBoard
from routing.calls.directory import CallerDirectory
from routing.calls.journey import Journey
from routing.calls.messages import PlaceCall
from routing.calls.tickets import Tickets, send
from routing.hours.policy import Calendar
from routing.hours.register import HotlinePlace, HoursRegister
from routing.hours.standing import Hours
from routing.manners.book import MannerBook
from routing.manners.learning import Learning
from routing.numbers import as_dialled, normalise
from routing.orders.cases import Cases
from routing.orders.dispatch import Dispatch, DispatchRules
from routing.orders.found_notes import FoundNotes
from routing.orders.notices import Notices
from routing.orders.pins import RedisPinTries
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
from routing.outreach.sms.carrier import Carrier
from routing.outreach.sms.development import DevelopmentOutbox
from routing.outreach.sms.inbound import Inbox
from routing.outreach.sms.kannel import KannelGateway
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.reports import ReportAddress
from routing.voice.jobs import VoiceJobs
from routing.voice.sayings import Sayings
from routing.voice.studio import PhoneStudio, Wishes
from scripts.wiring.company_services import CompanyServices
from scripts.wiring.stores import Clock, Stores, now


@dataclass(frozen=True)
class HotlineServices(CompanyServices):
    """Made when first asked for, so that a process pays only for what it uses."""

    stores: Stores
    clock: Clock = now

    @cached_property
    def directory(self) -> CallerDirectory:
        known = self.stores.settings
        engine, cipher = self.stores.engine, self.stores.cipher
        return CallerDirectory(
            engine, cipher, known.country, known.area_code, lambda: self.clock().astimezone(known.zone).date()
        )

    @cached_property
    def tickets(self) -> Tickets:
        return Tickets(self.stores.redis)

    @cached_property
    def agents(self) -> AgentBoard:
        return AgentBoard(self.stores.redis)

    @cached_property
    def journey(self) -> Journey:
        return Journey(self.stores.unit_of_work, self.stores.redis)

    @cached_property
    def learning(self) -> Learning:
        return Learning(self.stores.unit_of_work, self.stores.settings.zone, self.clock)

    @cached_property
    def manners(self) -> MannerBook:
        return MannerBook(self.stores.unit_of_work, self.stores.reading, self.clock, self.stores.settings.zone)

    @cached_property
    def carrier(self) -> Carrier:
        known = self.stores.settings
        if not known.sms_url:
            return DevelopmentOutbox()
        return KannelGateway(
            known.sms_url, user=known.sms_user, password=known.sms_password.get_secret_value(),
            sender=known.sms_sender, reports=self.sms_reports,
            as_dialled=lambda number: as_dialled(number, known.country),
        )  # fmt: skip

    @cached_property
    def sms_reports(self) -> ReportAddress:
        return ReportAddress(self.stores.settings.sms_reports, partial(self.stores.cipher.index, "sms-report"))

    @cached_property
    def sms(self) -> Sms:
        stores = self.stores
        return Sms(stores.unit_of_work, stores.reading, self.clock, self.carrier, stores.cipher.number_index)

    @cached_property
    def call_rules(self) -> CallRules:
        known = self.stores.settings
        return CallRules(
            known.calling_hours, known.zone, known.callback_attempts, timedelta(seconds=known.callback_retry)
        )

    @cached_property
    def callbacks(self) -> Callbacks:
        known = self.stores.settings
        return Callbacks(
            unit_of_work=self.stores.unit_of_work, reading=self.stores.reading, clock=self.clock,
            place_call=self._place, sms=self.sms, number_index=self.stores.cipher.number_index, rules=self.call_rules,
            ring_seconds=known.outbound_ring_seconds, lines=known.outbound_lines,
        )  # fmt: skip

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
            publish=self.stores.publish, sms=self.sms, notices=self.notices,
            rules=DispatchRules(timedelta(seconds=known.offer_seconds), known.offer_rounds, known.zone),
        )  # fmt: skip

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.stores.redis)

    @cached_property
    def orders(self) -> Orders:
        stores = self.stores
        return Orders(
            stores.unit_of_work, stores.reading, self.clock, stores.publish, self.jobs.dispatch, notices=self.notices
        )

    @cached_property
    def visits(self) -> Visits:
        return Visits(
            unit_of_work=self.stores.unit_of_work, clock=self.clock, publish=self.stores.publish,
            number_index=self.stores.cipher.number_index, pin_index=self.stores.cipher.pin_index,
            tries=RedisPinTries(self.stores.redis), call_rules=self.call_rules,
            callback_delay=timedelta(seconds=self.stores.settings.callback_delay),
        )  # fmt: skip

    @cached_property
    def ratings(self) -> Ratings:
        return Ratings(self.stores.unit_of_work, self.stores.reading, self.clock, self.stores.publish)

    @cached_property
    def cases(self) -> Cases:
        return Cases(self.stores.unit_of_work, self.stores.reading, self.clock, self.stores.publish)

    @cached_property
    def hours_register(self) -> HoursRegister:
        stores, known = self.stores, self.stores.settings
        place = HotlinePlace(known.zone, known.country, known.area_code)
        return HoursRegister(stores.unit_of_work, stores.reading, place, known.duty_numbers)

    @cached_property
    def hours(self) -> Hours:
        return Hours(self.hours_register.plan, self.clock, Calendar(self.stores.settings.zone))

    @cached_property
    def voice_jobs(self) -> VoiceJobs:
        return VoiceJobs(self.stores.redis)

    @cached_property
    def sayings(self) -> Sayings:
        return Sayings(self.stores.settings.own_prompts, VOICES, self.voice_jobs)

    @cached_property
    def wishes(self) -> Wishes:
        return Wishes(self.stores.redis)

    @cached_property
    def studio(self) -> PromptStudio:
        return PromptStudio(self.sayings, self.clock, changed=self.voice_jobs.changed)

    @cached_property
    def telephone_studio(self) -> PhoneStudio:
        return TelephoneStudio(self.studio, self.wishes, self._recordings, self._audit_recording)

    def _audit_recording(self, by: str, detail: str) -> None:
        with self.stores.unit_of_work() as work:
            work.add(AuditEntry(at=self.clock(), actor=by, action="prompt.recorded", subject="prompt", detail=detail))

    @property
    def _recordings(self) -> Path:
        """Where Asterisk keeps what it recorded."""
        return self.stores.settings.var_dir / "asterisk" / "recordings"

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
            publish=self.stores.publish, sms=self.sms, ratings=self.ratings,
            number_index=self.stores.cipher.number_index,
            normalise=lambda raw: normalise(raw, known.country, known.area_code).number,
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
