"""Demand, companies and ratings, from orders that were really placed, done and rated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from db.demo import DEMO
from db.models import Company, Elder, Order, Rating, ServiceKind, Visit, Worker
from tests.agent_console.console import Desk


def made(desk: Desk, name: str, table: int) -> list[dict[str, Any]]:
    return desk.services.reports.make(name).tables[table].as_objects()


def live(desk: Desk) -> str:
    """Two orders of one elder: one is cancelled, one was done and rated twice. Give the name of its company."""
    services, elder = desk.services, desk.elder_id()
    gone = services.orders.place(elder, desk.item_id("cleaning"), key="gone", source="voice")
    services.orders.cancel(gone.id, actor=f"elder:{elder}", channel="phone_key", reason="")
    done = services.orders.place(elder, desk.item_id("meal"), key="done", source="desk")
    now = services.clock()
    with services.unit_of_work() as work:
        worker = work.scalars(select(Worker).where(Worker.code == DEMO.worker.code)).one()
        order = work.get_one(Order, done.id)
        order.state, order.company_id, order.worker_id = "rated", worker.company_id, worker.id
        order.settled_at, order.settled_price_fen, order.settled_pays_fen, order.owed_fen = now, 2000, 500, 1900
        order.due_at = now - timedelta(minutes=30)
        work.add(Visit(order_id=done.id, worker_id=worker.id, elder_id=elder, checked_in_at=now - timedelta(minutes=20),
                       checked_out_at=now, in_verified=True, out_verified=True))  # fmt: skip
        work.add(Rating(order_id=done.id, channel="call", score=2, at=now - timedelta(minutes=2)))
        work.add(Rating(order_id=done.id, channel="sms", score=5, at=now - timedelta(minutes=1)))
        return work.get_one(Company, worker.company_id).name


def test_demand_by_kind_and_district(desk: Desk) -> None:
    live(desk)
    with desk.services.reading() as work:
        district = work.get_one(Elder, desk.elder_id()).district
        registered = len(
            work.scalars(select(Elder.id).where(Elder.district == district, Elder.state == "active")).all()
        )
    kinds = made(desk, "demand", 0)
    assert sum(row["orders"] for row in kinds) == 2
    assert sum(row["cancelled"] for row in kinds) == sum(row["done"] for row in kinds) == 1
    (row,) = [row for row in made(desk, "demand", 1) if row["district"] == district]
    assert (row["elders"], row["orders"], row["per_1000"]) == (registered, 2, 2000 / registered)
    assert sum(row["orders"] for row in made(desk, "demand", 2)) == 2


def test_services_have_their_english_names_for_who_reads_english(desk: Desk) -> None:
    live(desk)
    with desk.services.reading() as work:
        kinds = {row.name: row.name_en for row in work.scalars(select(ServiceKind))}
    ordered = [row["kind"] for row in made(desk, "demand", 0)]
    client = desk.logged_in("supervisor")
    chinese = client.get("/supervisor/reports/demand").get_data(as_text=True)
    assert all(f"<td>{kind}</td>" in chinese for kind in ordered)
    english = client.get("/supervisor/reports/demand", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert all(f"<td>{kinds[kind]}</td>" in english and kind not in english for kind in ordered)


def test_companies_with_their_money(desk: Desk) -> None:
    name = live(desk)
    (row,) = [row for row in made(desk, "companies", 0) if row["company"] == name]
    assert (row["price"], row["elders_pay"], row["owed"]) == (2000, 500, 1900)
    assert (row["visits"], row["verified"], row["punctuality"]) == (1, 1.0, 1.0)
    assert (row["scores"], row["score_mean"]) == (1, 5.0)
    page = desk.logged_in("supervisor").get("/supervisor/reports/companies").get_data(as_text=True)
    assert "<td>19.00</td>" in page


def test_ratings_take_the_latest_word_and_each_channel_its_own(desk: Desk) -> None:
    name = live(desk)
    assert sum(row["scores"] for row in made(desk, "ratings", 0)) == 1
    channels = {row["channel"]: (row["scores"], row["low"]) for row in made(desk, "ratings", 1)}
    assert channels == {"call": (1, 1), "sms": (1, 0), "desk": (0, 0)}
    assert [(row["company"], row["scores"], row["score_mean"]) for row in made(desk, "ratings", 2)] == [(name, 1, 5.0)]
    assert [(row["scores"], row["low"]) for row in made(desk, "ratings", 3)] == [(1, 0)]


def test_a_company_sees_none_of_it(desk: Desk) -> None:
    client = desk.logged_in("company")
    assert client.get("/supervisor/reports/companies").status_code == 403
    headers = desk.bearer("company")
    assert desk.anonymous().get("/api/v1/reports/companies", headers=headers).status_code == 403
