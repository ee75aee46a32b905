"""A setting that is changed on the page is used by console, worker and ivr, none of which is started anew."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy import select

from agent_console.services import console_services
from db.models import Offer
from routing.changeable.book import EVERY_SECONDS, LiveSettings
from routing.outreach import jobs
from scripts.wiring.ivr import flow_services, following_services
from scripts.wiring.stores import open_stores
from scripts.wiring.worker import following_services as jobs_following
from tests.agent_console.console import Desk, csrf

PAGE = "/admin/settings"
_KEYS = count(1)


def change(client: FlaskClient, name: str, value: str, seen: int = 0) -> int:
    form = {"csrf_token": csrf(client, PAGE), "name": name, "value": value, "seen": str(seen)}
    return client.post(PAGE, data=form).status_code


def latest_offer(desk: Desk) -> float:
    """Seconds that the latest offer leaves a company."""
    with desk.services.reading() as work:
        offer = work.scalars(select(Offer).order_by(Offer.id.desc()).limit(1)).one()
        return (offer.expires_at - offer.offered_at).total_seconds()


def place(desk: Desk) -> int:
    elder, item = desk.elder_id(), desk.item_id()
    return desk.services.orders.place(elder, item, key=f"s-{next(_KEYS)}", source="desk", actor="user:1").id


@pytest.fixture
def no_jobs() -> Iterator[None]:
    yield
    jobs._provided.factory = None


def test_the_page_tells_what_counts_and_takes_it_back(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    assert change(client, "offer_seconds", "5") == 422
    assert change(client, "offer_seconds", "300") == 302
    assert change(client, "offer_seconds", "400") == 409, "they saw an older one"
    shown = client.get(PAGE).get_data(as_text=True)
    assert "<b>300</b>" in shown and "系统配置： 600" in shown
    form = {"csrf_token": csrf(client, PAGE), "seen": "1"}
    assert client.post(f"{PAGE}/1/revert", data=form).status_code == 302
    assert "<b>600</b>" in client.get(PAGE).get_data(as_text=True)
    assert client.post(f"{PAGE}/1/revert", data={**form, "seen": "x"}).status_code == 422
    assert client.post(PAGE, data={**form, "name": "field_key", "value": "x"}).status_code == 404


def test_the_console_uses_it(desk: Desk) -> None:
    client, elapsed = desk.logged_in("administrator"), [time.monotonic()]
    desk.services.live_settings._elapsed = lambda: elapsed[0]
    assert change(client, "sos_alarm_minutes", "17") == 302
    elapsed[0] += EVERY_SECONDS
    client.get(PAGE)
    with desk.app.app_context():
        assert console_services().settings.sos_alarm_minutes == 17
        assert console_services() is not desk.services
    assert client.get("/supervisor").status_code == 200


def test_the_worker_uses_it_and_redis_is_not_asked(desk: Desk, redis: Redis, no_jobs: None) -> None:
    """Real jobs over a real queue, in one process that goes on: the offers after the change last as long as it says."""
    del no_jobs
    elapsed = [time.monotonic()]
    jobs.provide(jobs_following(open_stores(desk.services.settings), elapsed=lambda: elapsed[0]))

    def offer() -> float:
        order = place(desk)
        queue = Queue(jobs.QUEUE, connection=redis)
        jobs.Jobs(redis).dispatch(order)
        SimpleWorker([queue], connection=redis).work(burst=True, logging_level="WARNING")
        return latest_offer(desk)

    assert offer() == 600
    assert change(desk.logged_in("administrator"), "offer_seconds", "1200") == 302
    redis.flushall()
    elapsed[0] += EVERY_SECONDS
    assert offer() == 1200


def test_a_call_that_begins_after_it_uses_it(desk: Desk) -> None:
    """The ivr's own services, followed by its thread; those with threads of their own stay the same."""
    stores = open_stores(desk.services.settings)
    services, book = flow_services(stores), desk.services.setting_book
    live = LiveSettings(book, stores.settings)
    of_call = following_services(stores, services, live)
    assert of_call() is services
    live.start()
    try:
        assert change(desk.logged_in("administrator"), "offer_seconds", "90") == 302
        until = time.monotonic() + 3 * EVERY_SECONDS
        while live.known()[0] == 0 and time.monotonic() < until:
            live._stopped.wait(0.05)
        found = of_call()
        assert found is not services and found.journey is services.journey and found.fares is services.fares
        found.dispatch.offer_next(place(desk))
        assert latest_offer(desk) == 90
        assert of_call() is found
    finally:
        live.stop()
