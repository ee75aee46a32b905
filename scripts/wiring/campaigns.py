"""The services of group messages: a part of `HotlineServices`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from routing.calls.tickets import withdraw
from routing.numbers import dialable
from routing.outreach.campaigns.book import Campaigns
from routing.outreach.campaigns.costs import Tariff
from routing.outreach.campaigns.progress import Recipients
from routing.outreach.campaigns.running import Runner
from routing.outreach.campaigns.telling import Telling
from routing.outreach.pacing import lines_for_calls
from routing.outreach.sms.outbox import Sms
from routing.voice.sayings import Sayings
from scripts.wiring.outreach import OutreachServices
from scripts.wiring.stores import Clock, Stores


@dataclass(frozen=True)
class CampaignServices:
    """Made when first asked for."""

    stores: Stores
    clock: Clock
    outreach: OutreachServices
    sms: Sms
    sayings: Sayings
    recordings: Path

    @cached_property
    def book(self) -> Campaigns:
        stores, known = self.stores, self.stores.settings
        return Campaigns(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock,
            recordings=self.recordings, sayings=self.sayings, number_index=stores.cipher.number_index,
            may_dial=lambda number: dialable(number, known.country, known.area_code) is not None,
            rules=self.outreach.rules, lines_most=lines_for_calls(self.outreach.pace.rules),
            withdraw=partial(withdraw, stores.redis), language=known.language,
            tariff=Tariff(known.call_fen_a_minute, known.sms_fen_a_part),
        )  # fmt: skip

    @cached_property
    def recipients(self) -> Recipients:
        known = self.stores.settings
        return Recipients(self.stores.reading, self.clock, Tariff(known.call_fen_a_minute, known.sms_fen_a_part))

    @cached_property
    def runner(self) -> Runner:
        stores = self.stores
        return Runner(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, sms=self.sms,
            number_index=stores.cipher.number_index, rules=self.outreach.rules, zone=stores.settings.zone,
        )  # fmt: skip

    @cached_property
    def telling(self) -> Telling:
        stores = self.stores
        return Telling(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock,
            recordings=self.recordings, sayings=self.sayings, consents=self.outreach.consents,
        )  # fmt: skip
