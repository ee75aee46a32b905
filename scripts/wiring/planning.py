"""The services of plans, joined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from functools import cached_property

from routing.hours.public_holidays import known_until, special_days
from routing.orders.planning.made import PlanTimes
from routing.orders.planning.making import PlanMaker
from routing.orders.planning.night import NightBatch
from routing.orders.planning.plans import OrderPlans
from routing.orders.planning.policy import Holidays
from routing.orders.service import Orders
from routing.outreach.sms.outbox import Sms
from scripts.wiring.stores import Clock, Stores


@dataclass(frozen=True)
class PlanServices:
    """Made when first asked for."""

    stores: Stores
    clock: Clock
    orders: Orders
    sms: Sms

    @cached_property
    def times(self) -> PlanTimes:
        known = self.stores.settings
        before, batch = timedelta(hours=known.plan_offer_hours), time(known.plan_batch_hour)
        return PlanTimes(known.zone, known.plan_ahead_days, before, batch_from=batch)

    @cached_property
    def maker(self) -> PlanMaker:
        stores = self.stores
        return PlanMaker(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, publish=stores.publish,
            orders=self.orders, holidays=self._holidays, times=self.times,
        )  # fmt: skip

    @cached_property
    def plans(self) -> OrderPlans:
        stores = self.stores
        return OrderPlans(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, maker=self.maker,
            holidays=self._holidays, zone=stores.settings.zone,
        )  # fmt: skip

    @cached_property
    def night(self) -> NightBatch:
        stores = self.stores
        return NightBatch(
            unit_of_work=stores.unit_of_work, reading=stores.reading, clock=self.clock, publish=stores.publish,
            sms=self.sms, times=self.times,
        )  # fmt: skip

    def _holidays(self) -> Holidays:
        country = self.stores.settings.country
        return Holidays(special_days(country), known_until(country))
