"""Who counts as reached, whose turn it is between messages, and how a message that was paused ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from db.demo_people import DemoElder
from db.models import CampaignRecipient, ElderPhone
from routing.calls.messages import PlaceCall
from routing.outreach.campaigns.policy import State
from routing.outreach.sms.carrier import HandOver
from tests.routing.outreach.campaigns.test_book import share
from tests.routing.outreach.campaigns.weather import QUIET, TEXT, WANG, play_out, started, states
from tests.routing.town import Town

OWN_MOBILE = "+8613911112222"
SHARED_LINE = "+862155556666"


def message_of(town: Town, call: PlaceCall) -> int:
    with town.reading() as session:
        return session.get_one(CampaignRecipient, int(call.reference)).campaign_id


def live_together(town: Town, who: DemoElder, mobile: str) -> None:
    """They have one line, and a mobile of their own."""
    with town.unit_of_work() as session:
        elder_id = town.elder_id(who)
        phones = session.scalars(
            select(ElderPhone).where(ElderPhone.elder_id == elder_id).order_by(ElderPhone.id)
        ).all()
        for phone in phones[1:]:
            session.delete(phone)
        line = phones[0]
        line.number, line.number_index, line.kind = SHARED_LINE, town.cipher.number_index(SHARED_LINE), "home"
        session.flush()
        index = town.cipher.number_index(mobile)
        session.add(ElderPhone(elder_id=elder_id, number=mobile, number_index=index, kind="mobile"))


def test_a_warning_goes_before_what_was_owed_earlier_and_the_worst_first(town: Town) -> None:
    for warning in ("", "blue", "red"):
        latest = started(town, lines=2, warning=warning)
        town.campaign_runner.sweep()
        town.clock.forward(seconds=1)
        assert {message_of(town, call) for call in town.callbacks.claim_due(1)} == {latest}


def test_nobody_answered_so_each_of_the_two_is_written_to_at_their_own(town: Town) -> None:
    share(town)
    live_together(town, WANG, WANG.number)
    live_together(town, QUIET, OWN_MOBILE)
    campaign = started(town, way="call_sms", lines=9)
    play_out(town, campaign, answer=False)
    found = states(town, campaign)
    assert {found[town.elder_id(WANG)], found[town.elder_id(QUIET)]} == {"sent"}
    for number in (WANG.number, OWN_MOBILE):
        assert len([text for text in town.sms_to(number) if TEXT in text]) == 1


def test_what_a_stop_takes_back_reached_nobody(town: Town) -> None:
    campaign = started(town, way="sms")
    town.campaign_runner.sweep()
    assert town.campaigns.get(campaign).queued > 0
    town.campaigns.stop(campaign, by="user:2")
    assert town.campaigns.get(campaign).reached == 0


def test_what_the_carrier_refuses_reached_nobody_also_when_all_is_over(town: Town) -> None:
    town.carrier.outcome = HandOver.REFUSED
    campaign = started(town, way="sms")
    for _ in range(5):
        town.campaign_runner.sweep()
        town.sms.send_due()
        town.clock.forward(minutes=20)
    town.campaign_runner.sweep()
    shown = town.campaigns.get(campaign)
    assert (shown.state, shown.reached) == (State.FINISHED, 0)
    assert shown.counts["not_reached"] > 0


def test_a_paused_message_ends_with_its_time_and_lists_who_was_not_called(town: Town) -> None:
    campaign = started(town, ends_at=town.clock() + timedelta(hours=1))
    town.campaigns.pause(campaign, by="user:2")
    town.clock.forward(hours=30)
    for _ in range(3):
        town.campaign_runner.sweep()
    shown = town.campaigns.get(campaign)
    assert (shown.state, shown.settled) == (State.FINISHED, shown.total)
    assert shown.counts["not_reached"] > 0
