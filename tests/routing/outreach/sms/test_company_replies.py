"""Companies answer offers by SMS: the same command as the key on the telephone, and what is unclear is asked back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import Case, Company, CompanyPhone, ElderPhone, Offer, OrderEvent, SmsMessage, WorkerCertificate
from routing.numbers import as_dialled
from routing.orders.policy import OrderState
from routing.outreach.sms.inbound import Received
from tests.routing.orders.dispatching.test_emergencies import add_repairers
from tests.routing.orders.test_service import at_once
from tests.routing.outreach.sms.test_inbound import asked, write
from tests.routing.town import Town

PHONE = as_dialled(DEMO.company.number)


def told(town: Town) -> list[str]:
    """What was written back, in order."""
    return [row.text for row in town.rows(SmsMessage) if row.key.startswith(("offer-answer-", "answer-"))]


def says(town: Town, text: str, sender: str = PHONE) -> Received:
    return write(town, text, sender)


@pytest.mark.parametrize("text", ["1", "接", "OK", "{number} 1", "单号{number}，接单，谢谢"])
def test_a_company_accepts_by_sms(any_town: Town, text: str) -> None:
    order = any_town.place()
    got = says(any_town, text.format(number=order.number))
    taken = any_town.orders.get(order.id)
    assert (taken.state, taken.company_id) == (OrderState.ACCEPTED, any_town.company_id())
    assert (got.state, got.order_id) == ("understood", order.id)
    (answer,) = told(any_town)
    assert order.number in answer and "归贵公司" in answer
    last = any_town.orders.history(order.id)[-1]
    assert (last.channel, last.actor) == ("sms", f"company:{any_town.company_id()}")


@pytest.mark.parametrize(("text", "reason"), [("2", ""), ("不接", ""), ("2 没人", "no_staff"), ("太远", "too_far")])
def test_a_company_declines_by_sms_and_may_say_why(town: Town, text: str, reason: str) -> None:
    order = town.place()
    says(town, text)
    (offer,) = town.rows(Offer)
    assert (offer.state, offer.decline_reason) == ("declined", reason)
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED
    assert "不派给贵公司" in told(town)[0]


def test_the_offer_says_how_to_answer(town: Town) -> None:
    order = town.place()
    (text,) = town.sms_to(DEMO.company.number)
    assert "回复1接单，2不接" in text and f"“{order.number} 1”" in text


def test_who_comes_late_is_told_who_has_it(town: Town) -> None:
    repairers = add_repairers(town, 3)
    order = town.place(item="repair")
    assert len(town.open_offers()) == 3
    winner = town.open_offers()[0][2]
    town.dispatch.answer(town.open_offers()[0][0], True, actor=f"company:{winner}", channel="phone_key")
    loser = next(each for each in repairers if each != winner)
    got = says(town, "1", f"0931555900{repairers.index(loser)}")
    assert got.state == "understood"
    assert town.orders.get(order.id).company_id == winner
    assert "已由急修" in told(town)[-1] or "已由暖阳" in told(town)[-1]
    says(town, "好的", f"0931555900{repairers.index(loser)}")
    assert len(told(town)) == 1, "it was said before"
    assert town.rows(Case) == []


def test_of_three_that_write_at_once_one_has_it_and_all_are_told(any_town: Town) -> None:
    repairers = add_repairers(any_town, 3)
    order = any_town.place(item="repair")
    at_once(3, lambda at: write(any_town, "1", f"0931555900{at}", carrier_id=f"company-{at}"))
    assert sorted(offer.state for offer in any_town.rows(Offer)) == ["accepted", "withdrawn", "withdrawn"]
    assert any_town.orders.get(order.id).company_id in repairers
    assert sum("归贵公司" in text for text in told(any_town)) == 1
    assert sum("这次不用去了" in text for text in told(any_town)) == 2


def test_the_same_message_twice_is_one_answer(town: Town) -> None:
    order = town.place()
    for _ in range(2):
        write(town, "1", PHONE, carrier_id="same")
    says(town, f"{order.number} 1")
    accepted = [row for row in town.rows(OrderEvent) if row.to_state == "accepted"]
    assert len(accepted) == 1 and len(told(town)) == 1


def test_two_offers_wait_and_a_bare_digit_is_asked_back(town: Town) -> None:
    first, second = town.place(), town.place(DEMO.quiet)
    assert says(town, "1").state == "unclear"
    assert {offer.state for offer in town.rows(Offer)} == {"open"}
    assert first.number in told(town)[0] and second.number in told(town)[0]
    says(town, f"{second.number} 1")
    assert [town.orders.get(each.id).state.value for each in (first, second)] == ["offered", "accepted"]
    says(town, "2")
    assert town.orders.get(first.id).state is OrderState.UNASSIGNED, "one is left, so it is that one"


@pytest.mark.parametrize("text", ["3", "接不接", "明天接", "12", "{number}", "234567 1"])
def test_what_is_unclear_is_answered_with_what_to_write(town: Town, text: str) -> None:
    order = town.place()
    assert says(town, text.format(number=order.number)).state == "unclear"
    assert town.rows(Offer)[0].state == "open"
    assert f"“{order.number} 1”" in told(town)[0]
    assert town.rows(Case) == []


@pytest.mark.parametrize("text", ["发票什么时候开", "王师傅今天请假"])
def test_something_else_goes_to_a_person_as_before(town: Town, text: str) -> None:
    town.place()
    says(town, text)
    assert [case.kind for case in town.rows(Case)] == ["sms"]
    assert town.rows(Offer)[0].state == "open"


def test_a_cry_for_help_or_an_opt_out_is_no_answer(town: Town) -> None:
    town.place()
    says(town, "救命 1")
    assert [case.kind for case in town.rows(Case)] == ["sos"]
    says(town, "TD")
    assert town.rows(Offer)[0].state == "open"


def test_after_the_offer_is_over_the_company_is_told(town: Town) -> None:
    order = town.place()
    town.clock.forward(minutes=11)
    town.dispatch.sweep()
    says(town, f"{order.number} 1")
    assert "已过时或取消" in told(town)[0]
    town.clock.forward(hours=30)
    says(town, "1")
    assert [case.kind for case in town.rows(Case)].count("sms") == 1, "a digit of nothing is a person's to read"


def test_a_no_after_the_yes_says_what_to_do(town: Town) -> None:
    order = town.accept(town.place())
    says(town, f"{order.number} 2")
    assert "找人工" in told(town)[0]
    assert town.orders.get(order.id).state is OrderState.ACCEPTED


def test_a_stranger_cannot_answer(town: Town) -> None:
    order = town.place()
    says(town, f"{order.number} 1", "13900001234")
    assert town.orders.get(order.id).state is OrderState.OFFERED


def test_another_telephone_of_the_company_can(town: Town) -> None:
    order = town.place()
    with town.unit_of_work() as session:
        session.add(CompanyPhone(
            company_id=town.company_id(), number="+8613911112222", label="调度",
            number_index=town.cipher.number_index("+8613911112222"),
        ))  # fmt: skip
    says(town, "1", "13911112222")
    assert town.orders.get(order.id).state is OrderState.ACCEPTED


def test_nobody_qualified_any_more_is_for_a_person(town: Town) -> None:
    order = town.place(item="bathing")
    with town.unit_of_work() as session:
        for certificate in session.scalars(select(WorkerCertificate)):
            certificate.state = "revoked"
        phone = session.get_one(Company, town.open_offers()[0][2]).phone
    says(town, "1", as_dialled(phone))
    assert "要有证书的师傅" in told(town)[0]
    assert town.orders.get(order.id).state is OrderState.OFFERED


def test_a_telephone_with_an_offer_and_a_score_to_give_is_asked_which(town: Town) -> None:
    served = town.served()
    asked(town, served)
    with town.unit_of_work() as session:
        session.add(ElderPhone(
            elder_id=served.elder_id, number=DEMO.company.number, kind="home",
            number_index=town.cipher.number_index(DEMO.company.number),
        ))  # fmt: skip
    offered = town.place(DEMO.quiet)
    assert says(town, "1").state == "unclear"
    assert offered.number in told(town)[-1] and served.number in told(town)[-1]
    assert town.orders.get(served.id).state is OrderState.DONE
    says(town, "接")
    assert town.orders.get(offered.id).state is OrderState.ACCEPTED, "a word is no score"
    says(town, f"{served.number} 5")
    assert town.orders.get(served.id).state is OrderState.RATED


def test_a_score_beside_an_offer_goes_where_it_belongs(town: Town) -> None:
    served = town.served()
    with town.unit_of_work() as session:
        session.add(ElderPhone(
            elder_id=served.elder_id, number=DEMO.company.number, kind="home",
            number_index=town.cipher.number_index(DEMO.company.number),
        ))  # fmt: skip
    town.place(DEMO.quiet)
    says(town, "5分")
    assert town.orders.get(served.id).state is OrderState.RATED
    assert town.rows(Offer)[-1].state == "open"
