"""What a company's user sees: the own company's orders, visits, scorecard and statements, and nothing of another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from db.demo import DEMO
from db.models import AuditEntry, Company, Elder, Order, User, Visit, Worker
from tests.agent_console.console import Desk, csrf


def order_of(desk: Desk, company_id: int, state: str, key: str) -> str:
    placed = desk.services.orders.place(desk.elder_id(), desk.item_id(), key=key, source="voice")
    now = desk.services.clock()
    with desk.services.unit_of_work() as work:
        order = work.get_one(Order, placed.id)
        order.state, order.company_id = state, company_id
        worker = work.scalars(select(Worker).where(Worker.company_id == company_id)).first()
        if state == "done" and worker is not None:
            work.add(
                Visit(
                    order_id=order.id, worker_id=worker.id, elder_id=order.elder_id, in_verified=True, in_from="elder",
                    checked_in_at=now - timedelta(minutes=1), out_verified=False,
                )
            )  # fmt: skip
        return order.number


@pytest.fixture
def companies(desk: Desk) -> list[int]:
    with desk.services.reading() as work:
        ids = list(work.scalars(select(Company.id).order_by(Company.id)))
        own = work.scalars(select(User.company_id).where(User.login == "company")).one()
    return [own, next(each for each in ids if each != own)] if own else ids


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    return desk.logged_in("company")


def test_own_orders_and_no_others(desk: Desk, client: FlaskClient, companies: list[int]) -> None:
    mine = order_of(desk, companies[0], "accepted", "a")
    other = order_of(desk, companies[1], "accepted", "b")
    assert client.get("/").location == "/company"
    page = client.get("/company").get_data(as_text=True)
    assert mine in page and other not in page


def test_a_home_is_shown_while_somebody_goes_there_and_each_look_is_written_down(
    desk: Desk, client: FlaskClient, companies: list[int]
) -> None:
    with desk.services.reading() as work:
        elder = work.scalars(select(Elder).where(Elder.code == DEMO.wang.code)).one()
    assert elder.address
    order_of(desk, companies[0], "done", "a")
    page = client.get("/company").get_data(as_text=True)
    assert elder.name not in page and elder.address not in page and elder.name[:1] + "**" in page
    order_of(desk, companies[0], "accepted", "b")
    page = client.get("/company").get_data(as_text=True)
    assert elder.name in page and elder.address in page and elder.code not in page
    with desk.services.reading() as work:
        seen = work.scalars(select(AuditEntry).where(AuditEntry.action == "provider.homes_seen")).all()
    assert [(each.actor, each.detail) for each in seen] == [(f"user:{desk.user_id('company')}", f"elder:{elder.id}")]


def test_visits_scorecard_and_statement_are_the_own_ones(desk: Desk, client: FlaskClient, companies: list[int]) -> None:
    mine, other = order_of(desk, companies[0], "done", "a"), order_of(desk, companies[1], "done", "b")
    page = client.get("/company/visits").get_data(as_text=True)
    assert mine in page and other not in page
    assert client.get("/company/scorecard").status_code == 200
    assert client.get("/company/scorecard.svg").mimetype == "image/svg+xml"
    month = f"{desk.services.prices.today():%Y-%m}"
    token = csrf(client, "/company/statement")
    sheet = client.post("/company/statement", data={"csrf_token": token, "month": month, "form": "csv"})
    assert sheet.status_code == 200 and DEMO.wang.name not in sheet.get_data(as_text=True)
    assert client.post("/company/statement", data={"csrf_token": token, "month": "x", "form": "csv"}).status_code == 422
    assert (
        client.post("/company/statement", data={"csrf_token": token, "month": month, "form": "exe"}).status_code == 400
    )


def test_without_a_company_nothing_is_shown(desk: Desk, client: FlaskClient, companies: list[int]) -> None:
    with desk.services.unit_of_work() as work:
        work.execute(update(Company).where(Company.id == companies[0]).values(active=False))
    for path in ("/company", "/company/visits", "/company/scorecard", "/company/statement"):
        assert client.get(path).status_code == 403
