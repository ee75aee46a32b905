"""The services of daily calls and of reminders: a part of `HotlineServices`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from routing.outreach.medicine.doses import Doses
from routing.outreach.medicine.policy import LATEST
from routing.outreach.medicine.reminders import Reminders
from routing.outreach.policy import CallRules
from routing.outreach.sms.outbox import Sms
from routing.outreach.wellbeing.checks import WellBeing
from routing.outreach.wellbeing.enrolments import Enrolments
from routing.outreach.wellbeing.policy import WellBeingRules
from routing.voice.sayings import Sayings
from scripts.wiring.stores import Clock, Stores


@dataclass(frozen=True)
class WellBeingServices:
    """Made when first asked for."""

    stores: Stores
    clock: Clock
    call_rules: CallRules
    sms: Sms
    sayings: Sayings

    @cached_property
    def checks(self) -> WellBeing:
        stores, known = self.stores, self.stores.settings
        rules = WellBeingRules(
            known.zone, every=timedelta(seconds=known.wellbeing_every_seconds),
            go_and_look=timedelta(seconds=known.wellbeing_look_in_seconds),
        )  # fmt: skip
        return WellBeing(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, publish=stores.publish,
            rules=rules,
        )  # fmt: skip

    @cached_property
    def enrolments(self) -> Enrolments:
        return Enrolments(self.stores.unit_of_work, self.stores.reading, self.clock, self.call_rules)

    @cached_property
    def reminders(self) -> Reminders:
        stores, known = self.stores, self.stores.settings
        return Reminders(
            stores.unit_of_work, stores.reading, self.clock, rules=self.call_rules, sayings=self.sayings,
            language=known.language,
        )  # fmt: skip

    @cached_property
    def doses(self) -> Doses:
        stores = self.stores
        return Doses(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, sms=self.sms,
            sayings=self.sayings, rules=WellBeingRules(stores.settings.zone, latest=LATEST),
        )  # fmt: skip
