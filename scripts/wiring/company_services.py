"""The services about companies, joined: a part of `HotlineServices`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from redis.exceptions import RedisError

from routing.calls.agents import AgentBoard
from routing.numbers import normalise
from routing.orders.items import ItemRegister
from routing.orders.pins import RedisPinTries
from routing.orders.providers.availability import Availability
from routing.orders.providers.keeping import ProviderKeeping
from routing.orders.providers.line import CompanyLine
from routing.orders.providers.register import CompanyRegister
from routing.orders.providers.suspending import Suspensions
from routing.orders.scorecards.service import Scorecards
from routing.outreach.responses.service import ResponseRates
from routing.reports.agents import Spell
from routing.reports.book import Reports
from routing.reports.call_facts import Lines
from routing.reports.schedules import Schedules
from routing.wallboard.counting import BoardCounts
from scripts.wiring.call_services import CallServices


@dataclass(frozen=True)
class CompanyServices(CallServices):
    """Made when first asked for."""

    @cached_property
    def availability(self) -> Availability:
        stores = self.stores
        return Availability(stores.unit_of_work, stores.reading, self.clock, stores.settings.zone)

    @cached_property
    def company_line(self) -> CompanyLine:
        stores = self.stores
        return CompanyLine(
            reading=stores.reading, clock=self.clock, zone=stores.settings.zone,
            number_index=stores.cipher.number_index, pin_index=stores.cipher.pin_index,
            tries=RedisPinTries(stores.redis), availability=self.availability,
        )  # fmt: skip

    @cached_property
    def company_register(self) -> CompanyRegister:
        stores, known = self.stores, self.stores.settings
        return CompanyRegister(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock,
            normalise=lambda raw: normalise(raw, known.country, known.area_code),
            number_index=stores.cipher.number_index, pin_index=stores.cipher.pin_index,
        )  # fmt: skip

    @cached_property
    def items(self) -> ItemRegister:
        return ItemRegister(self.stores.unit_of_work, self.stores.reading, self.clock)

    @cached_property
    def provider_keeping(self) -> ProviderKeeping:
        stores, known = self.stores, self.stores.settings
        return ProviderKeeping(
            stores.unit_of_work, stores.reading, self.clock,
            normalise=lambda raw: normalise(raw, known.country, known.area_code),
            number_index=stores.cipher.number_index, pin_index=stores.cipher.pin_index,
        )  # fmt: skip

    @cached_property
    def suspensions(self) -> Suspensions:
        return Suspensions(self.stores.unit_of_work, self.stores.reading, self.clock)

    @cached_property
    def responses(self) -> ResponseRates:
        return ResponseRates(self.stores.reading, self.clock, self.stores.settings.zone)

    @cached_property
    def reports(self) -> Reports:
        return Reports(
            self.stores.reading, self.clock, self.stores.settings.zone, self._counted_lines, self._standing
        )  # fmt: skip

    @cached_property
    def board_counts(self) -> BoardCounts:
        return BoardCounts(self.stores.reading, self.clock, self.stores.settings.zone, self._counted_lines)

    @cached_property
    def _counted_lines(self) -> Lines:
        stores, known = self.stores, self.stores.settings
        numbers = (normalise(raw, known.country, known.area_code) for raw in known.test_numbers)
        tests = tuple(stores.cipher.number_index(each.number) for each in numbers if each.number)
        return Lines(known.did_sos, tests)

    @cached_property
    def report_schedules(self) -> Schedules:
        stores = self.stores
        return Schedules(stores.unit_of_work, stores.reading, self.clock, stores.settings.zone)

    def _standing(self) -> Sequence[Spell]:
        """How agents stand now, as the router's board tells; without Redis, nothing is known of it."""
        try:
            return [Spell(each.extension, each.state, each.since) for each in AgentBoard(self.stores.redis).all()]
        except RedisError:
            return ()

    @cached_property
    def scorecards(self) -> Scorecards:
        stores = self.stores
        return Scorecards(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, publish=stores.publish,
            zone=stores.settings.zone,
        )  # fmt: skip
