"""The API: what it shows, to whom, what it lets be done, and what it leaves on record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, CallRecord, Elder, JourneyEvent, Rating, SmsMessage
from routing.calls.journey import CallFacts, Journey
from routing.calls.messages import COMMANDS, AgentState, CallerClass, SetAgentState, decode
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores
from tests.agent_console.console import Desk
from tests.agent_console.ringing import EXTENSION, put_agent, put_promise, put_ticket

NUMBER = DEMO.wang.phones[0][0]


def ask(desk: Desk, path: str, role: str = "supervisor") -> Any:
    """Read a resource."""
    answer = desk.anonymous().get(f"/api/v1/{path}", headers=desk.bearer(role))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def audits(desk: Desk) -> list[tuple[str, str, str]]:
    """What the audit holds, in order."""
    with desk.services.reading() as work:
        rows = work.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail).order_by(AuditEntry.id))
        return [(row.action, row.subject, row.detail) for row in rows]


def begin_call(desk: Desk, name: str, minutes_ago: int = 0) -> None:
    """Write a call of 王桂兰 as a flow does."""
    services = desk.services
    at = (services.clock() - timedelta(minutes=minutes_ago)).timestamp()
    facts = CallFacts(name, "a", "inbound", "12349", at, NUMBER, desk.elder_id())
    Journey(services.unit_of_work, services.redis).began(facts)


def place(desk: Desk, key: str = "key-00001", role: str = "agent", headers: Any = None, **body: Any) -> Any:
    """Place an order for 王桂兰."""
    asked = {"elder_id": desk.elder_id(), "item_id": desk.item_id(), **body}
    headers = {**(headers or desk.bearer(role)), "Idempotency-Key": key}
    return desk.anonymous().post("/api/v1/orders", json=asked, headers=headers)


def test_a_record_is_whole_for_those_who_work_with_it_and_each_look_is_audited(desk: Desk) -> None:
    elder_id = desk.elder_id()
    for role in ("agent", "supervisor", "administrator"):
        shown = ask(desk, f"elders/{elder_id}", role)
        assert (shown["name"], shown["address"]) == (DEMO.wang.name, DEMO.wang.address)
        assert shown["health_notes"] == DEMO.wang.health_notes
        assert shown["phones"][0]["number"] == NUMBER
        assert datetime.fromisoformat(shown["created_at"]).utcoffset() == timedelta(hours=8)
    assert audits(desk) == [("elder.record", f"elder:{elder_id}", "")] * 3


def test_auditors_see_masks_and_leave_no_trace_of_a_look(desk: Desk) -> None:
    shown = ask(desk, f"elders/{desk.elder_id()}", "auditor")
    assert (shown["name"], shown["address"], shown["health_notes"]) == ("王**", "***", "***")
    assert shown["phones"][0]["number"] == f"***{NUMBER[-4:]}"
    assert all(contact["name"].endswith("**") for contact in shown["contacts"])
    assert shown["birth_date"].endswith("-01-01")
    assert audits(desk) == []


@pytest.mark.parametrize("path", ["calls", "calls/c1", "elders", "providers/1", "sms", "callbacks", "orders", "cases"])
def test_no_number_or_name_reaches_an_auditor(desk: Desk, path: str) -> None:
    begin_call(desk, "c1")
    place(desk, note="王桂兰不吃辣")
    with desk.services.reading() as work:
        names = set(work.scalars(select(Elder.name)))
    shown = desk.anonymous().get(f"/api/v1/{path}", headers=desk.bearer("auditor")).get_data(as_text=True)
    assert "+86" not in shown
    assert not [name for name in names if name in shown]


def test_a_list_is_audited_in_one_row(desk: Desk) -> None:
    shown = ask(desk, "elders?limit=2")["items"]
    ids = ",".join(f"elder:{each['id']}" for each in shown)
    assert audits(desk) == [("elder.listed", "list", ids)]


@pytest.mark.parametrize("number", [NUMBER, "0931" + NUMBER[6:], NUMBER.removeprefix("+"), "09 31-" + NUMBER[6:]])
def test_elders_are_found_by_number_however_it_is_written(desk: Desk, number: str) -> None:
    answer = desk.anonymous().post("/api/v1/elders/search", json={"number": number}, headers=desk.bearer("agent"))
    assert [each["code"] for each in answer.get_json()["items"]] == [DEMO.wang.code]


def test_elders_are_found_by_name_and_code_and_several_on_one_number(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("agent")

    def codes(**by: str) -> list[str]:
        found = client.post("/api/v1/elders/search", json=by, headers=headers).get_json()["items"]
        return [each["code"] for each in found]

    assert codes(name=DEMO.wang.name) == codes(code=DEMO.wang.code) == [DEMO.wang.code]
    assert set(codes(number=DEMO.couple[0].phones[0][0])) == {each.code for each in DEMO.couple}
    assert codes(number=DEMO.stranger) == codes(number="no number") == []


def test_pages_follow_one_another_and_miss_nobody(desk: Desk) -> None:
    for index in range(25):
        begin_call(desk, f"c{index:02}", minutes_ago=index // 2)  # Two calls began at nearly one time.
    seen: list[str] = []
    cursor, pages = "", 0
    while cursor is not None:
        page = ask(desk, f"calls?limit=10&cursor={cursor}")
        seen += [call["id"] for call in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert pages == 3
    assert sorted(seen) == [f"c{index:02}" for index in range(25)]
    with desk.services.reading() as work:
        begun = {call.id: call.started_at for call in work.scalars(select(CallRecord))}
    assert seen == sorted(seen, key=lambda name: (begun[name], name), reverse=True)


def test_a_journey_is_in_order(desk: Desk) -> None:
    begin_call(desk, "c1", minutes_ago=1)
    journey = Journey(desk.services.unit_of_work, desk.services.redis)
    journey.note("c1", "welcome.greeted")
    journey.note("c1", "ticket.offered", "1001: elder waited 3 s; 1001 idle 9 s")
    journey.ended("c1", "self_served")
    shown = ask(desk, "calls/c1/journey")
    words = ["call.began", "welcome.greeted", "ticket.offered", "call.self_served"]
    assert [step["what"] for step in shown["items"]] == words
    assert shown["items"][2]["detail"] == "1001: elder waited 3 s; 1001 idle 9 s", "why this agent is told"
    with desk.services.reading() as work:
        assert len(work.scalars(select(JourneyEvent)).all()) == 4


def test_tickets_that_wait_come_from_redis(desk: Desk) -> None:
    put_ticket(desk.services.redis, CallerClass.SOS, desk.elder_id())
    (shown,) = ask(desk, "tickets?waiting=true")["items"]
    assert (shown["id"], shown["caller_class"], shown["end"], shown["stage"]) == ("t1", "sos", None, "held")
    assert shown["waited_seconds"] >= 5
    assert ask(desk, "tickets/t1")["id"] == "t1"
    assert ask(desk, "tickets")["items"] == []


def test_a_promise_is_shown_as_a_ticket_with_nobody_on_the_line(desk: Desk) -> None:
    put_promise(desk.services.redis)
    (shown,) = ask(desk, "tickets?waiting=true")["items"]
    assert (shown["promised"], shown["dials"], shown["stage"]) == (True, 1, "held")
    assert shown["not_before"] > shown["joined_at"]
    assert "number" not in shown


def test_an_order_is_placed_once_for_each_key(desk: Desk) -> None:
    headers = desk.bearer("agent")
    first, again = place(desk, headers=headers), place(desk, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.get_json()["id"] == again.get_json()["id"]
    again = place(desk, key="key-00002", headers=headers, confirm_repeat=True)
    assert again.get_json()["id"] != first.get_json()["id"]
    shown = first.get_json()
    assert (shown["item_code"], shown["price_fen"], shown["elder_pays_fen"]) == ("meal", 1500, 0)
    assert shown["history"][0]["channel"] == "desk"
    other = place(desk, headers=headers, item_id=desk.item_id("repair"))
    assert other.status_code == 422, "the same key for something else"


def test_an_order_needs_a_key_and_people_who_are_there(desk: Desk) -> None:
    body = {"elder_id": desk.elder_id(), "item_id": desk.item_id()}
    headers = desk.bearer("agent")
    assert desk.anonymous().post("/api/v1/orders", json=body, headers=headers).status_code == 422
    assert place(desk, elder_id=999).status_code == 404
    with desk.services.unit_of_work() as work:
        work.get_one(Elder, desk.elder_id()).state = "deceased"
    refused = place(desk)
    assert (refused.status_code, refused.get_json()["type"]) == (422, "urn:elderline:problem:not_served")


def test_an_order_is_due_when_it_was_asked_for(desk: Desk) -> None:
    due = (desk.services.clock() + timedelta(days=30)).replace(microsecond=0)
    shown = place(desk, due_at=due.isoformat(), note="轻声").get_json()
    assert (datetime.fromisoformat(shown["due_at"]), shown["note"]) == (due, "轻声")
    assert shown["due_at"].endswith("+08:00")


def test_an_order_is_cancelled_by_whoever_saw_it_last(desk: Desk) -> None:
    order = place(desk).get_json()
    client, headers, path = desk.anonymous(), desk.bearer("agent"), f"/api/v1/orders/{order['id']}/cancel"
    stale = client.post(path, json={"reason": "x", "version": 99}, headers=headers)
    assert (stale.status_code, stale.get_json()["type"]) == (409, "urn:elderline:problem:moved_meanwhile")
    done = client.post(path, json={"reason": "老人改了主意"}, headers=headers)
    assert (done.status_code, done.get_json()["state"]) == (200, "cancelled")
    assert client.post(path, json={}, headers=headers).status_code == 409


def test_agents_are_shown_with_their_state_and_may_be_set(desk: Desk) -> None:
    put_agent(desk.services.redis, AgentState.READY)
    assert ask(desk, f"agents/{EXTENSION}")["state"] == "ready"
    assert {each["state"] for each in ask(desk, "agents")["items"]} == {"ready", "logged_off"}
    path, client = f"/api/v1/agents/{EXTENSION}/state", desk.anonymous()
    asked = {"state": "paused", "reason": "lunch"}
    done = client.post(path, json=asked, headers=desk.bearer("supervisor"))
    assert (done.status_code, done.get_json()) == (202, {"extension": EXTENSION, "asked": "paused"})
    ((_, fields),) = desk.services.redis.xrange(COMMANDS)
    command = decode(fields[b"message"])
    assert isinstance(command, SetAgentState)
    assert (command.extension, command.state, command.reason) == (EXTENSION, AgentState.PAUSED, "lunch")
    assert client.post(path, json={"state": "talking"}, headers=desk.bearer("supervisor")).status_code == 422
    assert client.post("/api/v1/agents/9/state", json=asked, headers=desk.bearer("supervisor")).status_code == 404


def test_agents_may_set_only_themselves(desk: Desk) -> None:
    headers = desk.bearer("agent", user_id=desk.user_id(DEMO.agent.login))
    client = desk.anonymous()
    assert client.post(f"/api/v1/agents/{EXTENSION}/state", json={"state": "ready"}, headers=headers).status_code == 202
    assert client.post("/api/v1/agents/1002/state", json={"state": "ready"}, headers=headers).status_code == 403


def test_a_case_is_noted_and_closed(desk: Desk) -> None:
    case = desk.services.cases.open("sos-c1", "sos", elder_id=desk.elder_id(), call_id="c1")
    client, headers, path = desk.anonymous(), desk.bearer("supervisor"), f"/api/v1/cases/{case.id}"
    assert client.post(f"{path}/notes", json={"text": "邻居在场"}, headers=headers).status_code == 201
    for result in ("", "gossip"):
        refused = client.post(f"{path}/close", json={"outcome": "平安", "result": result}, headers=headers)
        assert refused.status_code == 422
    said = {"outcome": "平安", "result": "visited"}
    closed = client.post(f"{path}/close", json=said, headers=headers).get_json()
    assert (closed["state"], closed["result"], closed["outcome"]) == ("closed", "visited", "平安")
    assert [step["detail"] for step in closed["timeline"]][1:] == ["邻居在场", "visited: 平安"]
    assert closed["timeline"][-1]["actor"].startswith("token:")
    assert ask(desk, "cases?state=open")["items"] == []


def test_the_outbox_of_development_is_shown(desk: Desk) -> None:
    order_id = place(desk).get_json()["id"]
    with desk.services.unit_of_work() as work:
        work.add(
            SmsMessage(
                key="k", direction="out", number=NUMBER, number_index=b"1", text="您的护理员是田小燕", state="sent",
                order_id=order_id, created_at=desk.services.clock(),
            )
        )  # fmt: skip
        work.add(Rating(order_id=order_id, channel="sms", score=5, done=True, at=desk.services.clock()))
    (shown,) = ask(desk, f"sms?order_id={order_id}")["items"]
    assert (shown["number"], shown["text"]) == (NUMBER, "您的护理员是田小燕")
    assert ask(desk, f"ratings?order_id={order_id}")["items"][0]["score"] == 5


def test_what_an_order_sets_in_motion_is_on_record(desk: Desk) -> None:
    order_id = place(desk).get_json()["id"]
    HotlineServices(open_stores(desk.services.settings)).dispatch.offer_next(order_id)  # The worker's part.
    assert ask(desk, f"orders/{order_id}")["state"] == "offered"
    (call,) = ask(desk, f"callbacks?order_id={order_id}")["items"]
    assert (call["kind"], call["state"]) == ("offer", "due")
    assert ask(desk, "providers/1")["workers"][0]["name"] == DEMO.worker.name
    assert ask(desk, "visits") == {"items": [], "next_cursor": None}
