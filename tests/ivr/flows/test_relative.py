"""Relatives and neighbours: for one elder the elder's own menu, for several which one, else a person."""

from __future__ import annotations

from datetime import datetime

import pytest

from db.demo import DEMO
from db.demo_people import DemoElder
from db.models import Contact, Elder, Order
from ivr.flows.welcome import Welcome
from routing.calls.caller import Caller
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass, Intent
from routing.hours.policy import Standing, Why
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import ZONE, Town

SON = DEMO.wang.contacts[0][2]
MEAL = {"welcome.menu": "1", "services.intro": "1", "order.confirm_free": "1", "order.confirm": "1"}


def also_of(town: Town, *elders: DemoElder) -> None:
    """Make the son a contact of these elders, too."""
    with town.unit_of_work() as session:
        for each in elders:
            elder = session.query(Elder).filter(Elder.code == each.code).one()
            index = town.cipher.number_index(SON)
            session.add(
                Contact(elder_id=elder.id, name="王建国", relation="侄子", number=SON, number_index=index)
            )  # fmt: skip


def test_a_relative_of_one_elder_gets_the_menu_and_is_not_greeted_as_the_elder(exchange: Exchange, town: Town) -> None:
    talk = exchange.call(Welcome, SON)
    assert talk.heard == ["relative.greet", "welcome.menu", "welcome.person"]
    assert talk.said("relative.greet")["who"] == "王奶奶"
    assert not talk.call.not_spoken
    assert (talk.goes, talk.ticket.intent, talk.ticket.elder_id) == (
        "hold", Intent.GENERAL, town.elder_id(DEMO.wang))  # fmt: skip
    assert talk.ticket.caller_class is CallerClass.OTHER, "who waits is the relative"
    assert talk.book.elders == [None, town.elder_id(DEMO.wang)]


def test_what_a_relative_orders_is_the_elders_and_says_who_did(exchange: Exchange, town: Town) -> None:
    talk = exchange.call(Welcome, SON, MEAL)
    (order,) = town.rows(Order)
    (placed, *_rest) = town.orders.history(order.id)
    assert order.elder_id == town.elder_id(DEMO.wang)
    assert (placed.actor, placed.channel) == ("contact", "phone_key")
    assert "order.placed" in talk.heard
    assert (talk.goes, talk.book.ends) == ("bye", ["self_served"])


def test_what_a_relative_cancels_says_so_too(exchange: Exchange, town: Town) -> None:
    order = town.place(DEMO.wang)
    exchange.call(Welcome, SON, {"welcome.menu": "2", "status.cancel": "1", "cancel.sure": "1"})
    cancelled = town.orders.history(order.id)[-1]
    assert (cancelled.to_state, cancelled.actor, cancelled.channel) == ("cancelled", "contact", "phone_key")


def test_how_a_relative_fares_teaches_nothing_about_the_elder(exchange: Exchange, town: Town) -> None:
    learnt: list[int] = []

    class Keeper:
        def keep(self, elder_id: int, _fare: object) -> None:
            learnt.append(elder_id)

    exchange.services["fares"] = Keeper()
    exchange.call(Welcome, SON)
    assert learnt == []
    exchange.call(Welcome, DEMO.wang.number)
    assert learnt == [town.elder_id(DEMO.wang)]


def test_nothing_of_the_elder_is_said_but_the_name(exchange: Exchange) -> None:
    for keys in ({}, {"welcome.menu": "2"}, MEAL):
        talk = exchange.call(Welcome, SON, keys)
        said = " ".join(str(value) for each in talk.call.heard for value in each.values.values())
        assert "高血压" not in said and "清水湾" not in said


@pytest.mark.parametrize(("key", "who"), [("1", DEMO.wang), ("2", DEMO.quiet), ("3", DEMO.one_key)])
def test_a_relative_of_several_says_which_one(exchange: Exchange, town: Town, key: str, who: DemoElder) -> None:
    also_of(town, DEMO.quiet, DEMO.one_key)
    talk = exchange.call(Welcome, SON, {"relative.choice": [f"~{key}"]})
    assert talk.heard[:3] == ["welcome.unknown", "relative.which", "relative.choice"]
    assert talk.said("relative.greet")["who"][0] == who.name[0]
    assert talk.ticket.elder_id == town.elder_id(who)
    assert not talk.call.not_spoken


@pytest.mark.parametrize(("keys", "goes"), [("", "hold"), ("0", "hold"), ("88", "hold"), ("9", "sos")])
def test_no_key_is_a_person_at_once(exchange: Exchange, town: Town, keys: str, goes: str) -> None:
    also_of(town, DEMO.quiet)
    talk = exchange.call(Welcome, SON, {"relative.which": keys})
    assert (talk.goes, talk.ticket.elder_id) == (goes, None)
    assert "error.hint" not in talk.heard
    assert talk.heard[-1] == ("welcome.person" if keys in ("", "88") else "relative.which")


def test_who_looks_after_more_than_four_is_asked_by_a_person(exchange: Exchange, town: Town) -> None:
    also_of(town, DEMO.quiet, DEMO.one_key, *DEMO.couple)
    talk = exchange.call(Welcome, SON)
    assert talk.heard == ["welcome.unknown", "welcome.person"]
    assert (talk.goes, talk.ticket.elder_id) == ("hold", None)


def test_two_who_are_addressed_alike_cannot_be_told_apart_by_key(exchange: Exchange, town: Town) -> None:
    also_of(town, DEMO.quiet)
    with town.unit_of_work() as session:
        quiet = session.query(Elder).filter(Elder.code == DEMO.quiet.code).one()
        quiet.name, quiet.sex = "王秀芬", "female"
    assert exchange.call(Welcome, SON).heard == ["welcome.unknown", "welcome.person"]


def test_an_elder_who_is_not_active_any_more_is_left_out(exchange: Exchange, town: Town) -> None:
    also_of(town, DEMO.quiet)
    with town.unit_of_work() as session:
        session.query(Elder).filter(Elder.code == DEMO.wang.code).one().state = "deceased"
    assert exchange.call(Welcome, SON).said("relative.greet")["who"] == "李爷爷"
    town_of_ids = exchange.directory.active_elders([town.elder_id(DEMO.wang), town.elder_id(DEMO.quiet)])
    assert [each.id for each in town_of_ids] == [town.elder_id(DEMO.quiet)]


def test_when_the_elders_cannot_be_read_a_person_helps(exchange: Exchange) -> None:
    directory = exchange.directory

    class Half:
        def look_up(self, number: str) -> Caller:
            return directory.look_up(number)  # type: ignore[no-any-return]

        def active_elders(self, _ids: object) -> None:
            raise DirectoryUnavailable

    exchange.directory = Half()
    talk = exchange.call(Welcome, SON)
    assert (talk.heard, talk.goes) == (["welcome.unknown", "welcome.person"], "hold")


def test_by_night(exchange: Exchange) -> None:
    opens = datetime(2026, 3, 5, 8, tzinfo=ZONE)
    exchange.services["standing"] = lambda: Standing(False, None, opens, Why.WEEKDAY)
    talk = exchange.call(Welcome, SON)
    assert talk.heard == ["relative.greet", "closed.now", "closed.menu", "closed.person"]
    assert exchange.call(Welcome, SON, {"closed.menu": "9"}).goes == "sos"


def test_hanging_up_at_every_step(exchange: Exchange, town: Town) -> None:
    assert every_step(lambda at: exchange.call(Welcome, SON, hang_up_at=at)) > 3
    also_of(town, DEMO.quiet)
    assert every_step(lambda at: exchange.call(Welcome, SON, {"relative.which": "2"}, hang_up_at=at)) > 4
