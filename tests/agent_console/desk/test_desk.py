"""The agent's page without a browser: what it shows, what its forms do, and what it leaves on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from db.demo import DEMO
from db.models import AuditEntry, CallRecord, Elder, Order, ServiceItem
from routing.calls.journey import CallFacts, Journey
from routing.calls.messages import COMMANDS, AgentState, SetAgentState, decode
from tests.agent_console.console import Desk, csrf
from tests.agent_console.ringing import EXTENSION, answer, put_agent, ring

NUMBER = DEMO.wang.phones[0][0]


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a form of the page, as the page's script does."""
    form = {"csrf_token": csrf(client, "/desk"), **fields}
    return client.post(path, data=form, headers={"X-Requested-With": "fetch"})


def call_of(desk: Desk, number: str, elder_id: int | None, name: str = "c1") -> None:
    """Write the record of a call, as a flow does."""
    services = desk.services
    facts = CallFacts(name, "a", "inbound", "12349", services.clock().timestamp(), number, elder_id)
    Journey(services.unit_of_work, services.redis).began(facts)


def orders(desk: Desk) -> list[Order]:
    """All orders."""
    with desk.services.reading() as work:
        return list(work.scalars(select(Order).order_by(Order.id)))


def test_the_call_in_hand_is_there_from_the_start(desk: Desk) -> None:
    call_of(desk, NUMBER, desk.elder_id())
    ring(desk.services.redis, desk.elder_id())
    assert DEMO.wang.name in desk.logged_in("agent").get("/desk").get_data(as_text=True)
    answer(desk.services.redis, desk.elder_id())
    assert DEMO.wang.name in desk.logged_in("agent").get("/desk").get_data(as_text=True)


def test_a_stranger_is_shown_with_number_and_room_for_a_note(desk: Desk) -> None:
    call_of(desk, DEMO.stranger, None)
    page = desk.logged_in("agent").get("/desk/record?call=c1").get_data(as_text=True)
    assert "未登记的来电" in page and "/desk/calls/c1/note" in page


def test_several_elders_on_one_number_are_offered_to_choose(desk: Desk) -> None:
    call_of(desk, DEMO.couple[0].phones[0][0], None)
    page = desk.logged_in("agent").get("/desk/record?call=c1").get_data(as_text=True)
    assert all(elder.name in page for elder in DEMO.couple)


def test_a_call_that_nobody_knows_is_no_fault(desk: Desk) -> None:
    client = desk.logged_in("agent")
    assert client.get("/desk/record?call=unknown").status_code == 200
    assert client.get("/desk/record?elder=999").status_code == 404
    assert client.get("/desk/record").status_code == 200


@pytest.mark.parametrize("wanted", [NUMBER, NUMBER.replace("+86", "0"), DEMO.wang.code, DEMO.wang.name])
def test_a_search_with_one_match_opens_it(desk: Desk, wanted: str) -> None:
    client = desk.logged_in("agent")
    assert DEMO.wang.address in post(client, "/desk/search", wanted=wanted).get_data(as_text=True)
    assert "没有找到" in post(client, "/desk/search", wanted="无此人").get_data(as_text=True)
    assert "没有找到" in post(client, "/desk/search", wanted="").get_data(as_text=True)


def test_the_same_form_twice_is_one_order(desk: Desk) -> None:
    client = desk.logged_in("agent")
    form = {"elder": desk.elder_id(), "item": desk.item_id(), "key": "0123456789abcdef", "due": "", "note": " 少盐 ",
            "told": "0"}  # fmt: skip
    for _ in range(2):
        assert "已下单" in post(client, "/desk/orders", **form).get_data(as_text=True)
    (order,) = orders(desk)
    assert (order.source, order.note, order.elder_pays_fen) == ("desk", "少盐", 0)


def test_an_order_for_a_time(desk: Desk) -> None:
    client, zone = desk.logged_in("agent"), desk.services.settings.zone
    due = (desk.services.clock().astimezone(zone) + timedelta(days=2)).replace(second=0, microsecond=0)
    form = {"elder": desk.elder_id(), "item": desk.item_id(), "key": "0123456789abcdef", "told": "0"}
    assert post(client, "/desk/orders", **form, due=f"{due:%Y-%m-%dT%H:%M}").status_code == 200
    assert orders(desk)[0].due_at == due


def form_of(desk: Desk, **fields: str) -> dict[str, Any]:
    return {"elder": desk.elder_id(), "item": desk.item_id(), "key": "0123456789abcdef", **fields}


def item_of(desk: Desk, code: str) -> str:
    with desk.services.reading() as work:
        return str(work.scalars(select(ServiceItem.id).where(ServiceItem.code == code)).one())


def test_the_price_is_shown_with_its_reasons_before_anything_is_ordered(desk: Desk) -> None:
    client, hours = desk.logged_in("agent"), item_of(desk, "cleaning")
    shown = post(client, "/desk/orders/quote", **form_of(desk, item=hours, quantity="2.5")).get_data(as_text=True)
    assert "每小时 40.00 元 × 150 分钟，共 100.00 元" in shown and "政府购买" in shown and "还剩 200.00 元" in shown
    assert 'name="told" value="0"' in shown and "可订 1.0 小时 到 8.0 小时" in shown
    assert orders(desk) == []
    told = post(client, "/desk/orders", **form_of(desk, item=hours, quantity="2.5", told="0"))
    assert "已下单" in told.get_data(as_text=True)
    (order,) = orders(desk)
    assert (order.quantity, order.unit, order.price_fen) == (150, "hour", 10_000)


def test_who_was_told_no_price_is_told_it_first(desk: Desk) -> None:
    client = desk.logged_in("agent")
    asked = post(client, "/desk/orders", **form_of(desk, quantity="3")).get_data(as_text=True)
    assert "这次共 45.00 元，自付 0.00 元" in asked and "单价 15.00 元 × 3" in asked
    assert 'name="told" value="0"' in asked and 'name="quantity" value="3"' in asked
    assert orders(desk) == []


def test_nobody_pays_more_than_they_were_told(desk: Desk) -> None:
    """The month's quota goes while the agent speaks: the form is asked back with the new price, and placed with it."""
    client, who = desk.logged_in("agent"), desk.elder_id()
    dear = form_of(desk, item=item_of(desk, "bathing"))
    shown = post(client, "/desk/orders/quote", **dear).get_data(as_text=True)
    assert 'name="told" value="0"' in shown
    for at in range(3):
        desk.services.orders.place(who, int(dear["item"]), key=f"else-{at}", source="voice")
    asked = post(client, "/desk/orders", **dear, told="0", confirm_repeat="1").get_data(as_text=True)
    assert "刚才说自付 0.00 元，现在自付 20.00 元" in asked and 'name="told" value="2000"' in asked
    assert len(orders(desk)) == 3
    agreed = post(client, "/desk/orders", **dear, told="2000", confirm_repeat="1").get_data(as_text=True)
    assert "已下单" in agreed
    assert orders(desk)[-1].elder_pays_fen == 2_000
    again = post(client, "/desk/orders", **dear, told="2000", confirm_repeat="1").get_data(as_text=True)
    assert "已下单" in again and len(orders(desk)) == 4, "the same form again is the same order, at its price"


@pytest.mark.parametrize(
    ("item", "quantity", "says"),
    [
        ("meal", "1.5", "整次数"), ("meal", "21", "请填 1 到 20 次"), ("meal", "0", "数量写得不对"),
        ("meal", "-1", "数量写得不对"), ("meal", "NaN", "数量写得不对"), ("meal", "1e9", "数量写得不对"),
        ("meal", "两次", "数量写得不对"), ("cleaning", "0.5", "请填 1 到 8 小时"),
        ("cleaning", "1.1", "请填 1 到 8 小时"),
        ("cleaning", "1.0001", "整刻钟"),
    ],
)  # fmt: skip
def test_quantities_that_cannot_be_ordered_are_refused_in_words(
    desk: Desk, item: str, quantity: str, says: str
) -> None:
    form = form_of(desk, item=item_of(desk, item), quantity=quantity, told="0")
    client = desk.logged_in("agent")
    for path in ("/desk/orders/quote", "/desk/orders"):
        refused = post(client, path, **form)
        assert (refused.status_code, says in refused.get_json()["detail"]) == (422, True), refused.get_json()
    assert orders(desk) == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"due": "tomorrow"}, 422), ({"due": "2020-01-01T10:00"}, 422), ({"due": "2999-01-01T10:00"}, 422),
        ({"item": "999"}, 404), ({"item": ""}, 400), ({"elder": "x"}, 400), ({"key": "short"}, 400),
    ],
)  # fmt: skip
def test_what_is_no_order_is_refused_in_words(desk: Desk, fields: dict[str, str], status: int) -> None:
    form = {"elder": desk.elder_id(), "item": desk.item_id(), "key": "0123456789abcdef", **fields}
    refused = post(desk.logged_in("agent"), "/desk/orders", **form)
    assert refused.status_code == status
    assert any("\u4e00" <= letter <= "\u9fff" for letter in refused.get_json()["detail"]), "agents read Chinese"
    assert orders(desk) == []


def test_an_order_is_cancelled_with_its_reason(desk: Desk) -> None:
    client = desk.logged_in("agent")
    post(client, "/desk/orders", elder=desk.elder_id(), item=desk.item_id(), key="0123456789abcdef", told="0")
    (order,) = orders(desk)
    path = f"/desk/orders/{order.id}/cancel"
    assert post(client, path, version=99, reason="x").status_code == 409
    assert "已取消" in post(client, path, version=order.version, reason="改主意了").get_data(as_text=True)
    assert orders(desk)[0].state == "cancelled"
    page = client.get(f"/supervisor/orders/{order.id}").get_data(as_text=True)
    assert "改主意了" in page and "已取消" in page


def test_without_the_script_a_form_leads_back_to_the_page(desk: Desk) -> None:
    client = desk.logged_in("agent")
    form = {"csrf_token": csrf(client, "/desk"), **form_of(desk)}
    asked = client.post("/desk/orders", data=form)
    assert (asked.status_code, "自付 0.00 元" in asked.get_data(as_text=True)) == (409, True)
    done = client.post("/desk/orders", data=form | {"told": "0"}, follow_redirects=True)
    assert done.request.path == "/desk"
    assert "已下单" in done.get_data(as_text=True)


def test_notes_of_calls_and_cases(desk: Desk) -> None:
    client = desk.logged_in("agent")
    call_of(desk, NUMBER, desk.elder_id())
    case = desk.services.cases.open("sos-c1", "sos", elder_id=desk.elder_id(), call_id="c1")
    assert "已保存" in post(client, "/desk/calls/c1/note", note="头晕", call="c1").get_data(as_text=True)
    page = post(client, f"/desk/cases/{case.id}/notes", note="已叫救护车", call="c1", case=case.id)
    assert "已叫救护车" in page.get_data(as_text=True)
    assert post(client, "/desk/calls/none/note", note="x").status_code == 404
    assert post(client, "/desk/cases/999/notes", note="x").status_code == 404
    with desk.services.reading() as work:
        assert work.get_one(CallRecord, "c1").agent_note == "头晕"


def test_states_are_asked_of_the_router(desk: Desk) -> None:
    client = desk.logged_in("agent")
    put_agent(desk.services.redis, AgentState.WRAP_UP)
    assert post(client, "/desk/state", state="ready").status_code == 204
    assert post(client, "/desk/state", state="talking").status_code == 400
    ((_, fields),) = desk.services.redis.xrange(COMMANDS)
    command = decode(fields[b"message"])
    assert isinstance(command, SetAgentState)
    assert (command.extension, command.state) == (EXTENSION, AgentState.READY)
    assert command.by.startswith("user:")
    assert post(desk.logged_in("supervisor"), "/desk/state", state="ready").status_code == 400, "no extension"


def test_each_look_is_on_record(desk: Desk) -> None:
    client = desk.logged_in("agent")
    client.get(f"/desk?elder={desk.elder_id()}")
    client.get(f"/desk/record?elder={desk.elder_id()}")
    with desk.services.reading() as work:
        looks = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "elder.record")
        assert work.scalar(looks) == 2
        assert work.scalar(looks.where(AuditEntry.actor == f"user:{desk.user_id(DEMO.agent.login)}")) == 2


def test_markup_stays_text(desk: Desk) -> None:
    evil = "<script>alert(1)</script>'\"{{ 7*7 }}"
    with desk.services.unit_of_work() as work:
        elder = work.get_one(Elder, desk.elder_id())
        elder.name = elder.health_notes = elder.address = elder.dialect = evil[:20]
    page = desk.logged_in("agent").get(f"/desk?elder={desk.elder_id()}").get_data(as_text=True)
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_an_elder_who_died_gets_no_order_form(desk: Desk) -> None:
    with desk.services.unit_of_work() as work:
        work.get_one(Elder, desk.elder_id()).state = "deceased"
    page = desk.logged_in("agent").get(f"/desk?elder={desk.elder_id()}").get_data(as_text=True)
    assert "已故" in page and 'id="new-order"' not in page
