"""What a message costs: before the start, and counted afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.models import CallRecord, CampaignRecipient
from routing.outreach.campaigns.costs import Tariff, expected
from routing.outreach.campaigns.policy import CallHabits
from routing.outreach.campaigns.progress import Recipients
from tests.routing.outreach.campaigns.weather import TEXT, hears, made, round_of_calls, started
from tests.routing.town import Town

SURE = CallHabits(answered_share=1.0, greeting_seconds=10.0)
TARIFF = Tariff(call_minute=10, sms_part=5)


@pytest.mark.parametrize(
    ("sent", "seconds", "writes", "cost"),
    [
        ((10, 0, 0), 50.0, False, (100, 100)), ((10, 0, 0), 51.0, False, (200, 200)),
        ((10, 4, 2), 50.0, True, (120, 120)), ((0, 7, 1), 30.0, True, (35, 35)), ((10, 0, 3), 50.0, True, (100, 150)),
    ],
)  # fmt: skip
def test_minutes_that_were_begun_and_parts_are_charged(
    sent: tuple[int, int, int], seconds: float, writes: bool, cost: tuple[int, int]
) -> None:
    assert expected(*sent, seconds, attempts=1, habits=SURE, tariff=TARIFF, writes=writes) == cost


@given(st.integers(0, 3_000), st.integers(0, 900), st.integers(1, 4), st.floats(1, 120), st.booleans())
def test_the_expected_cost_is_never_more_than_the_most(
    telephones: int, at_once: int, each: int, seconds: float, writes: bool
) -> None:
    usual, most = expected(
        telephones, at_once, each, seconds, attempts=3, habits=CallHabits(), tariff=TARIFF, writes=writes
    )
    assert 0 <= usual <= most


def test_the_preview_tells_it_and_the_message_counts_its_own_calls_and_no_others(any_town: Town) -> None:
    town = any_town
    assert town.campaigns.preview(made(town).id).fen > 0
    campaign_id = started(town)
    calls = round_of_calls(town)
    indices = {row.cause: row.number_index for row in town.rows(CampaignRecipient)}
    now = town.clock()
    for call in calls:
        hears(town, call)
    with town.unit_of_work() as session:
        for number, (call, seconds) in enumerate(zip(calls, (30, 61), strict=False)):
            index = indices[call.cause.rpartition(".")[0]]
            at = now + timedelta(seconds=2)
            whose = {"node": "one", "direction": "outbound", "number_index": index}
            session.add(
                CallRecord(id=f"placed-{number}", started_at=at, ended_at=at + timedelta(seconds=seconds), **whose)
            )
            later = at + timedelta(hours=1)  # Something else that was told to the same number.
            session.add(
                CallRecord(id=f"other-{number}", started_at=later, ended_at=later + timedelta(minutes=9), **whose)
            )
    cost = Recipients(town.reading, town.clock, TARIFF).cost(campaign_id)
    assert (len(calls), cost.minutes, cost.parts, cost.fen) == (2, 3, 0, 30)


def test_sms_are_charged_when_they_went(town: Town) -> None:
    campaign_id = started(town, way="sms")
    town.campaign_runner.sweep()
    counting = Recipients(town.reading, town.clock, TARIFF)
    assert counting.cost(campaign_id).parts == 0
    assert town.sms.send_due(1).accepted == 1
    cost = counting.cost(campaign_id)
    assert (cost.parts, cost.fen) == (town.campaigns.preview(made(town, way="sms", text=TEXT).id).parts, 5 * cost.parts)
