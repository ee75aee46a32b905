"""The page of work lists: taken by one, done with an outcome, put off, and never done twice."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Callback, Case
from tests.agent_console.console import Desk, csrf


def shown(desk: Desk, name: str, role: str = "agent") -> str:
    return html.unescape(desk.logged_in(role).get(f"/desk/tasks?list={name}").get_data(as_text=True))


def send(desk: Desk, what: str, role: str = "agent", **form: str) -> int:
    client = desk.logged_in(role)
    return client.post(f"/desk/tasks/{what}", data={"csrf_token": csrf(client, "/desk/tasks"), **form}).status_code


def complaint(desk: Desk) -> int:
    elder = desk.elder_id(DEMO.wang.code)
    due = desk.services.clock() + timedelta(hours=4)
    return desk.services.cases.open("complaint-1", "complaint", elder_id=elder, due_at=due, note="送餐晚了").id


def listed(desk: Desk) -> int:
    now = desk.services.clock()
    with desk.services.unit_of_work() as work:
        row = Callback(
            cause="after-1", kind="after_service", flow="x", reference="1", number=DEMO.wang.number, place=None,
            elder_id=desk.elder_id(DEMO.wang.code), state="listed", due_at=now, attempts=3, last_outcome="no_answer",
            created_at=now, updated_at=now,
        )  # fmt: skip
        work.add(row)
        work.flush()
        return row.id


def test_one_takes_it_the_other_sees_who_has_it_and_cannot_do_it(desk: Desk) -> None:
    case = complaint(desk)
    page = shown(desk, "complaints")
    assert DEMO.wang.name in page and "送餐晚了" in page and "我来办" in page and "办完了" not in page
    assert send(desk, f"case/{case}/claim") == 302
    assert "我在办" in shown(desk, "complaints") and "办完了" in shown(desk, "complaints")
    others = shown(desk, "complaints", "supervisor")
    assert f"{desk_name(desk)} 在办" in others and "办完了" not in others
    assert send(desk, f"case/{case}/claim", "supervisor") == 409
    assert send(desk, f"case/{case}/done", "supervisor", kind="complaint", outcome="x") == 409
    assert send(desk, f"case/{case}/release", "supervisor") == 302, "supervisors let go of anybody's"
    assert "我来办" in shown(desk, "complaints", "supervisor")


def desk_name(desk: Desk) -> str:
    return next(each.name for each in desk.services.users.all() if each.login == DEMO.agent.login)


def test_it_is_done_with_an_outcome_once_and_all_of_it_is_written_down(desk: Desk) -> None:
    case = complaint(desk)
    send(desk, f"case/{case}/claim")
    assert send(desk, f"case/{case}/done", kind="complaint", outcome="  ") == 422
    assert send(desk, f"case/{case}/done", kind="complaint", outcome="道歉了", result="upheld") == 302
    assert send(desk, f"case/{case}/done", kind="complaint", outcome="再来") == 409
    with desk.services.reading() as work:
        row = work.get_one(Case, case)
        assert (row.state, row.outcome, row.result) == ("closed", "道歉了", "upheld")
        kept = work.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"case:{case}")).all()
    assert kept == ["task.claimed", "task.done"]
    assert "没有事了" in shown(desk, "complaints")


def test_an_elder_who_was_not_reached_and_one_who_asks_to_be_called(desk: Desk) -> None:
    row = listed(desk)
    assert DEMO.wang.name in shown(desk, "not_reached")
    assert send(desk, f"callback/{row}/done", kind="not_reached", outcome="在女儿家", result="nonsense") == 422
    assert send(desk, f"callback/{row}/done", kind="not_reached", outcome="在女儿家", result="relative") == 302
    with desk.services.reading() as work:
        assert work.get_one(Callback, row).state == "closed"
    case = desk.services.cases.open("wellbeing-1", "wellbeing", elder_id=desk.elder_id(DEMO.wang.code)).id
    assert send(desk, f"case/{case}/done", kind="wellbeing", outcome="打了电话，都好") == 302
    assert send(desk, "case/999/done", kind="wellbeing", outcome="x") == 404
    assert send(desk, f"callback/{row}/done", kind="sos", outcome="x") == 409


def test_an_sos_is_done_with_its_result_and_a_supervisors_case_is_no_task(desk: Desk) -> None:
    sos = desk.services.cases.open("sos-1", "sos").id
    assert f"/sos/{sos}" in shown(desk, "sos")
    assert send(desk, f"case/{sos}/done", kind="sos", outcome="好了") == 422
    assert send(desk, f"case/{sos}/done", kind="sos", outcome="好了", result="visited") == 302
    theirs = desk.services.cases.open("dispatch-1", "dispatch").id
    assert send(desk, f"case/{theirs}/done", kind="dispatch", outcome="x") == 404
    with desk.services.reading() as work:
        assert work.get_one(Case, theirs).state == "open"


def test_it_is_put_off_to_a_time_on_the_clocks_of_the_hotline(desk: Desk) -> None:
    case = complaint(desk)
    until = (desk.services.clock() + timedelta(hours=3)).astimezone(desk.services.settings.zone)
    assert send(desk, f"case/{case}/defer", until=f"{until:%Y-%m-%dT%H:%M}") == 302
    page = shown(desk, "complaints")
    assert f"已推迟到 {until:%Y-%m-%d %H:%M}" in page and "我来办" in page
    for wrong in ("", "soon", "2020-01-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59"):
        assert send(desk, f"case/{case}/defer", until=wrong) == 422, wrong


@pytest.mark.parametrize("name", ["", "nonsense"])
def test_without_a_list_the_first_that_is_not_empty_is_shown(desk: Desk, name: str) -> None:
    complaint(desk)
    assert "送餐晚了" in shown(desk, name)
