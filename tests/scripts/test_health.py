"""Health: what is down is said to be down, and nothing raises."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import redis
from rq import Queue, SimpleWorker

from db.encryption import FieldCipher, new_key
from db.migrate import upgrade
from db.session import make_engine, make_unit_of_work
from routing.hours.policy import DayKind
from routing.hours.public_holidays import known_until
from routing.hours.register import HotlinePlace, HoursRegister
from routing.settings import Settings
from routing.voice.jobs import QUEUE as VOICE_QUEUE
from scripts.health import HEARTBEAT, check
from tests.ports import free_ports
from tests.redis_server import RedisServer
from tests.waiting import until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    server, ami, agi, http, web = free_ports(5)
    return Settings(
        var_dir=tmp_path, redis_port=server, ami_port=ami, agi_port=agi, http_port=http, web_port=web,
        field_key=new_key(), index_key=new_key(), ami_secret="secret",
    )  # fmt: skip


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Iterator[redis.Redis]:
    server = RedisServer(tmp_path, settings.redis_port)
    server.start()
    with redis.Redis.from_url(settings.redis) as client:
        yield client
    server.stop()


def test_nothing_runs(settings: Settings) -> None:
    parts = check(settings)
    ill = {name for name, part in parts.items() if not part["ok"]}
    assert ill == {"asterisk", "redis", "database", "ivr", "router", "worker", "scheduler", "voice", "sms", "hours"}
    assert all(part["detail"] for part in parts.values())


def test_a_database_that_is_not_migrated_is_not_well(settings: Settings) -> None:
    assert not check(settings)["database"]["ok"]
    upgrade(settings.database)
    assert check(settings)["database"]["ok"]


def test_hours_are_told_and_holidays_that_are_not_known_yet(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(settings.database)
    assert check(settings)["hours"] == {"ok": True, "detail": "open"}
    cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
    engine = make_engine(settings.database, cipher)
    work = make_unit_of_work(engine)
    HoursRegister(work, work, HotlinePlace(settings.zone)).set_week(dict.fromkeys(DayKind, "00:00-24:00"))
    engine.dispose()
    known = known_until("CN")
    assert check(settings)["hours"]["detail"].startswith("open")
    monkeypatch.setattr("routing.hours.register.known_until", lambda _country: date(2020, 12, 31))
    part = check(settings)["hours"]
    assert known is not None and part["ok"], "no fault of ours"
    assert "not known after 2020-12-31" in part["detail"]


def test_a_heartbeat_makes_a_part_well_until_it_expires(settings: Settings, store: redis.Redis) -> None:
    assert check(settings)["redis"]["ok"]
    assert not check(settings)["router"]["ok"]
    store.set(HEARTBEAT.format(part="router"), "1", px=1500)
    parts = check(settings)
    assert parts["router"]["ok"]
    assert not parts["scheduler"]["ok"]
    until(lambda: not check(settings)["router"]["ok"])


def test_the_voice_is_well_while_one_works_and_says_what_waits(settings: Settings, store: redis.Redis) -> None:
    assert check(settings)["voice"] == {"ok": False, "detail": "no worker is registered"}
    queue = Queue(VOICE_QUEUE, connection=store)
    worker = SimpleWorker([queue], connection=store)
    worker.register_birth()
    assert check(settings)["voice"] == {"ok": True, "detail": "at work"}
    queue.enqueue("operator.add", 1, 1)
    assert check(settings)["voice"] == {"ok": True, "detail": "at work, 1 texts wait"}
    worker.register_death()
    assert not check(settings)["voice"]["ok"]


def test_a_port_of_another_is_not_asterisk(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.ami_port)) as other:
        other.listen()
        part = check(settings)["asterisk"]
    assert not part["ok"]
    assert str(settings.ami_port) in part["detail"]


def test_ivr_is_well_once_it_accepts(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.agi_port)):
        assert check(settings)["ivr"]["ok"]
    assert not check(settings)["ivr"]["ok"]


def test_the_secret_is_in_no_detail(settings: Settings) -> None:
    assert "secret" not in str(check(settings)).replace("ELDERLINE_AMI_SECRET", "")
