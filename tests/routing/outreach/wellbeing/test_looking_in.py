"""Relatives and neighbours are asked in turn to look in on an elder who did not answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from db.models import CaseEvent, Contact
from routing.outreach.wellbeing.policy import Looked
from tests.routing.outreach.wellbeing.mornings import (
    NEIGHBOUR,
    SON,
    WANG,
    alarm_case,
    check,
    look_ins,
    morning,
    next_call,
    rings_out,
    unanswered,
)
from tests.routing.town import Town


def look_in(town: Town, answer: Looked) -> str:
    """Have the contact who is rung next answer; give the number that was rung."""
    call = next_call(town)
    town.callbacks.begin(call.cause.rpartition(".")[0])
    town.well_being.looked(int(call.reference), answer)
    town.callbacks.finish(call.cause.rpartition(".")[0], reached=True)
    return call.number


def notes(town: Town) -> list[str]:
    return [f"{each.what} {each.detail}" for each in town.rows(CaseEvent) if each.what.startswith("look_in")]


@pytest.mark.parametrize("answer", [Looked.WELL, Looked.NEEDS_US])
def test_what_a_contact_says_stands_in_the_case_and_nobody_else_is_rung(town: Town, answer: Looked) -> None:
    morning(town)
    unanswered(town)
    assert look_in(town, answer) == SON
    assert town.well_being.sweep() == 0
    assert (check(town).looking_in, alarm_case(town).state) == (answer.value, "open")
    assert notes(town)[-1] == f"look_in.over {answer.value}"


def test_the_neighbour_is_rung_when_the_son_does_not_answer_and_then_nobody(any_town: Town) -> None:
    morning(any_town)
    unanswered(any_town)
    assert rings_out(any_town).number == SON
    assert rings_out(any_town).number == NEIGHBOUR
    any_town.clock.forward(hours=2)
    assert any_town.well_being.sweep() == 0
    assert (check(any_town).looking_in, look_ins(any_town)) == ("nobody", [(0, "no_answer"), (1, "no_answer")])


def test_who_goes_and_looks_is_rung_again_and_not_for_ever(town: Town) -> None:
    morning(town)
    unanswered(town)
    asked_at = town.clock.now
    assert [look_in(town, Looked.GOING) for _ in range(3)] == [SON] * 3
    assert town.clock.now - asked_at == timedelta(minutes=30)
    assert look_in(town, Looked.WELL) == NEIGHBOUR


def test_a_contact_with_the_elders_own_telephone_is_not_rung(town: Town) -> None:
    elder_id = morning(town)
    own = {"number": WANG.number, "number_index": town.cipher.number_index(WANG.number)}
    with town.unit_of_work() as session:
        session.execute(update(Contact).where(Contact.elder_id == elder_id).values(**own))
    unanswered(town)
    assert (check(town).looking_in, look_ins(town)) == ("nobody", [])
