"""Both ways to count wrong PINs pass the same tests."""

from __future__ import annotations

import pytest
from redis import Redis

from routing.orders.pins import MemoryPinTries, PinTries, RedisPinTries


@pytest.fixture(params=["memory", "redis"])
def tries(request: pytest.FixtureRequest) -> PinTries:
    if request.param == "memory":
        return MemoryPinTries(lambda: 0.0)
    client: Redis = request.getfixturevalue("redis")
    return RedisPinTries(client)


def test_failures_are_counted_by_subject_and_forgotten(tries: PinTries) -> None:
    assert tries.failures("a") == 0
    assert [tries.failed("a"), tries.failed("a"), tries.failed("b")] == [1, 2, 1]
    assert (tries.failures("a"), tries.failures("b")) == (2, 1)
    tries.forget("a")
    assert (tries.failures("a"), tries.failures("b")) == (0, 1)


def test_the_window_begins_with_the_first_failure(redis: Redis) -> None:
    counted = RedisPinTries(redis, window_seconds=100)
    counted.failed("a")
    redis.expire("elderline:pin:a", 10)
    counted.failed("a")
    assert 0 < int(str(redis.ttl("elderline:pin:a"))) <= 10
