"""Overdue orders on the pages and in the API: seen by all, taken over once, audited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.models import AuditEntry, Elder, Order, ServiceItem
from routing.orders.escalation.policy import USUAL_MINUTES
from routing.orders.policy import OrderState
from tests.agent_console.console import Desk, csrf


@pytest.fixture
def number(desk: Desk) -> str:
    """An order that waited for a company a day ago, and does so still."""
    services = desk.services
    with services.reading() as work:
        elder, item = work.scalars(select(Elder.id).limit(1)).one(), work.scalars(select(ServiceItem.id).limit(1)).one()
    order = services.orders.place(elder, item, key="overdue", source="desk", actor="user:1", channel="desk")
    with services.unit_of_work() as work:
        row = work.get_one(Order, order.id)
        row.state = OrderState.UNASSIGNED.value
        row.updated_at -= timedelta(minutes=USUAL_MINUTES[OrderState.UNASSIGNED] + 20)
    assert services.escalations.sweep() == 1
    return order.number


def test_an_agent_takes_one_over_and_the_other_is_told_so(desk: Desk, number: str) -> None:
    agent, supervisor = desk.logged_in("agent"), desk.logged_in("supervisor")
    page = agent.get("/desk/overdue").get_data(as_text=True)
    assert number in page and "班长" in page and "我来处理" in page
    (stands,) = desk.services.escalations.standing()
    form = {"csrf_token": csrf(agent, "/desk/overdue")}
    page = agent.post(f"/desk/overdue/{stands.id}/take", data=form, follow_redirects=True).get_data(as_text=True)
    assert f"工单 {number} 由您处理" in page and "我来处理" not in page
    form = {"csrf_token": csrf(supervisor, "/desk/overdue")}
    assert supervisor.post(f"/desk/overdue/{stands.id}/take", data=form).status_code == 409
    with desk.services.reading() as work:
        taken = work.scalars(select(AuditEntry).where(AuditEntry.action == "order.taken_over")).all()
    assert [(row.actor, row.subject) for row in taken] == [
        (f"user:{desk.user_id('agent1')}", f"order:{stands.order_id}")
    ]


def test_the_wallboard_shows_them_and_the_case(desk: Desk, number: str) -> None:
    client = desk.logged_in("supervisor")
    page = client.get("/supervisor").get_data(as_text=True)
    assert 'id="overdue-orders"' in page and "工单超时" in page
    assert '<b id="overdue-count" class="count">1</b>' in page


def test_an_auditor_sees_and_takes_nothing(desk: Desk, number: str) -> None:
    client = desk.logged_in("auditor")
    page = client.get("/desk/overdue").get_data(as_text=True)
    assert number in page and "我来处理" not in page


def test_the_api_lists_takes_and_tells_of_what_was(desk: Desk, number: str) -> None:
    headers = desk.bearer("agent")
    client = desk.app.test_client()
    (shown,) = client.get("/api/v1/overdue", headers=headers).get_json()["items"]
    assert (shown["number"], shown["level"], shown["state"], shown["over"]) == (number, 2, "unassigned", False)
    taken = client.post(f"/api/v1/overdue/{shown['id']}/take", json={}, headers=headers).get_json()
    assert taken["taken_by"].startswith("token:")
    other = client.post(f"/api/v1/overdue/{shown['id']}/take", json={}, headers=desk.bearer("supervisor"))
    assert (other.status_code, other.get_json()["type"]) == (409, "urn:elderline:problem:moved_on")
    levels = client.get(f"/api/v1/overdue?order_id={shown['order_id']}", headers=headers).get_json()["items"]
    assert [each["level"] for each in levels] == [1, 2]
    assert client.post("/api/v1/overdue/999/take", json={}, headers=headers).status_code == 404
