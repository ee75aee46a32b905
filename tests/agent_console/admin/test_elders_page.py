"""The form of an elder's record: registered, changed, refused in plain words, and never written over unseen."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Contact, Elder, ElderPhone
from tests.agent_console.console import Desk

NEW = "/elders/new"


def filled(client: FlaskClient, page: str) -> dict[str, str]:
    """The form as a browser would send it back."""
    return read(client.get(page).get_data(as_text=True))


def read(shown: str) -> dict[str, str]:
    shown = shown[shown.index('id="elder"') :]
    form = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input(?![^>]*checkbox)[^>]*?name="([^"]+)" value="([^"]*)"', shown)
    }
    form |= {tag[1]: "1" for tag in re.finditer(r'<input type="checkbox" name="([^"]+)" value="1" checked>', shown)}
    for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', shown, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        form[name] = html.unescape(chosen[1]) if chosen else ""
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', shown, re.DOTALL):
        form[name] = html.unescape(text)
    return form


def elder(desk: Desk, code: str) -> Elder:
    with desk.services.reading() as work:
        found = work.scalars(select(Elder).where(Elder.code == code)).one()
        _ = (found.phones, found.contacts)
        return found


def test_an_agent_registers_an_elder_whom_the_line_then_knows(desk: Desk) -> None:
    client = desk.logged_in("agent")
    form = filled(client, NEW) | {
        "name": " 赵 国栋 ", "identity_number": "11010519491231002X", "address": "甘肃路 5 号",
        "phone-number-0": "139 3100 0077", "phone-kind-0": "mobile", "contact-name-0": "赵敏",
        "contact-relation-0": "女儿", "contact-number-0": "13931000078", "contact-has_key-0": "1",
        "rest": "12:30-14:00",
        "latitude": "36.06", "longitude": "103.8", "lives_alone": "1", "health_notes": "高血压",
    }  # fmt: skip
    answer = client.post(NEW, data=form)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    number = int(answer.location.rsplit("/", 1)[1])
    made = elder(desk, f"N{number:06}")
    assert (made.name, made.sex, made.birth_date, made.rest) == ("赵 国栋", "female", date(1949, 12, 31), "12:30-14:00")
    assert (made.lives_alone, made.straight_to_person, made.latitude) == (True, False, 36.06)
    assert [(each.number, each.kind) for each in made.phones] == [("+8613931000077", "mobile")]
    assert [(each.name, each.has_key, each.priority) for each in made.contacts] == [("赵敏", True, 1)]
    found = client.post("/desk/search", data={"csrf_token": form["csrf_token"], "wanted": "13931000077"})
    assert made.code in found.get_data(as_text=True)
    again = client.post(NEW, data=form)
    assert again.status_code == 409 and made.code in again.get_data(as_text=True), "the identity number is known"
    assert client.post(NEW, data={**form, "identity_number": "", "code": DEMO.wang.code}).status_code == 409


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_lost(desk: Desk) -> None:
    client = desk.logged_in("agent")
    form = filled(client, NEW) | {
        "name": "", "identity_number": "110105194912310021", "birth_date": "2099-01-01", "latitude": "91",
        "phone-number-0": "12", "contact-name-1": "无电话", "rest": "25:00-26:00", "health_notes": "写了很久",
    }  # fmt: skip
    answer = client.post(NEW, data=form)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for name in ("name", "identity_number", "birth_date", "latitude", "phone-0", "contact-1", "rest"):
        assert f'id="wrong-{name}"' in shown, name
    assert "写了很久" in shown and "位数、日期或校验码" in shown
    assert client.post(NEW, data=filled(client, NEW) | {"name": "没有电话"}).status_code == 422


def test_what_nobody_touched_stays_and_contacts_keep_their_rows(desk: Desk) -> None:
    client, number = desk.logged_in("agent"), desk.elder_id()
    before = elder(desk, DEMO.wang.code)
    with desk.services.reading() as work:
        rows = set(work.scalars(select(Contact.id).where(Contact.elder_id == number)))
    form = filled(client, f"/elders/{number}")
    assert client.post(f"/elders/{number}", data=form).status_code == 302
    after = elder(desk, DEMO.wang.code)
    assert after.updated_at == before.updated_at, "nothing was changed"
    assert (
        client.post(
            f"/elders/{number}", data={**form, "address": "新住址 1 号", "contact-relation-0": "长女"}
        ).status_code
        == 302
    )
    after = elder(desk, DEMO.wang.code)
    assert (after.address, after.health_notes, after.payer_class) == (
        "新住址 1 号",
        before.health_notes,
        before.payer_class,
    )
    with desk.services.reading() as work:
        assert set(work.scalars(select(Contact.id).where(Contact.elder_id == number))) == rows
        trace = work.scalars(select(AuditEntry).where(AuditEntry.action == "elder.changed")).one()
    assert trace.detail == "address contacts" and "新住址" not in trace.detail


def test_the_second_is_told_what_changed_and_overwrites_nothing(desk: Desk) -> None:
    """Both opened the record. What only the first changed is taken over, what both changed is shown beside it."""
    number, page = desk.elder_id(), f"/elders/{desk.elder_id()}"
    first, second = desk.logged_in("agent"), desk.logged_in("supervisor")
    one, two = filled(first, page), filled(second, page)
    assert first.post(page, data={**one, "address": "第一个人的住址", "landmarks": "药店旁"}).status_code == 302
    answer = second.post(page, data={**two, "address": "第二个人的住址", "district": "东岗"})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409 and 'id="meanwhile"' in shown
    stands = elder(desk, DEMO.wang.code)
    assert (stands.address, stands.landmarks, stands.district != "东岗") == ("第一个人的住址", "药店旁", True)
    form = read(shown)
    assert (form["address"], form["landmarks"], form["district"]) == ("第二个人的住址", "药店旁", "东岗")
    assert "第一个人的住址" in shown, "what stands is shown beside what was entered"
    assert second.post(page, data=form).status_code == 302
    stands = elder(desk, DEMO.wang.code)
    assert (stands.address, stands.landmarks, stands.district) == ("第二个人的住址", "药店旁", "东岗")
    with desk.services.reading() as work:
        assert work.scalar(select(ElderPhone.id).where(ElderPhone.elder_id == number)) is not None


def test_a_form_that_is_not_ours_changes_nothing(desk: Desk) -> None:
    client, page = desk.logged_in("agent"), f"/elders/{desk.elder_id()}"
    form = filled(client, page)
    assert client.post(page, data={**form, "seen": "none"}).status_code == 422
    assert client.post(page, data={**form, "seen": "{}", "address": "x"}).status_code == 409
    assert client.get("/elders/999999").status_code == 404


@pytest.mark.parametrize("what", ["phones", "contacts"])
def test_lists_have_a_bound(desk: Desk, what: str) -> None:
    client = desk.logged_in("agent")
    form = filled(client, NEW) | {"name": "许多"}
    for at in range(10):
        form[f"{what[:-1]}-number-{at}"] = f"1393100{at:04}"
        form[f"{what[:-1]}-name-{at}"] = f"人{at}"
    answer = client.post(NEW, data=form)
    assert answer.status_code == 422 and "最多 8 个" in answer.get_data(as_text=True)
