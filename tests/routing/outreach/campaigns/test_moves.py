"""Moves that are pressed twice or by two people, SMS while a message is paused, and what SMS of it cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.models import CallAttempt, CampaignRecipient, SmsMessage
from routing.errors import Conflict
from routing.outreach.campaigns.policy import Act, State
from routing.outreach.campaigns.progress import Recipients
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


def test_each_move_is_a_row_with_who_and_when_and_why_it_ended_by_itself(any_town: Town) -> None:
    town, campaign_id = any_town, started(any_town)
    for act in (town.campaigns.pause, town.campaigns.pause, town.campaigns.resume):
        town.clock.forward(minutes=5)
        act(campaign_id, by="user:3")
    play_out(town, campaign_id)
    shown = list(reversed(Recipients(town.reading, town.clock).moves(campaign_id)))
    assert [(each.act, each.state, each.by, each.why) for each in shown] == [
        ("make", "draft", "user:2", ""), ("start", "running", "user:2", ""), ("pause", "paused", "user:3", ""),
        ("resume", "running", "user:3", ""), ("finish", "finished", "system", "all_settled"),
    ]  # fmt: skip
    assert shown[3].at - shown[2].at == timedelta(minutes=10)


def test_a_message_whose_time_is_over_says_so(town: Town) -> None:
    campaign_id = started(town)
    town.clock.forward(hours=40)
    for _ in range(3):
        town.campaign_runner.sweep()
    last = Recipients(town.reading, town.clock).moves(campaign_id)[0]
    assert (last.act, last.by, last.why) == ("finish", "system", "time_over")


def finished_with_sms(town: Town) -> tuple[int, int]:
    """All are written to, and no SMS has gone yet: the message and how many wait."""
    campaign_id = started(town, way="sms")
    for _ in range(3):
        town.campaign_runner.sweep()
    assert town.campaigns.get(campaign_id).state is State.FINISHED
    return campaign_id, town.campaigns.get(campaign_id).counts["sent"]


def test_sms_that_wait_after_the_end_are_not_counted_as_told_and_can_be_held(any_town: Town) -> None:
    town = any_town
    campaign_id, some = finished_with_sms(town)
    shown = town.campaigns.get(campaign_id)
    assert some > 0
    assert (shown.queued, shown.reached) == (some, 0)
    assert shown.may == {Act.PAUSE, Act.STOP}
    town.campaigns.pause(campaign_id, by="user:2")
    for _ in range(3):
        town.campaign_runner.sweep()
        assert town.sms.send_due().accepted == 0
    assert town.campaigns.get(campaign_id).state is State.PAUSED
    town.campaigns.resume(campaign_id, by="user:2")
    town.sms.send_due()
    for _ in range(2):
        town.campaign_runner.sweep()
    shown = town.campaigns.get(campaign_id)
    assert (shown.state, shown.queued, shown.reached) == (State.FINISHED, 0, some)
    assert shown.may == frozenset()
    with pytest.raises(Conflict, match="system was faster"):
        town.campaigns.pause(campaign_id, by="user:2")


def test_sms_that_wait_after_the_end_can_be_withdrawn_and_those_that_went_stay_told(any_town: Town) -> None:
    town = any_town
    campaign_id, some = finished_with_sms(town)
    assert town.sms.send_due(1).accepted == 1
    town.campaigns.stop(campaign_id, by="user:2")
    for _ in range(3):
        town.campaign_runner.sweep()
        assert town.sms.send_due().accepted == 0
    shown = town.campaigns.get(campaign_id)
    assert (shown.state, shown.queued, shown.counts["sent"]) == (State.STOPPED, 0, shown.reached)
    assert shown.reached in (1, 2)  # Two of them have one telephone.
    assert shown.counts["stopped"] >= some - shown.reached
