"""Companies and workers on the page: changed unless somebody else did, ended and let back, PINs that are told once."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Company, Order, Worker
from tests.agent_console.console import Desk, csrf


def company(desk: Desk) -> tuple[int, int]:
    with desk.services.reading() as work:
        worker = work.scalars(select(Worker).where(Worker.code == DEMO.worker.code)).one()
        return worker.company_id, worker.id


def filled(client: FlaskClient, page: str) -> dict[str, object]:
    shown = client.get(page).get_data(as_text=True)
    shown = shown[shown.index('id="company"') : shown.index("</fieldset>")]
    form: dict[str, object] = {}
    for tag in re.findall(r"<input(?![^>]*checkbox)[^>]*>", shown):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            form[name[1]] = html.unescape(value[1]) if value else ""
    form["items"] = re.findall(r'name="items" value="([^"]+)" checked', shown)
    return form


def test_a_company_is_changed_and_its_history_tells_from_what_to_what(desk: Desk) -> None:
    client, (number, _) = desk.logged_in("administrator"), company(desk)
    page = f"/admin/companies/{number}"
    form = filled(client, page)
    assert client.post(page, data=form).status_code == 302
    changed = {
        **form,
        "districts": "城关，七里河",
        "open_from": "08:30",
        "daily_capacity": "12",
        "phone": "0931 8765432",
    }
    assert client.post(page, data=changed).status_code == 302
    with desk.services.reading() as work:
        row = work.get_one(Company, number)
        assert (row.districts, row.open_from, row.daily_capacity, row.phone) == (
            "城关,七里河",
            510,
            12,
            "+869318765432",
        )
        assert {each.item.code for each in row.items} == set(form["items"])  # type: ignore[call-overload]
        trace = work.scalars(select(AuditEntry.detail).where(AuditEntry.action == "provider.changed")).one()
    assert "daily_capacity: " in trace and "-> 12" in trace and "8765432" not in trace
    answer = client.post(page, data={**form, "daily_capacity": "50"})
    assert answer.status_code == 409 and "别人刚刚改了" in answer.get_data(as_text=True)
    with desk.services.reading() as work:
        assert work.get_one(Company, number).daily_capacity == 12
    now = filled(client, page)
    for wrong in ({"open_from": "8"}, {"open_from": "20:00", "open_until": "08:00"}, {"items": []}, {"latitude": ""},
                  {"radius_km": "nan"}, {"phone": "12"}, {"daily_capacity": "x"}, {"seen": "{}"}):  # fmt: skip
        assert client.post(page, data={**now, **wrong}).status_code == 422, wrong


def pin_of(answer: str) -> str:
    found = re.search(r'id="told">(\d{6})<', answer)
    assert found, "the PIN is shown in the answer that made it"
    return found[1]


def test_a_pin_is_told_once_and_names_its_worker(desk: Desk) -> None:
    client, (number, _) = desk.logged_in("administrator"), company(desk)
    page = f"/admin/companies/{number}"
    form = {"csrf_token": csrf(client, page), "code": "W-77", "name": "新护理员", "phone": "13931000099"}
    pin = pin_of(client.post(f"{page}/worker", data=form).get_data(as_text=True))
    assert pin not in client.get(page).get_data(as_text=True)
    index = desk.services.cipher.pin_index
    with desk.services.reading() as work:
        row = work.scalars(select(Worker).where(Worker.code == "W-77")).one()
        assert row.pin_index == index(pin) and row.active
        assert not any(pin in each for each in work.scalars(select(AuditEntry.detail)))
    assert client.post(f"{page}/worker", data=form).status_code == 409
    other = pin_of(client.post(f"/admin/companies/workers/{row.id}/pin", data=form).get_data(as_text=True))
    with desk.services.reading() as work:
        assert work.get_one(Worker, row.id).pin_index == index(other) != index(pin)


def test_ended_with_the_orders_of_nobody_and_let_back(desk: Desk) -> None:
    services, client, (number, worker) = desk.services, desk.logged_in("administrator"), company(desk)
    page = f"/admin/companies/{number}"
    form = {"csrf_token": csrf(client, page), "reason": "合同到期", "name": "改名", "phone": "13931000088"}
    order = services.orders.place(desk.elder_id(), desk.item_id(), key="k", source="desk", actor="user:1")
    with services.unit_of_work() as work:
        row = work.get_one(Order, order.id)
        row.state, row.company_id, row.worker_id = "accepted", number, worker
    for what in (f"{page}/end", f"/admin/companies/workers/{worker}/end"):
        answer = client.post(what, data=form)
        assert answer.status_code == 409 and order.number in answer.get_data(as_text=True)
    with services.unit_of_work() as work:
        work.get_one(Order, order.id).state = "cancelled"
    assert client.post(f"/admin/companies/workers/{worker}/change", data=form).status_code == 302
    assert client.post(f"{page}/end", data=form).status_code == 302
    assert client.post(f"{page}/end", data=form).status_code == 409
    with services.reading() as work:
        row_, who = work.get_one(Company, number), work.get_one(Worker, worker)
        assert (row_.active, who.active, who.name) == (False, False, "改名")
    assert client.post(f"/admin/companies/workers/{worker}/resume", data=form).status_code == 409, "the company first"
    assert client.post(f"{page}/resume", data=form).status_code == 302
    assert pin_of(client.post(f"/admin/companies/workers/{worker}/resume", data=form).get_data(as_text=True))
    for what in (f"{page}/nothing", "/admin/companies/999/end", "/admin/companies/workers/999/pin"):
        assert client.post(what, data=form).status_code == 404, what


def test_what_is_offered_goes_on_to_others(desk: Desk) -> None:
    services, client = desk.services, desk.logged_in("administrator")
    order = services.orders.place(desk.elder_id(), desk.item_id(), key="k", source="desk", actor="user:1")
    services.dispatch.offer_next(order.id)
    with services.reading() as work:
        offered = [each for each in work.scalars(select(Company.id)) if services.suspensions.offered_to(each)]
    assert offered
    form = {"csrf_token": csrf(client, f"/admin/companies/{offered[0]}"), "reason": "停业"}
    assert client.post(f"/admin/companies/{offered[0]}/end", data=form).status_code == 302
    assert not services.suspensions.offered_to(offered[0])
