"""Reminders of medicine on the pages and in the API: made, ended, seen with the record, exported and audited."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Elder, MedicineDose
from tests.agent_console.console import Desk, csrf


def wang(desk: Desk) -> int:
    with desk.services.reading() as work:
        return work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()


def taken_once(desk: Desk, reminder_id: int) -> None:
    now = desk.services.clock()
    with desk.services.unit_of_work() as work:
        work.add(
            MedicineDose(
                key="medicine-test", reminder_id=reminder_id, elder_id=wang(desk), day=now.date(), due_at=now,
                state="taken", attempts=2, later=1, taken_at=now + timedelta(minutes=21),
            )
        )  # fmt: skip


def test_an_agent_makes_one_sees_what_came_of_it_exports_and_ends_it(desk: Desk) -> None:
    agent, page = desk.logged_in("agent"), f"/desk/elders/{wang(desk)}/medicine"
    form = {"csrf_token": csrf(agent, page), "at": "09:30", "consent": "elder", "text": "降压药，一片。"}
    shown = agent.post(page, data=form | {"tell_contact": "on"}, follow_redirects=True).get_data(as_text=True)
    assert "09:30" in shown and "降压药，一片。" in shown and "还没有合成" in shown and "会告诉联系人" in shown
    assert agent.post(page, data=form).status_code == 409
    assert agent.post(page, data=form | {"at": "10:30", "ends_on": "soon"}).status_code == 422
    (made,) = desk.services.reminders.of_elder(wang(desk))
    taken_once(desk, made.id)
    assert "吃了" in agent.get(page).get_data(as_text=True)
    assert "吃了" in agent.get(f"/desk/record?elder={wang(desk)}").get_data(as_text=True)
    lines = agent.get(f"{page}/export.csv").get_data(as_text=True).splitlines()
    assert lines[0].endswith("day,due_at,state,taken_at,calls,later,contact_told")
    assert ",taken," in lines[1] and lines[1].endswith(",2,1,0")
    assert agent.post(f"{page}/999/end", data=form).status_code == 404
    ended = agent.post(f"{page}/{made.id}/end", data=form, follow_redirects=True).get_data(as_text=True)
    assert "没有吃药提醒" in ended
    with desk.services.reading() as work:
        actions = set(work.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("medicine."))))
    assert actions == {"medicine.record", "medicine.made", "medicine.exported", "medicine.ended"}


def test_a_pause_is_made_and_ended_on_the_page_and_in_the_api_and_a_time_of_rest_is_refused(desk: Desk) -> None:
    agent, page = desk.logged_in("agent"), f"/desk/elders/{wang(desk)}/medicine"
    with desk.services.unit_of_work() as work:
        work.get_one(Elder, wang(desk)).rest = "12:30-14:00"
    form = {"csrf_token": csrf(agent, page), "at": "12:45", "consent": "elder"}
    refused = agent.post(page, data=form)
    assert (refused.status_code, "老人这段时间休息" in refused.get_data(as_text=True)) == (422, True)
    agent.post(page, data=form | {"at": "09:30"})
    shown = agent.post(f"{page}/pauses", data=form | {"reason": "hospital"}, follow_redirects=True)
    assert "住院" in shown.get_data(as_text=True)
    (pause,) = desk.services.reminders.pauses(wang(desk))
    ended = agent.post(f"{page}/pauses/{pause.id}/end", data=form)
    assert (ended.status_code, desk.services.reminders.pauses(wang(desk))) == (302, ())
    client, headers = desk.app.test_client(), desk.bearer("agent")
    wish = {"elder_id": wang(desk), "first": "2030-01-01", "reason": "away"}
    made = client.post("/api/v1/reminders/pauses", json=wish, headers=headers)
    assert (made.status_code, made.get_json()["items"][0]["last"]) == (201, None)
    end = f"/api/v1/reminders/pauses/{made.get_json()['items'][0]['id']}/end"
    assert client.post(end, json={"elder_id": wang(desk)}, headers=headers).status_code == 200


def test_an_auditor_sees_no_medicine(desk: Desk) -> None:
    client, headers = desk.app.test_client(), desk.bearer("agent")
    wish = {"elder_id": wang(desk), "at": "08:30", "consent": "paper", "text": "降压药"}
    made = client.post("/api/v1/reminders", json=wish, headers=headers)
    assert (made.status_code, made.get_json()["text"]) == (201, "降压药")
    seen = client.get(f"/api/v1/reminders?elder_id={wang(desk)}", headers=desk.bearer("auditor")).get_json()
    assert "降压药" not in str(seen) and len(seen["items"]) == 1
    page = desk.logged_in("auditor").get(f"/desk/elders/{wang(desk)}/medicine").get_data(as_text=True)
    assert "降压药" not in page
    assert client.post("/api/v1/reminders", json=wish | {"consent": "dog"}, headers=headers).status_code == 422
    end = f"/api/v1/reminders/{made.get_json()['id']}/end"
    assert [client.post(end, json={}, headers=headers).status_code for _ in range(2)] == [200, 409]
