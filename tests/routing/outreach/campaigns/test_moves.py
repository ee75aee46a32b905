"""Moves that are pressed twice or by two people, SMS while a message is paused, and what SMS of it cost."""

from __future__ import annotations

import pytest

from db.models import CallAttempt, CampaignRecipient, SmsMessage
from routing.errors import Conflict
from routing.outreach.campaigns.policy import Act, State
from tests.routing.outreach.campaigns.weather import TEXT, made, play_out, started, states
from tests.routing.town import Town


def waiting(town: Town) -> list[SmsMessage]:
    return [row for row in town.rows(SmsMessage) if row.key.startswith("campaign-") and row.state == "queued"]


@pytest.mark.parametrize("act", [Act.START, Act.PAUSE, Act.RESUME, Act.STOP])
def test_a_second_press_does_nothing_and_whoever_comes_second_is_told_who_was_faster(any_town: Town, act: Act) -> None:
    town, campaign_id = any_town, made(any_town).id
    moves = {
        Act.START: town.campaigns.start, Act.PAUSE: town.campaigns.pause, Act.RESUME: town.campaigns.resume,
        Act.STOP: town.campaigns.stop,
    }  # fmt: skip
    for before in {Act.START: [], Act.RESUME: [Act.START, Act.PAUSE]}.get(act, [Act.START]):
        moves[before](campaign_id, by="user:2")
    first = moves[act](campaign_id, by="user:2")
    town.clock.forward(minutes=3)
    again = moves[act](campaign_id, by="user:2")
    assert (again.state, again.changed_at, again.counts) == (first.state, first.changed_at, first.counts)
    with pytest.raises(Conflict, match=f"user:2 was faster: the message is {first.state} since 2026-03-04 01:10 UTC"):
        moves[act](campaign_id, by="user:3")
    assert len(town.rows(CampaignRecipient)) == again.total


def test_a_pause_holds_back_sms_that_wait_and_going_on_lets_each_go_once(any_town: Town) -> None:
    town, campaign_id = any_town, started(any_town, way="sms")
    town.campaign_runner.sweep()
    some = len(waiting(town))
    assert some
    town.campaigns.pause(campaign_id, by="user:2")
    for _ in range(3):
        town.clock.forward(minutes=10)
        town.campaign_runner.sweep()
        assert town.sms.send_due().accepted == 0
    assert {row.understood for row in waiting(town)} == {"paused"}
    town.campaigns.resume(campaign_id, by="user:2")
    town.sms.send_due()
    town.sms.send_due()
    assert len([each for each in town.carrier.handed if TEXT in each.text]) == some
    assert waiting(town) == []


def test_what_was_looked_at_before_the_pause_is_not_claimed_after_it(town: Town) -> None:
    campaign_id = started(town, way="sms")
    town.campaign_runner.sweep()
    listed = town.sms._claims.waiting(50)
    town.campaigns.pause(campaign_id, by="user:2")
    assert [town.sms._claims.claim(each) for each in listed] == [None] * len(listed)


def test_sms_that_are_held_until_the_end_reached_nobody(town: Town) -> None:
    campaign_id = started(town, way="sms")
    town.campaign_runner.sweep()
    town.campaigns.pause(campaign_id, by="user:2")
    town.clock.forward(hours=40)
    for _ in range(4):
        town.sms.send_due()
        town.campaign_runner.sweep()
    assert town.carrier.handed == []
    shown = town.campaigns.get(campaign_id)
    assert (shown.state, shown.reached) == (State.FINISHED, 0)
    assert set(states(town, campaign_id).values()) <= {"not_reached", "left_out", "shared"}


@pytest.mark.parametrize(("text", "parts"), [("明天有雨", 1), ("雨" * 100, 2)])
def test_the_preview_tells_what_a_carrier_charges(town: Town, text: str, parts: int) -> None:
    by_sms = town.campaigns.preview(made(town, way="sms", text=text).id)
    assert (by_sms.parts, by_sms.parts_at_once) == (parts, parts * by_sms.messages)
    assert by_sms.parts_at_most == by_sms.parts_at_once > 0
    both = town.campaigns.preview(made(town, way="call_sms", text=text).id)
    assert both.parts_at_once == parts * both.messages
    assert both.parts_at_most >= parts * both.telephones
    calls = town.campaigns.preview(made(town, text=text).id)
    assert (calls.parts, calls.parts_at_most) == (0, 0)


def test_the_parts_that_were_said_at_most_are_not_exceeded(town: Town) -> None:
    draft = made(town, way="call_sms", lines=9)
    said = town.campaigns.preview(draft.id)
    town.campaigns.start(draft.id, by="user:2")
    play_out(town, draft.id, answer=False)
    sent = [row for row in town.rows(SmsMessage) if row.key.startswith("campaign-")]
    assert town.rows(CallAttempt)
    assert 0 < sum(row.parts for row in sent) <= said.parts_at_most
