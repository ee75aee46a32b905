"""Plans on the page and in the API, and orders that are asked back before they are placed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from db.demo import DEMO
from db.models import AuditEntry, Company, Order, OrderPlan, Worker
from tests.agent_console.console import Desk, csrf
from tests.agent_console.desk.test_desk import orders, post
from tests.agent_console.test_api import place


def tomorrow(desk: Desk) -> str:
    return str(desk.services.clock().astimezone(desk.services.settings.zone).date() + timedelta(days=1))


def form_of(desk: Desk, **fields: Any) -> dict[str, Any]:
    return {
        "item": desk.item_id(), "every": "WEEKLY", "day": ["MO", "TH"], "times": "11:30", "starts": tomorrow(desk),
        "holidays": "skip", "key": "0123456789abcdef", **fields,
    }  # fmt: skip


def send(desk: Desk, path: str, role: str = "agent", **body: Any) -> Any:
    headers = {**desk.bearer(role), "Idempotency-Key": "key-00001"}
    return desk.anonymous().post(f"/api/v1/{path}", json=body, headers=headers)


def wish(desk: Desk, **fields: Any) -> dict[str, Any]:
    return {"item_id": desk.item_id(), "rule": "FREQ=DAILY", "times": "11:30", "starts_on": tomorrow(desk), **fields}


def test_an_agent_makes_a_plan_after_looking_at_its_dates(desk: Desk) -> None:
    client, path = desk.logged_in("agent"), f"/desk/elders/{desk.elder_id()}/plans"
    form = form_of(desk) | {"csrf_token": csrf(client, path)}
    shown = client.post(path, data=form | {"preview": "1"}).get_data(as_text=True)
    assert shown.count("<time>") == 10 and "星期一" in shown and "checked" in shown
    with desk.services.reading() as work:
        assert not work.scalars(select(OrderPlan)).all()
    made = client.post(path, data=form, follow_redirects=True).get_data(as_text=True)
    assert "计划已建立" in made and "FREQ=WEEKLY;BYDAY=MO,TH" in made
    client.post(path, data=form)
    with desk.services.reading() as work:
        (plan,) = work.scalars(select(OrderPlan)).all()
        assert plan.holidays == "skip"
        assert work.scalar(select(AuditEntry.detail).where(AuditEntry.action == "plan.created")) == f"plan:{plan.id} v1"
    refused = client.post(path, data=form | {"times": "noon"})
    assert refused.status_code == 422 and "时间写成" in refused.get_data(as_text=True)
    assert path in client.get(f"/desk/record?elder={desk.elder_id()}").get_data(as_text=True)


def test_a_plan_is_paused_skipped_and_ended_on_its_page(desk: Desk) -> None:
    plan = send(desk, "plans", **wish(desk), elder_id=desk.elder_id()).get_json()
    client, path = desk.logged_in("agent"), f"/desk/plans/{plan['id']}"
    form = {"csrf_token": csrf(client, path), "first": tomorrow(desk), "why": "住院"}
    assert "暂停：住院" in client.post(f"{path}/pause", data=form, follow_redirects=True).get_data(as_text=True)
    stale = client.post(f"{path}/resume", data=form | {"version": 1}, follow_redirects=True).get_data(as_text=True)
    assert "刚刚被别人改过" in stale
    assert "已保存" in client.post(f"{path}/resume", data=form, follow_redirects=True).get_data(as_text=True)
    assert "跳过" in client.post(f"{path}/skip", data=form, follow_redirects=True).get_data(as_text=True)
    assert "已结束" in client.post(f"{path}/end", data=form, follow_redirects=True).get_data(as_text=True)
    assert client.get("/desk/plans/999").status_code == 404
    assert desk.logged_in("auditor").get(path).status_code == 403


def plan_orders(desk: Desk) -> list[tuple[int, str, int, str]]:
    """Orders of plans that stand: id, local time, quantity, state."""
    zone = desk.services.settings.zone
    return [
        (each.id, f"{each.due_at.astimezone(zone):%H:%M}", each.quantity, each.state)
        for each in orders(desk)
        if each.state != "cancelled"
    ]


def test_what_a_plan_wants_is_changed_on_its_page(desk: Desk) -> None:
    """Dates are shown before they count; what a company was asked for stays, what nobody was asked for is made anew."""
    plan = send(desk, "plans", **wish(desk, note="少盐"), elder_id=desk.elder_id()).get_json()
    first = plan_orders(desk)[0]
    desk.services.dispatch.offer_next(first[0])
    client, path = desk.logged_in("agent"), f"/desk/plans/{plan['id']}"
    page = client.get(path).get_data(as_text=True)
    assert '<option value="DAILY" selected>' in page and 'value="11:30"' in page and 'value="少盐"' in page
    form = form_of(desk, every="DAILY", times="12:15", quantity="2", note="多盐", company="1", holidays="usual")
    form |= {"csrf_token": csrf(client, path), "version": "1", "worker": ""}
    shown = client.post(f"{path}/wish", data=form | {"preview": "1"}).get_data(as_text=True)
    assert shown.split('id="would"')[1].count("12:15") >= 10 and "多盐" in shown
    assert {each[1] for each in plan_orders(desk)} == {"11:30"}, "looking changes nothing"
    saved = client.post(f"{path}/wish", data=form, follow_redirects=True).get_data(as_text=True)
    assert "已保存" in saved and "2 次" in saved and DEMO.company.name in saved
    stands = plan_orders(desk)
    assert (stands[0][1:], len(stands)) == (("11:30", 1, "offered"), 3)
    assert {each[1:] for each in stands[1:]} == {("12:15", 2, "requested")}
    stale = client.post(f"{path}/wish", data=form)
    assert stale.status_code == 409 and "刚刚被别人改过" in stale.get_data(as_text=True)
    usual = form | {"version": "2", "quantity": ""}
    assert "已保存" in client.post(f"{path}/wish", data=usual, follow_redirects=True).get_data(as_text=True)
    assert {each[2] for each in plan_orders(desk)[1:]} == {1}, "back to the usual quantity, made anew"
    with desk.services.reading() as work:
        changed = work.scalars(select(AuditEntry.detail).where(AuditEntry.action == "plan.changed")).all()
    assert changed == [f"plan:{plan['id']} v2", f"plan:{plan['id']} v3"]


def test_what_no_plan_can_be_is_refused_in_words_on_its_page(desk: Desk) -> None:
    plan = send(desk, "plans", **wish(desk), elder_id=desk.elder_id()).get_json()
    client, path = desk.logged_in("agent"), f"/desk/plans/{plan['id']}"
    form = form_of(desk, every="DAILY", holidays="usual") | {"csrf_token": csrf(client, path), "version": "1"}
    with desk.services.reading() as work:
        stranger = work.scalars(select(Worker.id).where(Worker.company_id != 1)).first()
    for wrong, says in (
        ({"every": "RULE", "rule": "FREQ=SECONDLY"}, "日期规则"), ({"times": "noon"}, "时间写成"),
        ({"starts": ""}, "填得不对"),
        ({"quantity": "99"}, "请填 1 到 20 次"), ({"quantity": "1.5"}, "整次数"), ({"quantity": "x"}, "数量写得不对"),
        ({"item": "999999"}, "没有找到您选的内容"), ({"ends": "2020-01-01"}, "过去了，或早于开始"),
        ({"company": "1", "worker": str(stranger)}, "是别家服务商的"),
    ):  # fmt: skip
        refused = client.post(f"{path}/wish", data=form | wrong)
        page = refused.get_data(as_text=True)
        assert refused.status_code == 422 and re.search(says, page), wrong
        assert 'role="alert"' in page
    assert send(desk, f"plans/{plan['id']}/end", why="x").status_code == 200
    assert client.post(f"{path}/wish", data=form | {"version": "2"}).status_code == 409
    assert 'id="wish"' not in client.get(path).get_data(as_text=True)
    assert client.post("/desk/plans/99999/wish", data=form).status_code == 404


def test_plans_of_the_api(desk: Desk) -> None:
    first = send(desk, "plans", **wish(desk, note="少盐"), elder_id=desk.elder_id())
    again = send(desk, "plans", **wish(desk), elder_id=desk.elder_id())
    assert first.status_code == again.status_code == 201
    plan = first.get_json()
    path = f"plans/{plan['id']}"
    moved = send(desk, f"{path}/pause", first=tomorrow(desk), last=tomorrow(desk), why="住院").get_json()
    assert (moved["version"], moved["pauses"][0]["why"]) == (2, "住院")
    stale = send(desk, path, **wish(desk), version=1)
    assert (stale.status_code, stale.get_json()["type"]) == (409, "urn:elderline:problem:plan_changed")
    bad = send(desk, "plans/preview", **wish(desk, rule="FREQ=SECONDLY"))
    assert (bad.status_code, bad.get_json()["type"]) == (422, "urn:elderline:problem:bad_rule")
    assert "DAILY" in bad.get_json()["detail"]
    headers = desk.bearer("auditor")
    shown = desk.anonymous().get(f"/api/v1/{path}", headers=headers).get_json()
    assert (shown["note"], shown["pauses"][0]["why"]) == ("***", "***")
    found = desk.anonymous().get(f"/api/v1/{path}/dates?count=3", headers=headers).get_json()
    assert [each["reason"] for each in found["items"] if each["due_at"] is None] == ["paused: 住院"]
    assert send(desk, f"{path}/end", role="auditor", why="x").status_code == 403
    assert send(desk, f"{path}/end", why="moves away").get_json()["state"] == "ended"
    assert send(desk, f"{path}/resume").status_code == 409


def test_the_same_within_ten_minutes_is_asked_back_by_the_api(desk: Desk) -> None:
    first = place(desk).get_json()
    second = place(desk, key="key-00002")
    problem = second.get_json()
    assert (second.status_code, problem["type"]) == (409, "urn:elderline:problem:looks_doubled")
    assert (problem["order_number"], problem["order_id"]) == (first["number"], first["id"])
    assert "confirm_repeat" in problem["detail"]
    assert place(desk, key="key-00002", confirm_repeat=True).status_code == 201
    assert len(orders(desk)) == 2


def test_the_same_within_ten_minutes_is_asked_back_at_the_desk(desk: Desk) -> None:
    client = desk.logged_in("agent")
    form = {"elder": desk.elder_id(), "item": desk.item_id(), "due": "", "note": "少盐", "told": "0"}
    post(client, "/desk/orders", **form, key="0123456789abcdef")
    asked = post(client, "/desk/orders", **form, key="fedcba9876543210")
    assert asked.status_code == 200
    assert f"一样的工单 {orders(desk)[0].number}" in asked.get_data(as_text=True)
    assert 'name="confirm_repeat" value="1"' in asked.get_data(as_text=True)
    assert len(orders(desk)) == 1
    plain = client.post("/desk/orders", data={"csrf_token": csrf(client, "/desk"), **form, "key": "fedcba9876543210"})
    assert plain.status_code == 409 and "order-again" in plain.get_data(as_text=True)
    confirmed = post(client, "/desk/orders", **form, key="fedcba9876543210", confirm_repeat="1")
    assert "已下单" in confirmed.get_data(as_text=True)
    assert len(orders(desk)) == 2


def test_what_no_company_serves_is_asked_back_and_placed_if_wanted(desk: Desk) -> None:
    with desk.services.unit_of_work() as work:
        work.execute(update(Company).values(districts="天涯"))
    refused = place(desk)
    assert (refused.status_code, refused.get_json()["type"]) == (409, "urn:elderline:problem:nobody_serves")
    assert DEMO.wang.district in refused.get_json()["detail"]
    client = desk.logged_in("agent")
    form = {"elder": desk.elder_id(), "item": desk.item_id(), "key": "0123456789abcdef"}
    assert "没有服务商服务" in post(client, "/desk/orders", **form).get_data(as_text=True)
    assert place(desk, place_anyway=True).status_code == 201


def test_times_that_are_past_or_absurdly_far_are_refused_and_the_same_key_stays_the_same_order(desk: Desk) -> None:
    for due in ("2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"):
        refused = place(desk, due_at=due)
        assert (refused.status_code, refused.get_json()["type"]) == (422, "urn:elderline:problem:bad_due")
    headers = desk.bearer("agent")
    order = place(desk, headers=headers).get_json()
    with desk.services.unit_of_work() as work:
        work.get_one(Order, order["id"]).due_at = desk.services.clock() - timedelta(days=3)
    assert place(desk, headers=headers, due_at="2020-01-01T00:00:00Z").get_json()["id"] == order["id"]
