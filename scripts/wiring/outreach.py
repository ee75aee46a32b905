"""The services that decide who may be contacted, and at what pace: a part of `HotlineServices`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial

from routing.calls.agents import AgentBoard
from routing.calls.tickets import Tickets, withdraw
from routing.numbers import normalise
from routing.outreach.consents import Consents
from routing.outreach.elder_words import ElderWords
from routing.outreach.never_call import NeverCallList
from routing.outreach.not_reached import NotReachedList
from routing.outreach.pace_reading import PaceReader
from routing.outreach.pacing import PacingRules
from routing.outreach.policy import CallRules
from routing.outreach.unseen import UnseenVisits
from scripts.wiring.stores import Clock, Stores


def call_rules(stores: Stores) -> CallRules:
    """When automatic calls are made; at different times of the day, unless a time between them is set."""
    known = stores.settings
    spread = not known.development and known.callback_retry_seconds is None
    return CallRules(
        known.calling_hours, known.zone, known.callback_attempts, timedelta(seconds=known.callback_retry), spread
    )


@dataclass(frozen=True)
class OutreachServices:
    """Made when first asked for."""

    stores: Stores
    clock: Clock
    rules: CallRules

    @cached_property
    def consents(self) -> Consents:
        stores = self.stores
        return Consents(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock,
            number_index=stores.cipher.number_index, rules=self.rules, withdraw=partial(withdraw, stores.redis),
        )  # fmt: skip

    @cached_property
    def never_call(self) -> NeverCallList:
        stores, known = self.stores, self.stores.settings
        return NeverCallList(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock,
            number_index=stores.cipher.number_index,
            normalise=lambda raw: normalise(raw, known.country, known.area_code).number,
        )  # fmt: skip

    @cached_property
    def not_reached(self) -> NotReachedList:
        return NotReachedList(self.stores.unit_of_work, self.stores.reading, self.clock)

    @cached_property
    def pace(self) -> PaceReader:
        known = self.stores.settings
        rules = PacingRules(
            known.trunk_lines, known.outbound_share, known.outbound_lines, abandoned_limit=known.abandoned_limit,
            abandoned_near=known.abandoned_limit * 2 / 3, reserve=known.campaign_reserve,
        )  # fmt: skip
        return PaceReader(
            tickets=Tickets(self.stores.redis), board=AgentBoard(self.stores.redis), reading=self.stores.reading,
            clock=self.clock, rules=rules, abandoned_after_seconds=known.abandoned_after_seconds,
            quiet_seconds=known.campaign_quiet_seconds,
        )  # fmt: skip

    @cached_property
    def elder_words(self) -> ElderWords:
        stores = self.stores
        return ElderWords(
            unit_of_work=stores.unit_of_work, clock=self.clock, publish=stores.publish, consents=self.consents,
            leaves_messages=stores.settings.callback_leaves_message,
        )  # fmt: skip

    @cached_property
    def unseen(self) -> UnseenVisits:
        return UnseenVisits(
            unit_of_work=self.stores.unit_of_work, reading=self.stores.reading, clock=self.clock, rules=self.rules,
            delay=timedelta(seconds=self.stores.settings.callback_delay),
        )  # fmt: skip
