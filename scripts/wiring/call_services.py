"""The services of calls and of what callers hear, joined; `services` adds those of orders and of what goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from db.models import AuditEntry
from ivr.prompts.sayable import VOICES
from ivr.prompts.studio import PromptStudio, TelephoneStudio
from routing.calls.agents import AgentBoard
from routing.calls.directory import CallerDirectory
from routing.calls.journey import Journey
from routing.calls.tickets import Tickets
from routing.hours.policy import Calendar
from routing.hours.register import HotlinePlace, HoursRegister
from routing.hours.rota import DutyPhone, on_duty
from routing.hours.standing import Hours
from routing.manners.book import MannerBook
from routing.manners.learning import Learning
from routing.voice.jobs import VoiceJobs
from routing.voice.sayings import Sayings
from routing.voice.studio import PhoneStudio, Wishes
from scripts.wiring.stores import Clock, Stores, now


@dataclass(frozen=True)
class CallServices:
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

    def _on_duty(self) -> Sequence[DutyPhone]:
        plan = self.hours_register.plan()
        return on_duty(plan.phones, plan.calendar, self.clock())

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
