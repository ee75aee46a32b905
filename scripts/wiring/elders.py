"""Elders' records, joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from routing.calls.messages import Message
from routing.calls.tickets import Tickets
from routing.elders.departures import Departures
from routing.elders.entry import elders_number
from routing.elders.imports import ElderImports
from routing.elders.merging import ElderMerges
from routing.elders.photos import ElderPhotos
from routing.elders.register import ElderRegister
from routing.orders.notices import Notices
from scripts.wiring.stores import Stores


@dataclass(frozen=True)
class ElderServices:
    """Made when first asked for."""

    stores: Stores
    clock: Callable[[], datetime]
    notices: Notices
    publish: Callable[[Message], None]

    @cached_property
    def merges(self) -> ElderMerges:
        return ElderMerges(self.stores.unit_of_work, self.stores.reading, self.clock, self.stores.cipher)

    @cached_property
    def register(self) -> ElderRegister:
        known = self.stores.settings
        return ElderRegister(
            self.stores.unit_of_work, self.stores.reading, self.clock, self.stores.cipher,
            normalise=elders_number(known.country, known.area_code), zone=known.zone,
        )  # fmt: skip

    @cached_property
    def photos(self) -> ElderPhotos:
        return ElderPhotos(self.stores.unit_of_work, self.stores.reading, self.clock)

    @cached_property
    def imports(self) -> ElderImports:
        known = self.stores.settings
        return ElderImports(
            self.stores.unit_of_work, self.stores.reading, self.clock, self.stores.cipher,
            normalise=elders_number(known.country, known.area_code), zone=known.zone,
        )  # fmt: skip

    @cached_property
    def departures(self) -> Departures:
        return Departures(
            self.stores.unit_of_work, self.stores.reading, self.clock, notices=self.notices, publish=self.publish,
            let_go=Tickets(self.stores.redis).cancel_promise,
        )  # fmt: skip
