"""Who writes what waits in Redis: one at a time, and a writer that dies holds nobody up."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from sqlalchemy import Connection, select

from db.models.calls import JourneyEvent
from db.session import UnitOfWork
from routing.calls import entries, keys, unwritten
from routing.calls.unwritten import write_unwritten
from scripts.parts import ROOT
from tests.redis_server import RedisServer

CALL = "1700000000.1"
SOON = 10.0
"""Seconds; far less than any lock that would have to expire, and generous for a server that notices a death."""
WRITER = """
import sys
from redis import Redis
from db.encryption import FieldCipher, new_key
from db.session import make_engine, make_unit_of_work
from routing.calls import unwritten

def stuck(*_):
    print("writing", flush=True)
    sys.stdin.read()

unwritten.write_batch = stuck
engine = make_engine(sys.argv[1], FieldCipher(new_key(), new_key()))
unwritten.write_unwritten(make_unit_of_work(engine), Redis.from_url(sys.argv[2]))
"""


def words(unit_of_work: UnitOfWork) -> Counter[str]:
    with unit_of_work() as session:
        return Counter(session.scalars(select(JourneyEvent.what)))


def eventually(act: Callable[[], int]) -> int:
    """Try until something is done, as the router does every few seconds. Neither store tells of a lock that is free."""
    give_up = time.monotonic() + SOON
    while not (done := act()):
        assert time.monotonic() < give_up, f"nothing was written within {SOON:g} s"
        time.sleep(0.05)
    return done


def test_a_writer_that_is_killed_leaves_no_lock_behind(
    database_url: str, unit_of_work: UnitOfWork, redis: Redis, redis_server: RedisServer
) -> None:
    redis.rpush(keys.UNWRITTEN, entries.note(CALL, 1.0, "first"))
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, database_url, redis_server.url],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        writer.kill()
        writer.wait(SOON)
    assert eventually(lambda: write_unwritten(unit_of_work, redis)) == 1
    assert words(unit_of_work) == {"first": 1}
    assert redis.llen(keys.UNWRITTEN) == 0


def test_two_who_write_at_once_write_each_entry_once(unit_of_work: UnitOfWork, redis: Redis) -> None:
    """As when a router that was thought dead goes on beside its successor."""
    lines = [entries.note(CALL, float(number), f"step.{number}") for number in range(1_200)]
    redis.rpush(keys.UNWRITTEN, *lines)
    both = threading.Barrier(2, timeout=SOON)

    def write() -> int:
        both.wait()
        return write_unwritten(unit_of_work, redis)

    with ThreadPoolExecutor(2) as pool:
        written = sum(each.result() for each in [pool.submit(write) for _ in range(2)])
    assert written >= len(lines)
    assert words(unit_of_work) == {f"step.{number}": 1 for number in range(1_200)}
    assert redis.llen(keys.UNWRITTEN) == 0


def test_what_another_has_taken_off_meanwhile_is_not_taken_off_twice(
    unit_of_work: UnitOfWork, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer whose machine stood still between the commit and the taking off finds other entries at the head."""
    redis.rpush(keys.UNWRITTEN, *(entries.note(CALL, number, f"step.{number:g}") for number in (1.0, 2.0)))
    write = unwritten.write_batch

    def stands_still(connection: Connection, batch: Sequence[bytes]) -> None:
        write(connection, batch)
        monkeypatch.setattr(unwritten, "write_batch", write)
        redis.delete(keys.UNWRITTEN)  # The other has written and taken off both; new ones came.
        redis.rpush(keys.UNWRITTEN, *(entries.note(CALL, number, f"step.{number:g}") for number in (3.0, 4.0)))

    monkeypatch.setattr(unwritten, "write_batch", stands_still)
    write_unwritten(unit_of_work, redis)
    assert words(unit_of_work) == {f"step.{number}": 1 for number in (1, 2, 3, 4)}
