"""Group messages: previewed, started, paused, stopped; each elder gets one call, and an outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models import Callback, CampaignRecipient, Elder, ElderPhone, SmsMessage
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.campaigns.policy import Selection, State
from routing.outreach.consent import Purpose
from tests.routing.orders.test_service import at_once
from tests.routing.outreach.campaigns.weather import (
    QUIET,
    TEXT,
    WANG,
    WISH,
    answers,
    hears,
    made,
    owed,
    play_out,
    round_of_calls,
    started,
    states,
)
from tests.routing.town import Town


def test_everybody_of_a_selection_is_called_once_and_it_is_finished(any_town: Town) -> None:
    town = any_town
    preview = town.campaigns.preview(made(town).id)
    campaign_id = started(town)
    placed = play_out(town, campaign_id)
    numbers = Counter(call.number for call in placed)
    assert set(numbers.values()) == {1}
    assert len(numbers) == preview.telephones > 3
    assert (preview.elders, preview.messages) == (len(states(town, campaign_id)), 0)
    found = Counter(states(town, campaign_id).values())
    assert found["heard"] == preview.telephones + preview.shared
    assert found["left_out"] == sum(preview.left_out.values())
    assert town.campaigns.get(campaign_id).state is State.FINISHED


def test_two_elders_of_one_telephone_get_one_call_and_both_have_heard(town: Town) -> None:
    share(town)
    campaign_id = started(town)
    assert "shared" in states(town, campaign_id).values()
    placed = play_out(town, campaign_id)
    assert [call.number for call in placed].count(WANG.number) == 1
    found = states(town, campaign_id)
    assert (found[town.elder_id(WANG)], found[town.elder_id(QUIET)]) == ("heard", "heard")


def test_if_the_one_who_would_be_called_dies_the_other_is_called(town: Town) -> None:
    share(town)
    campaign_id = started(town)
    first = next(each for each in (WANG, QUIET) if states(town, campaign_id)[town.elder_id(each)] != "shared")
    other = QUIET if first is WANG else WANG
    with town.unit_of_work() as session:
        session.execute(update(Elder).where(Elder.id == town.elder_id(first)).values(state="deceased"))
    placed = play_out(town, campaign_id)
    found = states(town, campaign_id)
    assert (found[town.elder_id(first)], found[town.elder_id(other)]) == ("left_out", "heard")
    assert [call.number for call in placed].count(WANG.number) == 1


def share(town: Town) -> None:
    """Both have the one telephone."""
    with town.unit_of_work() as session:
        phones = session.scalars(select(ElderPhone).where(ElderPhone.elder_id == town.elder_id(QUIET))).all()
        for phone in phones[1:]:
            session.delete(phone)
        phones[0].number, phones[0].number_index = WANG.number, town.cipher.number_index(WANG.number)
        phones[0].kind = "home"


def test_never_more_calls_at_once_than_its_lines_and_few_owed_ahead(town: Town) -> None:
    campaign_id = started(town, lines=2)
    first = round_of_calls(town)
    assert len(first) == 2
    assert round_of_calls(town) == ()
    assert len(owed(town)) <= 4
    hears(town, first[0])
    town.clock.forward(seconds=6)
    assert len(round_of_calls(town)) == 1
    assert town.campaigns.get(campaign_id).calls == 2


def test_other_calls_go_first(town: Town) -> None:
    started(town, lines=2)
    town.campaign_runner.sweep()
    town.clock.forward(seconds=1)
    town.callbacks.owe("mine", kind="promise", flow="promised", reference="1", number="+8613900009999")
    assert [call.cause for call in town.callbacks.claim_due(1)] == ["mine.1"]


def test_a_pause_counts_from_its_commit_and_whoever_rings_is_let_go(any_town: Town) -> None:
    town = any_town
    campaign_id = started(town)
    ringing = round_of_calls(town)
    town.campaigns.pause(campaign_id, by="user:2")
    assert sorted(town.withdrawn) == sorted(call.cause for call in ringing)
    for call in ringing:
        town.callbacks.settle(call.cause, "withdrawn")
    for _ in range(3):
        town.clock.forward(minutes=5)
        assert round_of_calls(town) == ()
    town.campaigns.resume(campaign_id, by="user:2")
    assert len(round_of_calls(town)) == 2
    with pytest.raises(Conflict, match="user:2 was faster: the message is running"):
        town.campaigns.resume(campaign_id, by="user:3")


def test_a_stop_takes_back_what_is_owed_and_sms_that_wait_and_who_talks_talks_on(town: Town) -> None:
    campaign_id = started(town, way="call_sms")
    first, second = round_of_calls(town)
    recipient = answers(town, first)
    town.campaigns.stop(campaign_id, by="user:2")
    assert town.withdrawn == [second.cause]
    assert not town.telling.of_call(recipient).over or town.campaigns.get(campaign_id).state == "stopped"
    town.callbacks.settle(second.cause, "withdrawn")
    town.callbacks.finish(first.cause.rpartition(".")[0], True)
    for _ in range(3):
        town.clock.forward(hours=3)
        assert round_of_calls(town) == ()
    found = Counter(states(town, campaign_id).values())
    assert not set(found) & {"waiting", "owed", "writing", "shared", "sent"}
    assert not [row for row in town.rows(SmsMessage) if row.key.startswith("campaign-")]
    with pytest.raises(Conflict):
        town.campaigns.pause(campaign_id, by="user:2")


def test_sms_that_wait_are_not_sent_after_a_stop(town: Town) -> None:
    campaign_id = started(town, way="sms")
    town.campaign_runner.sweep()
    assert any(TEXT in text for text in town.sms_to(WANG.number))
    town.campaigns.stop(campaign_id, by="user:2")
    town.sms.send_due()
    assert [each for each in town.carrier.handed if TEXT in each.text] == []


def test_who_does_not_answer_is_tried_again_then_written_to_then_listed(town: Town) -> None:
    campaign_id = started(town, way="call_sms", selection=Selection(district=district(town)))
    play_out(town, campaign_id, answer=False)
    found = Counter(states(town, campaign_id).values())
    assert set(found) <= {"sent", "not_reached", "left_out"}
    assert found["sent"] >= 1
    attempts = [row.attempts for row in owed(town)]
    assert max(attempts) == 3
    listed = started(town, selection=Selection(district=district(town)))
    town.clock.forward(days=0)
    play_out(town, listed, answer=False)
    assert Counter(states(town, listed).values())["not_reached"] == found["sent"]


def district(town: Town) -> str:
    with town.reading() as session:
        return session.scalars(select(Elder.district).where(Elder.id == town.elder_id(WANG))).one()


def test_who_dies_or_wants_no_more_meanwhile_is_left_out_at_the_dialling(town: Town) -> None:
    campaign_id = started(town, lines=9)
    town.campaign_runner.sweep()
    with town.unit_of_work() as session:
        session.execute(update(Elder).where(Elder.id == town.elder_id(WANG)).values(state="deceased"))
    town.consents.note(
        elder_id=town.elder_id(QUIET),
        channel="call",
        purpose=Purpose.ANNOUNCEMENT,
        given=False,
        by="user:2",
        how="desk",
    )
    placed = play_out(town, campaign_id)
    assert {WANG.number, QUIET.number}.isdisjoint({call.number for call in placed})
    found = states(town, campaign_id)
    assert (found[town.elder_id(WANG)], found[town.elder_id(QUIET)]) == ("left_out", "left_out")


def test_the_preview_says_why_somebody_is_left_out(town: Town) -> None:
    town.consents.note(
        elder_id=town.elder_id(WANG), channel="call", purpose=Purpose.ANNOUNCEMENT, given=False, by="user:2", how="desk"
    )
    with town.unit_of_work() as session:
        for number, who in (("12345", QUIET), ("+14155550100", None)):
            phones = select(ElderPhone).order_by(ElderPhone.id)
            mine = (
                ElderPhone.elder_id == town.elder_id(QUIET)
                if who
                else ElderPhone.elder_id.not_in([town.elder_id(QUIET), town.elder_id(WANG)])
            )
            for phone in session.scalars(phones.where(mine).limit(1)):
                phone.number, phone.number_index, phone.kind = number, town.cipher.number_index(number), "home"
    out = town.campaigns.preview(made(town).id).left_out
    assert out["withdrawn"] == 1
    assert out["not_dialable"] >= 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": ""}, "1 to 120"),
        ({"text": "雨" * 5_000}, "1 to 120"),
        ({"text": "明天\0有雨"}, "nobody sees"),
        ({"text": "明天\u202e有雨"}, "nobody sees"),
        ({"title": ""}, "title"),
        ({"lines": 0}, "1 to 9 lines"),
        ({"lines": 99}, "1 to 9 lines"),
        ({"opens": "05:00"}, "from 08:00 to 21:00"),
        ({"closes": "23:00"}, "from 08:00 to 21:00"),
        ({"opens": "12:00", "closes": "09:00"}, "the first before the last"),
        ({"opens": "morning"}, "08:00"),
        ({"way": "pigeon"}, "the way"),
        ({"warning": "pink"}, "blue"),
        ({"selection": Selection(district="月球")}, "no elder lives"),
        ({"selection": Selection(caller_class="vip")}, "class"),
    ],
)
def test_what_is_wrong_is_refused_with_what_would_be_right(town: Town, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        town.campaigns.make(replace(WISH, **wrong), by="user:2")


def test_dates_that_are_past_are_refused(town: Town) -> None:
    now = town.clock()
    for starts, ends in ((now - timedelta(days=2), None), (None, now - timedelta(hours=1)), (now, now)):
        with pytest.raises(Invalid):
            made(town, starts_at=starts, ends_at=ends)
    late = made(town, ends_at=now + timedelta(hours=1))
    town.clock.forward(hours=2)
    with pytest.raises(Invalid, match="its time is over"):
        town.campaigns.start(late.id, by="user:2")


def test_nothing_starts_without_a_sound_or_without_anybody(town: Town) -> None:
    silent = town.campaigns.make(replace(WISH, text="没有声音的通知"), by="user:2")
    with pytest.raises(Invalid, match="no sound"):
        town.campaigns.start(silent.id, by="user:2")
    nobody = made(town, selection=Selection(payer_class="assisted", caller_class="frail", alone=True))
    with town.unit_of_work() as session:
        session.execute(update(Elder).values(payer_class="self_paid"))
    with pytest.raises(Invalid, match="no elder is meant"):
        town.campaigns.start(nobody.id, by="user:2")
    with pytest.raises(Conflict):
        town.campaigns.start(started(town), by="user:3")
    for missing in (town.campaigns.get, town.campaigns.preview):
        with pytest.raises(NotFound):
            missing(9_999)


def test_whoever_sweeps_at_once_owes_each_call_once(any_town: Town) -> None:
    town = any_town
    campaign_id = started(town, lines=9)
    at_once(4, lambda _at: town.campaign_runner.sweep())
    causes = [row.cause for row in town.rows(Callback) if row.kind == "campaign"]
    assert (
        len(causes)
        == len(set(causes))
        == sum(row.state == "owed" for row in town.rows(CampaignRecipient) if row.campaign_id == campaign_id)
    )


def test_calls_that_would_come_after_the_end_are_not_waited_for(town: Town) -> None:
    campaign_id = started(town, ends_at=town.clock() + timedelta(hours=1), lines=9)
    for call in round_of_calls(town):
        town.callbacks.settle(call.cause, "no_answer")
    town.clock.forward(minutes=1)
    town.campaign_runner.sweep()
    assert "not_reached" in states(town, campaign_id).values()
    town.clock.forward(hours=2)
    for _ in range(3):
        assert round_of_calls(town) == ()
    assert town.campaigns.get(campaign_id).state is State.FINISHED
