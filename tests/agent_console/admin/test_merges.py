"""Merging on the page: both records side by side, merged by a person, found as one, and parted again."""

from __future__ import annotations

from sqlalchemy import select

from db.demo import DEMO
from db.elders_import.rows import ElderRow
from db.elders_import.writing import write_batch
from db.models import AuditEntry, Elder, ElderPhone, Order
from tests.agent_console.console import Desk, csrf

PAGE = "/admin/merges"


def test_two_records_become_one_and_two_again(desk: Desk) -> None:
    kept, gone = desk.elder_id(), desk.elder_id(DEMO.quiet.code)
    placed = desk.services.orders.place(gone, desk.item_id(), key="k", source="voice")
    client = desk.logged_in("administrator")
    form = {"csrf_token": csrf(client, PAGE), "kept": DEMO.wang.code, "gone": DEMO.quiet.code}
    shown = client.post(f"{PAGE}/preview", data=form).get_data(as_text=True)
    assert DEMO.wang.name in shown and DEMO.quiet.name in shown and "orders 1" in shown
    assert client.post(PAGE, data={**form, "take": "health_notes"}).status_code == 302
    with desk.services.reading() as work:
        assert work.get_one(Order, placed.id).elder_id == kept
        assert work.get_one(Elder, gone).state == "merged"
        numbers = set(work.scalars(select(ElderPhone.number).where(ElderPhone.elder_id == kept)))
        assert {number for number, _ in (*DEMO.wang.phones, *DEMO.quiet.phones)} <= numbers
    found = desk.logged_in("agent")
    page = found.post("/desk/search", data={"csrf_token": csrf(found, "/desk"), "wanted": DEMO.quiet.name})
    assert DEMO.quiet.code not in page.get_data(as_text=True), "nobody finds the old one by name"
    assert client.post(PAGE, data=form).status_code == 409
    assert f"{PAGE}/1/undo" in client.get(PAGE).get_data(as_text=True)
    assert client.post(f"{PAGE}/1/undo", data=form).status_code == 302
    assert client.post(f"{PAGE}/1/undo", data=form).status_code == 409
    with desk.services.reading() as work:
        assert (work.get_one(Order, placed.id).elder_id, work.get_one(Elder, gone).state) == (gone, "active")
        actions = list(work.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"elder:{kept}")))
    assert actions == ["elder.merged", "elder.parted"]


def test_an_import_does_not_bring_the_old_record_back_to_life(desk: Desk) -> None:
    kept, gone = desk.elder_id(), desk.elder_id(DEMO.quiet.code)
    client = desk.logged_in("administrator")
    form = {"csrf_token": csrf(client, PAGE), "kept": DEMO.wang.code, "gone": DEMO.quiet.code}
    assert client.post(PAGE, data=form).status_code == 302
    row = ElderRow(2, DEMO.quiet.code, {"name": DEMO.quiet.name, "state": "active"}, {DEMO.quiet.phones[0][0]: "home"})
    with desk.services.unit_of_work() as work:
        written = write_batch(work, desk.services.cipher, [row])
    assert (written.added, written.changed, written.unchanged) == (0, 0, 1)
    with desk.services.reading() as work:
        assert work.get_one(Elder, gone).state == "merged"
        assert work.scalars(select(ElderPhone.id).where(ElderPhone.elder_id == gone)).all() == []
        assert work.get_one(Elder, kept).state == "active"


def test_who_is_not_there_is_said_in_words(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    form = {"csrf_token": csrf(client, PAGE), "kept": "nobody", "gone": DEMO.quiet.code}
    answer = client.post(f"{PAGE}/preview", data=form)
    assert answer.status_code == 422 and "没有这个登记号：nobody" in answer.get_data(as_text=True)
    assert client.post(f"{PAGE}/99/undo", data=form).status_code == 404
