"""The list of services on the page: added, priced, ordered, renamed, ended and offered again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.models import AuditEntry, ServiceItem
from routing.orders.errors import NotServed
from tests.agent_console.console import Desk, csrf

PAGE = "/supervisor/items"


def test_a_service_from_its_first_day_to_its_last(desk: Desk) -> None:
    client, services = desk.logged_in("supervisor"), desk.services
    with services.reading() as work:
        kind = work.scalars(select(ServiceItem.kind).where(ServiceItem.code == "meal")).one()
    form = {"csrf_token": csrf(client, PAGE), "code": "haircut", "kind": kind, "name": "上门理发", "name_en": "haircut"}
    assert client.post(PAGE, data=form).status_code == 302
    assert client.post(PAGE, data={**form, "name": "理发"}).status_code == 409
    assert client.post(PAGE, data={**form, "code": "hair"}).status_code == 409, "two of one name cannot be told apart"
    item, elder = desk.item_id("haircut"), desk.elder_id()
    assert "还没有价格" in client.get(PAGE).get_data(as_text=True)

    def place(key: str) -> int:
        return services.orders.place(
            elder, item, key=key, source="desk", actor="user:1", quantity=1, place_anyway=True
        ).id

    with pytest.raises(NotServed):
        place("too-early")
    assert client.post(f"{PAGE}/{item}/offer", data=form).status_code == 409, "nobody knows what it costs"
    tariff = {
        "csrf_token": form["csrf_token"], "item": str(item), "company": "", "unit": "piece", "yuan": "25",
        "smallest": "1", "usual": "1", "largest": "2", "from": str(services.prices.today()), "to": "", "sure": "yes",
    }  # fmt: skip
    assert client.post("/supervisor/prices/tariffs", data=tariff).status_code == 302
    assert "还没有价格" not in client.get(PAGE).get_data(as_text=True)
    assert client.post(f"{PAGE}/{item}/offer", data=form).status_code == 302
    order = place("now")
    new = {**form, "name": "理发", "name_en": "hair"}
    assert client.post(f"{PAGE}/{item}/rename", data=new).status_code == 302
    assert services.orders.get(order).item_name == "理发"
    assert client.post(f"{PAGE}/{item}/end", data=form).status_code == 302
    assert client.post(f"{PAGE}/{item}/end", data=form).status_code == 409
    with pytest.raises(NotServed):
        place("too-late")
    assert services.orders.get(order).state.value != "cancelled"
    assert client.post(f"{PAGE}/{item}/offer", data=form).status_code == 302
    place("again")
    with services.reading() as work:
        done = work.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"item:{item}"))
        assert list(done) == ["item.added", "item.offered", "item.renamed", "item.ended", "item.offered"]


def test_what_cannot_be_is_said(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(client, PAGE), "code": "x_1", "kind": "meals", "name": "某服务", "name_en": "some"}
    for wrong in ({"code": "X"}, {"name": ""}, {"name": "很" * 11}, {"name_en": ""}):
        answer = client.post(PAGE, data={**form, **wrong})
        assert answer.status_code == 422, wrong
    assert "最多 10 个字" in client.post(PAGE, data={**form, "name": "很" * 11}).get_data(as_text=True)
    assert client.post(PAGE, data={**form, "kind": "nothing"}).status_code == 404
    assert client.post(f"{PAGE}/999/rename", data=form).status_code == 404
    assert client.post(f"{PAGE}/{desk.item_id()}/what", data=form).status_code == 404
