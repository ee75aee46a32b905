"""A promised call-back is cancelled at the desk or through the API: what the router is told, and what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agent_console.services import ConsoleServices
from db.demo import DEMO
from db.models import Callback, Elder
from routing.calls.promise_book import PromiseState
from routing.calls.promise_messages import CancelPromise
from tests.agent_console.console import Desk, csrf
from tests.agent_console.desk.test_talks import audits, post, sent

CAUSE = "promise-a-1.1"


def put_callback(services: ConsoleServices, kind: str = "promise", state: str = "due", cause: str = CAUSE) -> Callback:
    """王桂兰 is owed a call."""
    now = services.clock()
    with services.unit_of_work() as work:
        elder_id = work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()
        callback = Callback(
            cause=cause, kind=kind, flow="", reference="t1", number=DEMO.wang.number, number_index=b"1" * 16,
            place="{}", elder_id=elder_id, state=state, due_at=now, created_at=now, updated_at=now,
        )  # fmt: skip
        work.add(callback)
    return callback


@pytest.mark.parametrize("role", ["agent", "supervisor", "administrator"])
def test_the_router_is_told_and_the_audit_keeps_who_and_why(desk: Desk, role: str) -> None:
    promise = put_callback(desk.services)
    assert post(desk, f"callbacks/{promise.id}/cancel", {"reason": "女儿已经办好"}, role)[0] == 202
    (command,) = sent(desk)
    assert isinstance(command, CancelPromise)
    assert command.promise_id == CAUSE
    assert command.by
    assert ("promise.cancel", f"callback:{promise.id}", "女儿已经办好") in audits(desk)


def test_what_cannot_be_cancelled_is_refused_and_leaves_no_trace(desk: Desk) -> None:
    other = put_callback(desk.services, kind="after_service", cause="after-1")
    closed = [
        put_callback(desk.services, state=each.value, cause=f"promise-{each}")
        for each in PromiseState
        if each.value != "due"
    ]
    reason = {"reason": "不需要了"}
    assert post(desk, "callbacks/999999/cancel", reason) == (404, "not_found")
    for callback in (other, *closed):
        assert post(desk, f"callbacks/{callback.id}/cancel", reason) == (409, "conflict")
    promise = put_callback(desk.services)
    for body in ({}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 201}):
        assert post(desk, f"callbacks/{promise.id}/cancel", body)[0] == 422
    assert post(desk, f"callbacks/{promise.id}/cancel", reason, "auditor")[0] == 403
    assert sent(desk) == []
    assert "promise.cancel" not in {action for action, _, _ in audits(desk)}


def test_the_record_shows_open_promises_and_cancels_them(desk: Desk) -> None:
    put_callback(desk.services, state="done", cause="promise-old")
    promise = put_callback(desk.services)
    browser = desk.logged_in("agent")
    page = f"/desk?elder={promise.elder_id}"
    shown = browser.get(page).get_data(as_text=True)
    assert shown.count("已约定回电") == 1
    form = {"csrf_token": csrf(browser, page), "reason": "自己好了", "elder": promise.elder_id}
    answer = browser.post(f"/desk/callbacks/{promise.id}/cancel", data=form)
    assert answer.status_code == 302
    assert "已交给系统取消" in browser.get(answer.location).get_data(as_text=True)
    assert [type(each) for each in sent(desk)] == [CancelPromise]
