"""Without Redis the console shows no live states, and everything that needs none goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.demo import DEMO
from tests.agent_console.console import Desk, csrf
from tests.redis_server import RedisServer


@pytest.fixture
def without_redis(desk: Desk, redis_server: RedisServer) -> Iterator[Desk]:
    redis_server.stop()
    yield desk
    redis_server.start()


def test_records_orders_and_cases_go_on(without_redis: Desk) -> None:
    desk = without_redis
    case = desk.services.cases.open("k", "complaint")
    client = desk.logged_in("supervisor")
    assert DEMO.wang.name in client.get(f"/desk?elder={desk.elder_id()}").get_data(as_text=True)
    form = {"csrf_token": csrf(client, "/desk"), "elder": desk.elder_id(), "item": desk.item_id(), "key": "0123456789"}
    form["told"] = "0"
    assert "已下单" in client.post("/desk/orders", data=form, follow_redirects=True).get_data(as_text=True)
    assert f"个案 {case.id}" in client.get("/supervisor").get_data(as_text=True)
    sms = {"from": DEMO.wang.phones[0][0], "to": "12349", "text": "5", "ts": "1", "id": "1"}
    assert client.get("/sms/inbound", query_string=sms).status_code == 200


def test_what_needs_redis_says_that_it_is_down(without_redis: Desk) -> None:
    desk = without_redis
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    for path in ("agents", "tickets?waiting=true"):
        answer = client.get(f"/api/v1/{path}", headers=headers)
        assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    browser = desk.logged_in("agent")
    form = {"csrf_token": csrf(browser, "/desk"), "state": "ready"}
    assert browser.post("/desk/state", data=form).status_code == 503
