"""The call that reminds an elder of a medicine."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from db.models import Callback, MedicineDose
from ivr.flows.base import Next
from ivr.flows.medicine import Medicine
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.outreach.medicine.test_doses import TEXT, dose, next_call, remind
from tests.routing.outreach.wellbeing.mornings import NINE, WANG
from tests.routing.town import Town


@pytest.fixture
def ref(town: Town) -> str:
    remind(town, text=TEXT)
    return next_call(town).reference


def call(exchange: Exchange, ref: str, keys: object = (), *, hang_up_at: int | None = None) -> Talk:
    return exchange.call(Medicine, WANG.number, {"medicine.ask": keys}, ref=ref, hang_up_at=hang_up_at)  # type: ignore[dict-item]


def test_1_is_taken(exchange: Exchange, town: Town, ref: str) -> None:
    talk = call(exchange, ref, "1")
    assert talk.heard == ["medicine.greet", "medicine.morning", "medicine.ask", "medicine.taken"]
    assert (dose(town).state, talk.next, talk.book.ends) == ("taken", Next.BYE, ["self_served"])
    assert not talk.call.not_spoken


def test_the_medicine_is_named_when_there_is_a_sound_of_it(exchange: Exchange, town: Town, ref: str) -> None:
    town.voice.spoken.add((TEXT, "zh-CN"))
    assert call(exchange, ref, "1").said("medicine.said")["what"] == TEXT


def test_2_is_later_and_then_no_more(exchange: Exchange, town: Town, ref: str) -> None:
    assert call(exchange, ref, "2").heard[-1] == "medicine.later"
    assert call(exchange, next_call(town).reference, "2").heard[-1] == "medicine.no_more"
    assert dose(town).state == "not_taken"


@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_is_a_person_and_9_an_sos(exchange: Exchange, town: Town, ref: str, key: str, goes: str) -> None:
    assert call(exchange, ref, key).goes == goes
    assert dose(town).state == {"hold": "person", "sos": "sos"}[goes]


def test_no_key_is_no_answer(exchange: Exchange, town: Town, ref: str) -> None:
    assert call(exchange, ref).heard[-1] == "medicine.no_key"
    town.doses.sweep()
    assert (dose(town).state, dose(town).unanswered, dose(town).attempts) == ("calling", 1, 2)


def test_whoever_hangs_up_before_a_key_has_not_taken_it(exchange: Exchange, town: Town) -> None:
    remind(town)

    def talk(hang_up_at: int | None) -> Talk:
        town.clock.now = NINE
        with town.unit_of_work() as session:
            for table in (MedicineDose, Callback):
                session.execute(delete(table))
        cut = call(exchange, next_call(town).reference, "1", hang_up_at=hang_up_at)
        assert dose(town).state in ("calling", "taken")
        return cut

    assert every_step(talk) > 3
