"""Moves by the service: each once per key, refused with who was there before, and told to whoever was to come."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.models import Company, Offer, OrderEvent, Worker
from routing.errors import DomainError, Invalid, NotFound
from routing.orders.commands import Cancel, Close, Dispute, GiveUp, Resolve, SendBack
from routing.orders.errors import MovedMeanwhile, MoveRefused
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.routing.orders.dispatching.test_emergencies import NAMES, add_repairers
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town


def moves(town: Town, order: OrderView) -> list[str]:
    return [step.to_state for step in town.orders.history(order.id)]


def test_the_same_command_under_the_same_key_leaves_one_row(town: Town) -> None:
    order = town.accept(town.place())
    for _ in range(3):
        back = town.orders.carry_out(
            order.id, SendBack(), actor="user:2", channel="desk", reason="they are ill", key="form-1"
        )
        assert back.id == order.id
    assert moves(town, order).count("requested") == 2
    assert [row.command for row in town.rows(OrderEvent) if row.key] == ["send_back"]


def test_a_key_of_something_else_is_refused(town: Town) -> None:
    first, second = town.place(), town.place(DEMO.quiet)
    town.orders.cancel(first.id, actor="user:2", channel="desk", reason="-", key="form-1")
    with pytest.raises(Invalid, match="another move"):
        town.orders.cancel(second.id, actor="user:2", channel="desk", reason="-", key="form-1")
    with pytest.raises(Invalid, match="another move"):
        town.orders.carry_out(first.id, Close(), actor="user:2", channel="desk", key="form-1")
    assert town.orders.get(second.id).state is OrderState.OFFERED


def test_an_assignment_is_made_once_per_key_also_when_its_version_is_old_by_then(town: Town) -> None:
    order = town.orders.get(town.place().id)
    company = town.rows(Company)[2].id
    for _ in range(2):
        given = town.dispatch.assign(
            order.id, company, actor="user:2", reason="they rang", expected_version=order.version, key="a"
        )
        assert (given.state, given.company_id) == (OrderState.ACCEPTED, company)
    assert [offer.state for offer in town.rows(Offer)] == ["withdrawn"], "whoever was asked is asked no more"
    assert moves(town, order) == ["requested", "offered", "accepted"]


def test_two_act_at_once_one_wins_and_the_other_is_told_who(any_town: Town) -> None:
    order = any_town.orders.get(any_town.place().id)
    company = any_town.rows(Company)[2].id

    def act(at: int) -> OrderView:
        actor, version = f"user:{at + 1}", order.version
        if at % 2:
            return any_town.dispatch.assign(order.id, company, actor=actor, expected_version=version)
        return any_town.orders.cancel(order.id, actor=actor, channel="desk", reason="-", expected_version=version)

    ends = at_once(2, act)
    lost = [end for end in ends if isinstance(end, DomainError)]
    assert [type(end) for end in lost] == [MovedMeanwhile]
    last = any_town.rows(OrderEvent)[-1]
    name = {"user:1": "管理员", "user:2": "班长"}[last.actor]
    assert f"{name} ({last.actor}) moved it to {last.to_state}" in str(lost[0])


def test_a_refusal_without_a_version_names_who_was_there_before(town: Town) -> None:
    order = town.accept(town.place())
    with pytest.raises(MoveRefused, match=rf"is accepted \({order.company_name} \(company:{order.company_id}\)"):
        town.dispatch.assign(order.id, town.rows(Company)[1].id, actor="user:2")
    assert order.worker_id is not None
    town.visits.check_in(order.worker_id, DEMO.wang.number, "in")
    with pytest.raises(MoveRefused, match="师傅") as refused:
        town.orders.cancel(order.id, actor="user:2", channel="desk", reason="-")
    assert refused.value.to == "visiting"


def test_an_order_is_taken_from_one_company_and_given_to_another(town: Town) -> None:
    companies = add_repairers(town, 2)
    order = town.accept(town.place(item="repair"))
    other = next(each for each in companies if each != order.company_id)
    former = next(row.phone for row in town.rows(Worker) if row.id == order.worker_id)
    with pytest.raises(MoveRefused, match="say why"):
        town.dispatch.reassign(order.id, other, actor="user:2", reason="")
    given = town.dispatch.reassign(order.id, other, actor="user:2", reason="too late", key="r")
    again = town.dispatch.reassign(order.id, other, actor="user:2", reason="too late", key="r")
    assert (given.company_id, again.version) == (other, given.version)
    assert moves(town, order)[-3:] == ["accepted", "requested", "accepted"]
    assert len([text for text in town.sms_to(former) if "已改派" in text]) == 1
    assert len([text for text in town.sms_to(DEMO.wang.number) if "已安排" in text]) == 2, "others come now"
    worker = next(row.phone for row in town.rows(Worker) if row.id == given.worker_id)
    assert any(order.number in text for text in town.sms_to(worker))


def test_a_company_that_gave_an_order_up_is_not_asked_for_it_again(town: Town) -> None:
    companies = add_repairers(town, 2)
    order = town.accept(town.place(item="repair"))
    assert order.company_id is not None
    town.clock.forward(minutes=1)
    with pytest.raises(MoveRefused):
        town.orders.carry_out(order.id, GiveUp(999), actor="company:999", channel="phone_key", reason="-")
    back = town.orders.carry_out(
        order.id, GiveUp(order.company_id), actor=f"company:{order.company_id}", channel="phone_key", reason="car broke"
    )
    assert (back.company_id, back.worker_id) == (None, None)
    asked = [offer for offer in town.rows(Offer) if offer.state == "open"]
    assert [offer.company_id for offer in asked] == [each for each in companies if each != order.company_id]
    assert "given_up" in [offer.state for offer in town.rows(Offer)]
    left = {each.company_id: each.why for each in town.dispatch.ranking(order.id).left_out}
    assert left[order.company_id] == "gave_up"


def test_a_dispute_is_resolved_with_a_reason(town: Town) -> None:
    order = town.served()
    town.orders.carry_out(order.id, Dispute(), actor="user:2", channel="desk", reason="the floor is still wet")
    for refused in (Close(), Cancel(), Resolve(OrderState.RATED)):
        with pytest.raises(MoveRefused):
            town.orders.carry_out(order.id, refused, actor="user:2", channel="desk", reason="-")
    closed = town.orders.carry_out(
        order.id, Resolve(OrderState.CLOSED), actor="user:2", channel="desk", reason="they came again"
    )
    assert closed.state is OrderState.CLOSED
    assert town.rows(OrderEvent)[-1].command == "resolve closed"


def test_an_elder_s_key_cancels_nothing_when_somebody_may_be_on_the_way(town: Town) -> None:
    order = town.accept(town.place())
    town.clock.now = order.due_at.astimezone(town.clock.now.tzinfo)
    with pytest.raises(MoveRefused) as refused:
        town.orders.cancel(order.id, actor=f"elder:{order.elder_id}", channel="phone_key", reason="by key")
    assert refused.value.why == "person"
    assert town.orders.cancel(order.id, actor="user:2", channel="desk", reason="rang").state is OrderState.CANCELLED


def test_a_company_answers_through_a_person(town: Town) -> None:
    add_repairers(town, 3)
    order = town.place(item="repair")
    last = town.rows(Offer)[-1]
    with pytest.raises(NotFound, match="never offered"):
        town.dispatch.answer_for(order.id, 1, True, actor="user:3")
    taken = town.dispatch.answer_for(order.id, last.company_id, True, actor="user:3", reason="they rang us")
    assert taken.company_name in NAMES
    assert town.orders.history(order.id)[-1].channel == "desk"


def test_what_is_not_active_is_given_nothing(town: Town) -> None:
    order = town.place()
    with town.unit_of_work() as session:
        session.get_one(Company, 3).active = False
    with pytest.raises(MoveRefused, match="not active"):
        town.dispatch.assign(order.id, 3, actor="user:2")
