"""The services of group messages in the demo town."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.numbers import dialable
from routing.outreach.campaigns.book import Campaigns
from routing.outreach.campaigns.running import Runner
from routing.outreach.campaigns.telling import Telling
from routing.outreach.policy import CallRules

if TYPE_CHECKING:
    from tests.routing.town import Town


def make_campaigns(town: Town, rules: CallRules) -> Campaigns:
    """Nine lines for automatic calls."""
    return Campaigns(
        unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, recordings=town.recordings,
        sayings=town.voice, number_index=town.cipher.number_index,
        may_dial=lambda number: dialable(number) is not None, rules=rules, lines_most=9,
        withdraw=town.withdrawn.append,
    )  # fmt: skip


def make_runner(town: Town, rules: CallRules) -> Runner:
    """What goes on with them."""
    return Runner(
        unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, sms=town.sms,
        number_index=town.cipher.number_index, rules=rules, zone=rules.zone,
    )  # fmt: skip


def make_telling(town: Town) -> Telling:
    """What the flow asks."""
    return Telling(
        unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, recordings=town.recordings,
        sayings=town.voice, consents=town.consents,
    )  # fmt: skip
