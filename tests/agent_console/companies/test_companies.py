"""Companies on the pages and in the API: scorecards, suspensions, when they take orders, telephones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from db.demo import DEMO
from db.models import (
    AuditEntry,
    Company,
    CompanyAvailability,
    CompanyPhone,
    CompanyPin,
    CompanyStanding,
    CompanySuggestion,
    CompanySuspension,
    Offer,
    Order,
)
from routing.orders.policy import OrderState
from tests.agent_console.console import Desk, csrf

OURS = (CompanyAvailability, CompanyPhone, CompanyPin, CompanyStanding, CompanySuggestion, CompanySuspension)
PAGE = "/supervisor/companies"
NUMBER = "13900000077"


@pytest.fixture(autouse=True)
def _forgotten(desk: Desk) -> Iterator[None]:
    yield
    with desk.services.unit_of_work() as work:
        for model in OURS:
            work.execute(delete(model))


@pytest.fixture
def company(desk: Desk) -> int:
    with desk.services.reading() as work:
        return work.scalars(select(Company.id).where(Company.code == DEMO.company.code)).one()


def actions(desk: Desk) -> list[str]:
    with desk.services.reading() as work:
        return [row.action for row in work.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def order_for(desk: Desk, company: int, *, accepted: bool) -> int:
    """An order that was offered to the company, or that it has accepted."""
    services = desk.services
    placed = services.orders.place(desk.elder_id(), desk.item_id(), key=f"k-{accepted}", source="voice")
    now = services.clock()
    with services.unit_of_work() as work:
        order = work.get_one(Order, placed.id)
        order.state = "accepted" if accepted else "offered"
        order.company_id = company if accepted else None
        work.add(
            Offer(order_id=order.id, company_id=company, round=1, state="accepted" if accepted else "open",
                  offered_at=now - timedelta(minutes=5), expires_at=now + timedelta(minutes=5),
                  answered_at=now if accepted else None, reason="1.2 km")
        )  # fmt: skip
    return placed.id


def test_the_list_shows_scorecards_and_can_be_sorted(desk: Desk, company: int) -> None:
    order_for(desk, company, accepted=True)
    client = desk.logged_in("supervisor")
    page = client.get(PAGE).get_data(as_text=True)
    assert page.index("C01") < page.index("C03")
    assert "1/1" in page and "4.00" in page
    turned = client.get(f"{PAGE}?sort=-code").get_data(as_text=True)
    assert turned.index("C03") < turned.index("C01")
    for column in ("acceptance", "-answer", "punctuality", "score", "-done", "name", "nothing", "-"):
        sorted_page = client.get(f"{PAGE}?sort={column}")
        assert sorted_page.status_code == 200
    first = client.get(f"{PAGE}?sort=acceptance").get_data(as_text=True)
    assert first.index("C01") < first.index("C02"), "who has no value comes last"


def test_one_company_and_the_pictures(desk: Desk, company: int) -> None:
    order_for(desk, company, accepted=True)
    client = desk.logged_in("auditor")
    page = client.get(f"{PAGE}/{company}").get_data(as_text=True)
    assert DEMO.company.name in page and "(4 × 10 + 0) / (10 + 0) = 4.00" in page and "接单" in page
    assert DEMO.company.number[-8:] not in page, "auditors see masks"
    assert "暂停派单</button>" not in page
    for picture in (f"{PAGE}/{company}/scorecard.svg", f"{PAGE}/comparison.svg"):
        answer = client.get(picture)
        said = set(re.findall("<text[^>]*>([^<]+)</text>", answer.get_data(as_text=True)))
        assert answer.mimetype == "image/svg+xml"
        assert {"准时率 %", DEMO.company.name} <= said, "words stay words, for the browser's fonts"
    for missing in (f"{PAGE}/999", f"{PAGE}/999/scorecard.svg"):
        assert client.get(missing).status_code == 404


def test_a_supervisor_suspends_reassigns_and_lifts(desk: Desk, company: int) -> None:
    offered, accepted = (order_for(desk, company, accepted=each) for each in (False, True))
    client = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(client, PAGE), "reason": "三次投诉属实", "until": "2099-01-01"}
    page = client.post(f"{PAGE}/{company}/suspend", data=form, follow_redirects=True).get_data(as_text=True)
    assert "三次投诉属实" in page and "已接的单" in page
    orders = desk.services.orders
    assert orders.get(offered).state is OrderState.UNASSIGNED, "what was offered goes to others, and there are none"
    assert client.post(f"{PAGE}/{company}/suspend", data=form).status_code == 409
    page = client.post(f"{PAGE}/{company}/orders/{accepted}/reassign", data=form, follow_redirects=True).get_data(
        as_text=True
    )
    assert orders.get(accepted).state is OrderState.REQUESTED
    page = client.post(f"{PAGE}/{company}/lift", data=form | {"reason": "已整改"}, follow_redirects=True)
    assert "已整改" in page.get_data(as_text=True)
    assert desk.services.suspensions.now(company) is None
    told = actions(desk)
    for action in ("provider.suspended", "provider.order_taken_back", "provider.suspension_lifted"):
        assert action in told
    for bad in ({"reason": ""}, {"until": "soon"}, {"until": "2001-01-01"}, {"until": "9999-12-31"}):
        assert client.post(f"{PAGE}/{company}/suspend", data=form | bad).status_code == 422


def test_when_it_takes_orders_is_set_at_the_desk(desk: Desk, company: int) -> None:
    client = desk.logged_in("supervisor")
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    form = {"csrf_token": csrf(client, PAGE), "change": "close", "until": day}
    target = f"{PAGE}/{company}/availability"
    assert "不接单，直到" in client.post(target, data=form, follow_redirects=True).get_data(as_text=True)
    capacity = form | {"change": "capacity", "capacity": "7"}
    assert "7" in client.post(target, data=capacity, follow_redirects=True).get_data(as_text=True)
    page = client.post(target, data=form | {"change": "reopen"}, follow_redirects=True).get_data(as_text=True)
    assert "现在接单" in page
    assert desk.services.availability.now(company).capacity == 7
    for bad in ({"until": "x"}, {"change": "capacity", "capacity": "many"}, {"until": "2001-01-01"}):
        assert client.post(target, data=form | bad).status_code == 422


def test_telephones_and_pin(desk: Desk, company: int) -> None:
    client = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(client, PAGE), "number": NUMBER, "label": "夜班", "pin": "580243"}
    page = client.post(f"{PAGE}/{company}/phones", data=form, follow_redirects=True).get_data(as_text=True)
    assert NUMBER in page and "夜班" in page and str(1000 + company) in page
    (phone,) = desk.services.company_register.phones(company)
    client.post(f"{PAGE}/{company}/phones/{phone.id}/drop", data=form)
    assert desk.services.company_register.phones(company) == ()
    page = client.post(f"{PAGE}/{company}/pin", data=form, follow_redirects=True).get_data(as_text=True)
    assert "已设置" in page and "580243" not in page
    assert client.post(f"{PAGE}/{company}/pin", data=form | {"pin": "1234"}).status_code == 422
    with desk.services.reading() as work:
        details = " ".join(row.detail for row in work.scalars(select(AuditEntry)))
    assert NUMBER not in details and "580243" not in details


def test_a_new_company_and_what_is_wrong_with_one(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    new = {"code": "C77", "name": "试一试", "phone": "0931-9000377", "items": ["meal"]}
    made = client.post("/api/v1/providers", headers=headers, json=new)
    assert made.status_code == 201
    for bad, problem in (
        ({"phone": ""}, "company_unreachable"), ({"items": ["none"]}, "invalid"), ({"latitude": 99.0}, "invalid"),
    ):  # fmt: skip
        answer = client.post("/api/v1/providers", headers=headers, json=new | {"code": "C78"} | bad)
        assert (answer.status_code, answer.get_json()["type"]) == (422, f"urn:elderline:problem:{problem}")
    assert client.post("/api/v1/providers", headers=headers, json=new).status_code == 409
    with desk.services.unit_of_work() as work:
        work.delete(work.get_one(Company, made.get_json()["id"]))


def test_scorecards_through_the_api(desk: Desk, company: int) -> None:
    order_for(desk, company, accepted=True)
    client, headers = desk.anonymous(), desk.bearer("auditor")
    items = client.get("/api/v1/providers/scorecards", headers=headers).get_json()["items"]
    mine = next(each for each in items if each["id"] == company)
    assert mine["acceptance"] == {"part": 1, "of": 1, "value": 1.0, "shrunk": pytest.approx(9 / 11)}
    card = client.get(f"/api/v1/providers/{company}/scorecard?months=3", headers=headers).get_json()
    assert (len(card["months"]), card["line_code"]) == (3, str(1000 + company))
    assert card["months"][-1]["acceptance"]["part"] + card["months"][-2]["acceptance"]["part"] == 1
    for bad, status in (("999/scorecard", 404), (f"{company}/scorecard?months=0", 422)):
        assert client.get(f"/api/v1/providers/{bad}", headers=headers).status_code == status


def test_suspension_and_availability_through_the_api(desk: Desk, company: int) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    base = f"/api/v1/providers/{company}"

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"{base}/{path}", headers=headers, json=body)

    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    made = post("suspend", {"reason": "no proof", "until": until})
    assert (made.status_code, made.get_json()["reason"]) == (201, "no proof")
    assert post("suspend", {"reason": "again"}).status_code == 409
    assert post("suspend", {"reason": ""}).status_code == 422
    assert post("lift", {"reason": "shown"}).get_json()["lifted_reason"] == "shown"
    assert post("lift", {"reason": "shown"}).status_code == 404
    told = post("availability", {"closed_until": until, "capacity": 5}).get_json()
    assert (told["capacity"], told["closed_until"] is None, len(told["history"])) == (5, False, 2)
    assert post("availability", {"closed_until": None}).get_json()["closed_until"] is None
    for bad in ({}, {"capacity": -1}, {"closed_until": "2001-01-01T00:00:00+08:00"}):
        assert post("availability", bad).status_code == 422
    phone = post("phones", {"number": NUMBER}).get_json()["id"]
    assert post(f"phones/{phone}/drop", {}).status_code == 200
    assert post("pin", {"pin": "580243"}).status_code == 200
    assert client.post("/api/v1/providers/999/pin", headers=headers, json={"pin": "580243"}).status_code == 404
