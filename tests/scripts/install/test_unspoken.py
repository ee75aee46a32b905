"""Whoever sets up a hotline learns which services it cannot name."""

from __future__ import annotations

from db.models import ServiceItem, ServiceKind
from ivr.prompts.catalogue import Catalogue
from scripts.install.unspoken import unspoken
from tests.routing.town import Town
from tests.routing.town_fixture import demo_file, town

__all__ = ["demo_file", "town"]


def test_all_that_the_demo_offers_is_spoken_by_its_name(town: Town) -> None:
    assert len(town.orders.kinds()) == 7
    assert unspoken(town.orders.kinds(), Catalogue.load()) == []


def test_a_name_without_a_recording_is_told_once(town: Town) -> None:
    with town.unit_of_work() as session:
        session.query(ServiceKind).filter(ServiceKind.code == "repairs").one().name = "修钟表"
        for code in ("repair", "cleaning"):
            session.query(ServiceItem).filter(ServiceItem.code == code).one().name = "修钟表"
    assert unspoken(town.orders.kinds(), Catalogue.load()) == ["修钟表"]
