"""What is done with a work order at the console: by the API and on its page, by whom, once, and in words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from db.models import Company, OrderEvent
from routing.orders.commands import Cancel
from routing.orders.views import OrderView
from tests.agent_console.console import Desk, csrf

PAGE = "/supervisor/orders"


def placed(desk: Desk, key: str = "k") -> OrderView:
    """An order that is offered to the one company that may be asked."""
    order = desk.services.orders.place(desk.elder_id(), desk.item_id(), key=key, source="voice")
    desk.services.dispatch.offer_next(order.id)
    return desk.services.orders.get(order.id)


def company_id(desk: Desk, code: str) -> int:
    with desk.services.reading() as work:
        return work.scalars(select(Company.id).where(Company.code == code)).one()


def post(desk: Desk, role: str, order: OrderView, key: str = "a-key-of-it", **body: Any) -> Any:
    headers = desk.bearer(role) | {"Idempotency-Key": key}
    return desk.anonymous().post(f"/api/v1/orders/{order.id}/moves", json=body, headers=headers)


def test_the_api_tells_and_makes_the_moves_that_are_possible(desk: Desk) -> None:
    order = placed(desk)
    shown = desk.anonymous().get(f"/api/v1/orders/{order.id}", headers=desk.bearer("supervisor")).json
    assert shown is not None
    assert set(shown["moves"]) == {"assign", "accept", "decline", "send_back", "cancel"}
    assert [offer["state"] for offer in shown["offers"]] == ["open"]
    other = company_id(desk, "C03")
    answer = post(desk, "supervisor", order, command="assign", company_id=other, reason="rang", version=order.version)
    assert answer.status_code == 200
    assert (answer.json["state"], answer.json["company_id"]) == ("accepted", other)
    assert answer.json["history"][-1]["command"] == f"assign {other}"
    assert set(answer.json["moves"]) == {"reassign", "send_back", "cancel", "dispute"}


def test_the_same_idempotency_key_moves_once(desk: Desk) -> None:
    order, headers = placed(desk), desk.bearer("supervisor") | {"Idempotency-Key": "same-key"}
    body = {"command": "cancel", "reason": "not wanted", "version": order.version}
    client = desk.anonymous()
    answers = [client.post(f"/api/v1/orders/{order.id}/moves", json=body, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    with desk.services.reading() as work:
        rows = work.scalars(select(OrderEvent).where(OrderEvent.to_state == "cancelled")).all()
    assert len(rows) == 1 and rows[0].key is not None


def test_the_second_is_told_who_was_first_and_what_became_of_it(desk: Desk) -> None:
    order = placed(desk)
    supervisor = f"user:{desk.user_id('supervisor')}"
    desk.services.orders.carry_out(order.id, Cancel(), actor=supervisor, channel="desk", reason="-")
    late = post(desk, "administrator", order, command="send_back", reason="-", version=order.version)
    assert late.status_code == 409
    assert late.json["type"].endswith("moved_meanwhile")
    assert f"班长 ({supervisor}) moved it to cancelled" in late.json["detail"]
    client = desk.logged_in("administrator")
    token = csrf(client, f"{PAGE}/{order.id}")
    form = {"csrf_token": token, "command": "send_back", "reason": "-", "version": order.version}
    page = client.post(f"{PAGE}/{order.id}/moves", data=form)
    assert page.status_code == 409
    assert f"班长 ({supervisor}) 抢先一步，工单现在是“已取消”" in page.get_data(as_text=True)


def test_what_agents_may_not_do_and_what_does_not_fit(desk: Desk) -> None:
    order = placed(desk)
    assert post(desk, "agent", order, command="send_back", reason="-").status_code == 403
    assert post(desk, "auditor", order, command="cancel").status_code == 403
    assert post(desk, "supervisor", order, command="fly").status_code == 422
    assert post(desk, "supervisor", order, command="assign").status_code == 422
    assert post(desk, "supervisor", order, command="assign", company_id=999_999).status_code == 404
    assert post(desk, "supervisor", order, command="dispute", reason="x").status_code == 409
    assert post(desk, "supervisor", order, command="send_back").status_code == 409, "without a reason"
    accepted = post(desk, "agent", order, command="accept", company_id=company_id(desk, "C01"), reason="they rang")
    assert accepted.json["state"] == "accepted"
    mine = desk.anonymous().get(f"/api/v1/orders/{order.id}", headers=desk.bearer("agent")).json
    assert mine is not None and mine["moves"] == ["cancel"]


def test_the_api_tells_why_dispatch_chose(desk: Desk) -> None:
    order = placed(desk)
    path = f"/api/v1/orders/{order.id}/decisions"
    (decision,) = desk.anonymous().get(path, headers=desk.bearer("supervisor")).json["items"]  # type: ignore[index]
    assert decision["outcome"] == "offered"
    assert [each["company_id"] for each in decision["chosen"] if each["asked"]] == [company_id(desk, "C01")]
    assert {"company_id": company_id(desk, "C02"), "why": "item", "numbers": []} in decision["left_out"]
    assert desk.anonymous().get("/api/v1/orders/999/decisions", headers=desk.bearer("agent")).status_code == 404


def test_the_page_shows_buttons_history_offers_and_reasons(desk: Desk) -> None:
    order = placed(desk)
    client = desk.logged_in("supervisor")
    page = client.get(f"{PAGE}/{order.id}").get_data(as_text=True)
    for said in ("指派给这家", "退回派单", "取消工单", "正在问：暖阳助餐服务公司", "派给 暖阳助餐服务公司", "王奶奶",
                 "等待回答", "为什么这样派", "不提供这项服务", "不服务这个街道"):  # fmt: skip
        assert said in page, said
    assert "标为有争议" not in page and "结束工单" not in page
    form = {
        "csrf_token": csrf(client, f"{PAGE}/{order.id}"), "key": "0123456789abcdef", "version": order.version,
        "command": "assign", "company": company_id(desk, "C03"), "reason": "他们有空",
    }  # fmt: skip
    for _ in range(2):  # The form sent twice, as by a double click.
        assert client.post(f"{PAGE}/{order.id}/moves", data=form).status_code == 302
    page = client.get(f"{PAGE}/{order.id}").get_data(as_text=True)
    assert page.count("指派给 百事通便民服务公司") == 1
    assert "他们有空" in page and "班长" in page and "改派给这家" in page and "已撤回" in page


def test_auditors_see_what_was_done_and_no_names_no_reasons_no_buttons(desk: Desk) -> None:
    order = placed(desk)
    desk.services.orders.cancel(order.id, actor=f"elder:{order.elder_id}", channel="phone_key", reason="女儿来了")
    page = desk.logged_in("auditor").get(f"{PAGE}/{order.id}").get_data(as_text=True)
    assert "取消" in page and "公里" not in page
    assert "女儿来了" not in page and "王奶奶" not in page
    assert 'action="/supervisor/orders' not in page
