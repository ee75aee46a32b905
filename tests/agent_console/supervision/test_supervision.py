"""Pages of those who oversee."""

from __future__ import annotations

from datetime import timedelta

from db.demo import DEMO
from db.models import Order
from routing.calls.journey import CallFacts, Journey
from tests.agent_console.console import Desk, csrf

NUMBER = DEMO.wang.phones[0][0]
DIALLED = NUMBER.replace("+86", "0")


def begin(desk: Desk, name: str = "c1") -> Journey:
    """Write a call of 王桂兰 with two steps."""
    services = desk.services
    at = services.clock() - timedelta(seconds=75)
    journey = Journey(services.unit_of_work, services.redis)
    journey.began(CallFacts(name, "a", "inbound", "12349", at.timestamp(), NUMBER, desk.elder_id()))
    journey.note(name, "welcome.greeted")
    return journey


def test_calls_are_listed_with_masked_numbers(desk: Desk) -> None:
    begin(desk)
    page = desk.logged_in("supervisor").get("/supervisor/calls").get_data(as_text=True)
    assert f"***{NUMBER[-4:]}" in page and DIALLED not in page


def test_a_call_is_shown_step_by_step(desk: Desk) -> None:
    journey = begin(desk)
    journey.note("c1", "ticket.offered", "1001: elder waited 3 s; knows the caller; 1001 idle 9 s")
    journey.ended("c1", "self_served")
    page = desk.logged_in("supervisor").get("/supervisor/calls/c1").get_data(as_text=True)
    assert DIALLED in page
    assert "1001: elder waited 3 s; knows the caller; 1001 idle 9 s" in page, "why this agent is shown"
    assert page.index("call.began") < page.index("welcome.greeted") < page.index("call.self_served")
    assert "+1:15" in page and "问候" in page
    masked = desk.logged_in("auditor").get("/supervisor/calls/c1").get_data(as_text=True)
    assert DIALLED not in masked and f"***{NUMBER[-4:]}" in masked


def test_a_call_that_is_not_there(desk: Desk) -> None:
    answer = desk.logged_in("supervisor").get("/supervisor/calls/none")
    assert answer.status_code == 404 and "没有找到" in answer.get_data(as_text=True)


def test_lists_go_on_to_older_pages(desk: Desk) -> None:
    for number in range(60):
        begin(desk, f"c{number:02}")
    client = desk.logged_in("supervisor")
    first = client.get("/supervisor/calls").get_data(as_text=True)
    assert first.count("/supervisor/calls/c") == 50
    older = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(older).get_data(as_text=True).count("/supervisor/calls/c") == 10


def test_orders_by_state_and_with_history(desk: Desk) -> None:
    order = desk.services.orders.place(desk.elder_id(), desk.item_id(), key="k", source="voice", note="少盐")
    client = desk.logged_in("supervisor")
    assert order.number in client.get("/supervisor/orders").get_data(as_text=True)
    assert order.number not in client.get("/supervisor/orders?state=cancelled").get_data(as_text=True)
    page = client.get(f"/supervisor/orders/{order.id}").get_data(as_text=True)
    assert DEMO.wang.name in page and "少盐" in page and "待派单" in page
    masked = desk.logged_in("auditor").get(f"/supervisor/orders/{order.id}").get_data(as_text=True)
    assert DEMO.wang.name not in masked and "少盐" not in masked
    with desk.services.reading() as work:
        assert work.get_one(Order, order.id).state == "requested"


def test_a_case_is_closed_with_an_outcome_and_not_without(desk: Desk) -> None:
    case = desk.services.cases.open("sos-c1", "sos", note="一键呼叫")
    client = desk.logged_in("supervisor")
    assert "一键呼叫" in client.get("/supervisor").get_data(as_text=True)
    token = csrf(client, "/supervisor")
    path = f"/supervisor/cases/{case.id}/close"
    said = {"csrf_token": token, "result": "false_alarm"}
    assert client.post(path, data={**said, "outcome": "  "}).status_code == 422
    assert client.post(path, data={"csrf_token": token, "outcome": "平安"}).status_code == 422
    assert client.post(path, data={**said, "outcome": "平安"}).status_code == 302
    assert client.post(path, data={**said, "outcome": "平安"}).status_code == 409
    assert "没有未结的个案" in client.get("/supervisor").get_data(as_text=True)


def test_the_wallboard_stands_without_redis_s_tickets(desk: Desk) -> None:
    page = desk.logged_in("supervisor").get("/supervisor").get_data(as_text=True)
    assert "没有人在排队" in page
