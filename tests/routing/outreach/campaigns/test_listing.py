"""Whom a message did not reach stands on the list of people, within a bound, and with the reason."""

from __future__ import annotations

import pytest

from db.models import Callback, Campaign, CampaignRecipient
from routing.outreach.campaigns import listing
from routing.outreach.campaigns.policy import State
from routing.outreach.not_reached import NotReached, NotReachedList
from tests.routing.outreach.campaigns.weather import play_out, started, states
from tests.routing.town import Town


def listed(town: Town) -> tuple[NotReached, ...]:
    return NotReachedList(town.unit_of_work, town.reading, town.clock).open()


def test_nobody_answers_and_each_telephone_is_listed_once_with_the_message_and_the_reason(any_town: Town) -> None:
    town = any_town
    campaign_id = started(town)
    play_out(town, campaign_id, answer=False)
    for _ in range(3):
        town.campaign_runner.sweep()
    shown = listed(town)
    leads = {row.elder_id for row in town.rows(CampaignRecipient) if row.lead_index and row.state == "not_reached"}
    assert {each.elder_id for each in shown} == leads
    assert len({each.number for each in shown}) == len(shown) > 1
    assert {(each.item_name, each.last_outcome, each.attempts) for each in shown} == {("暴雨", "no_answer", 3)}
    assert town.callbacks.claim_due() == ()  # A list for people: nothing dials it.


def test_it_is_bounded_and_the_frail_come_first(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_LISTED", 2)
    campaign_id = started(town)
    play_out(town, campaign_id, answer=False)
    for _ in range(3):
        town.campaign_runner.sweep()
    shown = {each.elder_id for each in listed(town)}
    positions = {row.elder_id: row.position for row in town.rows(CampaignRecipient) if row.state == "not_reached"}
    assert shown == set(sorted(positions, key=positions.__getitem__)[:2])
    assert len(positions) > 2
    assert town.campaigns.get(campaign_id).counts["not_reached"] == len(positions)


def test_an_sms_that_does_not_come_through_after_the_end_is_listed_too(town: Town) -> None:
    campaign_id = started(town, way="sms")
    for _ in range(3):
        town.campaign_runner.sweep()
    assert (town.campaigns.get(campaign_id).state, listed(town)) == (State.FINISHED, ())
    town.clock.forward(hours=20)
    town.sms.send_due()  # Their deadline is over.
    for _ in range(3):
        town.campaign_runner.sweep()
    assert {each.last_outcome for each in listed(town)} == {"sms_failed"}
    assert "not_reached" in states(town, campaign_id).values()


def test_who_is_never_to_be_called_is_not_listed_and_who_is_closed_does_not_come_back(town: Town) -> None:
    campaign_id = started(town)
    play_out(town, campaign_id, answer=False)
    with town.unit_of_work() as session:
        row = session.query(CampaignRecipient).filter_by(state="not_reached").order_by(CampaignRecipient.id).first()
        assert row is not None
        session.query(Callback).filter_by(cause=row.cause).update({"state": "failed"})
        row.reason = "never_call"
        elder = row.elder_id
    first = next(each for each in listed(town) if each.elder_id != elder)
    NotReachedList(town.unit_of_work, town.reading, town.clock).close(first.id, "spoken", "她很好", "user:2")
    with town.unit_of_work() as session:
        campaign = session.get(Campaign, campaign_id)
        assert campaign is not None
        assert listing.list_for_people(session, campaign, town.clock()) == 0
    assert first.elder_id not in {each.elder_id for each in listed(town)}
    assert elder not in {each.elder_id for each in listed(town)}
