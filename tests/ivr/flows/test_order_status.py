"""An elder's own orders: told, cancelled, repeated, rated, complained of."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest

from db.models import Case, Order, Rating, ServiceItem
from ivr.flows.welcome import Welcome
from routing.calls.messages import Intent
from tests.ivr.flows.my_orders import ASK, WANG, ask, state
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.town import MORNING, ZONE, Town

# Where it stands


def test_the_latest_order_is_told_with_its_time(exchange: Exchange, town: Town) -> None:
    order = town.accept(town.place())
    talk = ask(exchange)
    assert talk.said("status.stands") == {"service": "送餐", "number": order.number, "state": "accepted"}
    assert talk.said("order.visit_at")["when"] == order.due_at
    assert talk.heard[-1] == "bye.goodbye"
    assert (talk.goes, talk.book.ends) == ("bye", ["self_served"])
    assert not talk.call.not_spoken


def test_no_order_at_all_is_told_too(exchange: Exchange) -> None:
    talk = ask(exchange)
    assert talk.heard[2:] == ["status.none", "services.person", "bye.goodbye"]
    assert (talk.goes, talk.call.now < 30) == ("bye", True)


def test_of_several_the_latest_is_told_and_how_many_more_there_are(exchange: Exchange, town: Town) -> None:
    town.place(item="meal")
    town.clock.forward(minutes=1)
    town.place(item="cleaning")
    town.clock.forward(minutes=1)
    town.place(item="repair")
    talk = ask(exchange)
    assert talk.said("status.stands")["service"] == "维修"
    assert talk.said("status.more") == {"orders": 2}
    assert not talk.call.not_spoken


def test_one_order_says_nothing_of_more(exchange: Exchange, town: Town) -> None:
    town.place()
    assert "status.more" not in ask(exchange).heard


def test_who_hangs_up_after_it_was_told_has_been_served(exchange: Exchange, town: Town) -> None:
    town.place()
    whole = ask(exchange).call.steps
    ends = [ask(exchange, hang_up_at=step).book.ends for step in range(3, whole)]
    assert ends[0] == ["abandoned"]
    assert ends[-1] == ["self_served"]


def test_the_menu_has_what_applies(exchange: Exchange, town: Town) -> None:
    def offered() -> list[str]:
        menu = {"status.cancel", "status.again", "status.rate", "status.complain"}
        return [each for each in ask(exchange).heard if each in menu]

    assert offered() == []
    town.place()
    assert offered() == ["status.cancel", "status.again", "status.complain"]
    town.orders.cancel(town.rows(Order)[0].id, actor="user:1", channel="desk", reason="")
    assert offered() == ["status.again", "status.complain"]
    town.served()
    assert offered() == ["status.again", "status.rate", "status.complain"]
    town.place(item="cleaning")
    assert offered() == ["status.cancel", "status.again", "status.rate", "status.complain"]


@pytest.mark.parametrize(
    "prompt", ["status.stands", "order.visit_at", "status.cancel", "status.complain", "services.person"]
)
@pytest.mark.parametrize("pressed", [("0", "hold", Intent.ORDER), ("9", "sos", Intent.SOS)])
def test_a_person_knows_which_order(
    exchange: Exchange, town: Town, prompt: str, pressed: tuple[str, str, Intent]
) -> None:
    key, goes, intent = pressed
    order = town.place()
    talk = exchange.call(Welcome, WANG, ASK | {prompt: key})
    assert (talk.goes, talk.ticket.intent) == (goes, intent)
    if key == "0":
        assert talk.ticket.order_id == order.id


def test_keys_that_mean_nothing_here_are_a_person(exchange: Exchange, town: Town) -> None:
    order = town.place()
    talk = ask(exchange, status_cancel="33")
    assert (talk.goes, talk.ticket.order_id) == ("hold", order.id)
    assert town.rows(Rating) == []


# The same again


def test_2_asks_for_the_same_again(exchange: Exchange, town: Town) -> None:
    done = town.served(item="cleaning")
    talk = ask(exchange, status_again="2", order_confirm_free="2")
    assert talk.said("status.again")["service"] == "保洁"
    again = max(town.rows(Order), key=lambda each: each.id)
    assert (again.item_id, again.id == done.id) == (done.item_id, False)
    assert again.due_at == datetime(2026, 3, 5, 9, tzinfo=ZONE)
    assert talk.heard[-3:] == ["order.placed", "order.visit_at", "bye.goodbye"]
    assert not talk.call.not_spoken


def test_the_same_within_ten_minutes_is_asked_about(exchange: Exchange, town: Town) -> None:
    town.place()
    talk = ask(exchange, status_cancel="2", order_twice="2")
    assert "order.twice" in talk.heard
    assert len(town.rows(Order)) == 1


def test_what_is_not_offered_any_more_cannot_be_had_again(exchange: Exchange, town: Town) -> None:
    town.served()
    with town.unit_of_work() as session:
        session.query(ServiceItem).filter(ServiceItem.code == "meal").one().active = False
    assert "status.again" not in ask(exchange).heard


@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("", "hold"), ("9", "sos")])
def test_who_wants_a_person_there_is_known_to_speak_of_that_order(
    exchange: Exchange, town: Town, key: str, goes: str
) -> None:
    order = town.served()
    talk = ask(exchange, status_again="2", order_confirm_free=key)
    assert talk.goes == goes
    assert goes == "sos" or (talk.ticket.intent, talk.ticket.order_id) == (Intent.ORDER, order.id)
    assert len(town.rows(Order)) == 1


# A complaint


def test_4_takes_a_complaint_about_that_order(exchange: Exchange, town: Town) -> None:
    order = town.served()
    talk = exchange.call(Welcome, WANG, ASK | {"status.complain": "4"}, recorded_seconds=9)
    (case,) = (each for each in town.rows(Case) if each.kind == "complaint")
    assert (case.order_id, case.elder_id, case.call_id) == (order.id, order.elder_id, talk.call.facts.call_id)
    assert talk.heard[-1] == "bye.goodbye"


@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_or_tells_it_to_a_person(exchange: Exchange, town: Town, key: str, goes: str) -> None:
    order = town.served()
    talk = exchange.call(Welcome, WANG, ASK | {"status.complain": "4", "complaint.sorry": key})
    assert talk.goes == goes
    assert goes == "sos" or (talk.ticket.intent, talk.ticket.order_id) == (Intent.COMPLAINT, order.id)


# A score


@pytest.mark.parametrize(
    ("score", "thanks", "becomes"),
    [("5", "thanks", "rated"), ("3", "thanks", "rated"), ("2", "low", "disputed"), ("1", "low", "disputed")],
)
def test_3_gives_the_last_visit_a_score(exchange: Exchange, town: Town, score: str, thanks: str, becomes: str) -> None:
    order = town.served()
    talk = ask(exchange, status_rate="3", callback_score=score)
    (rating,) = town.rows(Rating)
    assert (rating.order_id, rating.channel, rating.score, rating.done) == (order.id, "call", int(score), True)
    assert talk.heard[-4:] == ["rate.which", "callback.score", f"callback.{thanks}", "bye.goodbye"]
    assert state(town, order.id).value == becomes
    assert [case.kind for case in town.cases.open_cases()] == (["complaint"] if thanks == "low" else [])
    assert not talk.call.not_spoken
    assert "status.rate" not in ask(exchange).heard


@pytest.mark.parametrize(("keys", "goes"), [("", "hold"), ("0", "hold"), ("67", "hold"), ("9", "sos")])
def test_no_score_is_a_person_who_knows_the_visit(exchange: Exchange, town: Town, keys: str, goes: str) -> None:
    done = town.served()
    town.place(item="cleaning")

    def presses(prompt: str, _before: int) -> str:
        return {"welcome.menu": "2", "status.rate": "3"}.get(prompt, keys if prompt == "callback.score" else "")

    talk = exchange.call(Welcome, WANG, presses)
    assert talk.goes == goes
    assert goes == "sos" or (talk.ticket.intent, talk.ticket.order_id) == (Intent.ORDER, done.id)
    assert town.rows(Rating) == []


# A complaint


def test_0_instead_of_recording_it_is_about_that_order_too(exchange: Exchange, town: Town) -> None:
    order = town.served()
    talk = ask(exchange, status_complain="4", complaint_leave="0")
    assert (talk.goes, talk.ticket.intent, talk.ticket.order_id) == ("hold", Intent.COMPLAINT, order.id)


# The whole talk


@pytest.mark.parametrize(
    "keys",
    [
        {}, {"status_cancel": "1", "cancel_sure": "1"}, {"status_cancel": "2", "order_confirm_free": "1"},
        {"status_cancel": "2", "order_twice": "1", "order_confirm_free": "3"},
        {"status_cancel": "3", "callback_score": "5"}, {"status_cancel": "3", "callback_score": "1"},
        {"status_cancel": "4"},
    ],
)  # fmt: skip
def test_a_caller_may_go_at_any_step(exchange: Exchange, town: Town, keys: dict[str, str]) -> None:
    days = count()

    def talk(step: int | None) -> Talk:
        town.clock.now = MORNING + timedelta(days=next(days))
        town.served()
        town.place(item="cleaning")
        return ask(exchange, hang_up_at=step, **keys)

    assert every_step(talk) >= 5


def test_the_database_is_away(exchange: Exchange, town: Town) -> None:
    class Away(type(town.orders)):  # type: ignore[misc]
        def mine(self, _elder_id: int) -> object:
            raise ConnectionError

    town.orders.__class__ = Away
    talk = ask(exchange)
    assert (talk.heard[-1], talk.goes) == ("error.technical", "hold")
