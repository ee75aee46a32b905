"""The call that tells an elder a message that is for many."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from db.models import Callback, Campaign, CampaignRecipient, Consent
from ivr.flows.base import Next
from ivr.flows.group_message import GroupMessage
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.outreach.campaigns.weather import TEXT, WANG, made, round_of_calls, states
from tests.routing.town import Town

WHOLE = ["group.greet", "group.any_key", "announcement.said", "group.after", "callback.no_more"]
BYE = ["callback.thanks", "bye.take_care"]


def ring_wang(town: Town) -> tuple[int, str]:
    """Start it for all, and give the call to Wang."""
    campaign_id = town.campaigns.start(made(town, lines=9).id, by="user:2").id
    calls = round_of_calls(town)
    return campaign_id, next(call.reference for call in calls if call.number == WANG.number)


@pytest.fixture
def ringing(town: Town) -> tuple[int, str]:
    return ring_wang(town)


def call(exchange: Exchange, ref: str, keys: dict[str, object], *, hang_up_at: int | None = None) -> Talk:
    return exchange.call(GroupMessage, WANG.number, keys, ref=ref, hang_up_at=hang_up_at)  # type: ignore[arg-type]


def state(town: Town, campaign_id: int) -> str:
    return states(town, campaign_id)[town.elder_id(WANG)]


def test_any_key_and_the_message_is_heard_to_its_end(exchange: Exchange, town: Town, ringing: tuple[int, str]) -> None:
    talk = call(exchange, ringing[1], {"group.any_key": "5"})
    assert talk.heard == WHOLE + BYE
    assert talk.said("announcement.said")["what"] == TEXT
    assert (state(town, ringing[0]), talk.next, talk.book.ends) == ("heard", Next.BYE, ["self_served"])
    assert [row.state for row in town.rows(Callback) if row.reference == ringing[1]] == ["done"]


def test_1_is_once_more_and_not_for_ever(exchange: Exchange, ringing: tuple[int, str]) -> None:
    talk = call(exchange, ringing[1], {"group.any_key": "5", "callback.no_more": ["1"] * 9})
    assert talk.heard.count("announcement.said") == 4


@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_is_a_person_and_9_an_sos(
    exchange: Exchange, town: Town, ringing: tuple[int, str], key: str, goes: str
) -> None:
    assert call(exchange, ringing[1], {"group.any_key": key}).goes == goes
    assert state(town, ringing[0]) == "person"


def test_8_twice_is_no_more_such_calls(exchange: Exchange, town: Town, ringing: tuple[int, str]) -> None:
    talk = call(exchange, ringing[1], {"group.any_key": "5", "callback.no_more": ["8", "8"]})
    assert talk.heard[-2:] == ["group.no_more", "bye.take_care"]
    assert state(town, ringing[0]) == "opted_out"
    assert [(row.purpose, row.given) for row in town.rows(Consent) if row.how == "phone_key"] == [
        ("announcement", False)
    ]


def test_8_once_is_a_slip(exchange: Exchange, town: Town, ringing: tuple[int, str]) -> None:
    talk = call(exchange, ringing[1], {"group.any_key": "5", "callback.no_more": ["8"]})
    assert talk.heard[-2:] == BYE
    assert state(town, ringing[0]) == "heard"


def test_a_machine_is_told_who_called_and_nothing_else(
    exchange: Exchange, town: Town, ringing: tuple[int, str]
) -> None:
    talk = call(exchange, ringing[1], {})
    assert "announcement.said" not in talk.heard
    assert talk.heard[-1] == "callback.who_called"
    assert [row.state for row in town.rows(Callback) if row.reference == ringing[1]] == ["due"]


def test_what_was_stopped_meanwhile_is_not_told(exchange: Exchange, town: Town, ringing: tuple[int, str]) -> None:
    town.campaigns.stop(ringing[0], by="user:2")
    assert call(exchange, ringing[1], {"group.any_key": "5"}).heard == ["group.over", "bye.take_care"]


def test_whoever_hangs_up_before_its_end_has_not_heard_it(exchange: Exchange, town: Town) -> None:
    def talk(hang_up_at: int | None) -> Talk:
        with town.unit_of_work() as session:
            for table in (CampaignRecipient, Campaign, Callback):
                session.execute(delete(table))
        campaign_id, ref = ring_wang(town)
        cut = call(exchange, ref, {"group.any_key": "5"}, hang_up_at=hang_up_at)
        assert (state(town, campaign_id) == "heard") is ("group_message.heard" in " ".join(cut.book.steps))
        return cut

    assert every_step(talk) > 3
