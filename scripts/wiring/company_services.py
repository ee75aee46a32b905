"""The services about companies, joined: a part of `HotlineServices`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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
    def scorecards(self) -> Scorecards:
        stores = self.stores
        return Scorecards(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, publish=stores.publish,
            zone=stores.settings.zone,
        )  # fmt: skip
