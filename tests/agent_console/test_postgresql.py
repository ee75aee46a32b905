"""The console on PostgreSQL: every page and every list once, and the paths that write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from db.demo import DEMO
from tests.agent_console.console import PASSWORD, Desk, csrf, make_services, make_settings, populate
from tests.redis_server import RedisServer

pytestmark = pytest.mark.postgresql

_LISTS = [
    "calls",
    "tickets",
    "agents",
    "elders",
    "orders",
    "providers",
    "visits",
    "callbacks",
    "ratings",
    "sms",
    "cases",
]


@pytest.fixture
def on_postgresql(redis: Redis, redis_server: RedisServer, postgresql_url: str, tmp_path: Path) -> Iterator[Desk]:
    del redis
    services = make_services(make_settings(postgresql_url, redis_server.url, tmp_path))
    populate(services)
    desk = Desk(services)
    yield desk
    desk.close()
    with services.reading() as work:
        engine = work.connection().engine
    engine.dispose()


def test_everything_once(on_postgresql: Desk) -> None:
    desk = on_postgresql
    headers = {**desk.bearer("supervisor"), "Idempotency-Key": "key-00001"}
    client = desk.anonymous()
    body = {"elder_id": desk.elder_id(), "item_id": desk.item_id()}
    order = client.post("/api/v1/orders", json=body, headers=headers).get_json()
    assert client.post("/api/v1/orders", json=body, headers=headers).get_json()["id"] == order["id"]
    sms = {"from": DEMO.wang.phones[0][0], "to": "12349", "text": "5", "ts": "1", "id": "p1"}
    assert client.get("/sms/inbound", query_string=sms).status_code == 200
    for name in _LISTS:
        first = client.get(f"/api/v1/{name}?limit=1", headers=headers)
        assert first.status_code == 200, name
        cursor = first.get_json()["next_cursor"]
        if cursor:
            assert client.get(f"/api/v1/{name}?limit=1&cursor={cursor}", headers=headers).status_code == 200, name
    browser = desk.logged_in("supervisor")
    pages = ("/supervisor", "/supervisor/calls", "/supervisor/orders", f"/desk?elder={desk.elder_id()}", "/metrics")
    for page in (*pages, f"/supervisor/orders/{order['id']}"):
        assert browser.get(page).status_code == 200, page
    found = browser.post("/desk/search", data={"csrf_token": csrf(browser, "/desk"), "wanted": DEMO.wang.name})
    assert DEMO.wang.address in found.get_data(as_text=True)


def test_what_postgresql_cannot_hold_is_refused_and_no_fault(on_postgresql: Desk) -> None:
    desk = on_postgresql
    headers = desk.bearer("supervisor")
    client = desk.anonymous()
    for path in (f"/api/v1/elders/{2**40}", "/api/v1/orders?state=%00", "/api/v1/calls/a%00b"):
        assert client.get(path, headers=headers).status_code in {404, 422}, path
    assert desk.log_in(client, "agent\x001", PASSWORD).status_code in {302, 401}


def test_failures_lock(on_postgresql: Desk) -> None:
    desk = on_postgresql
    client = desk.anonymous()
    for _ in range(5):
        desk.log_in(client, DEMO.agent.login, "wrong")
    assert desk.log_in(client, DEMO.agent.login, PASSWORD).status_code == 401
