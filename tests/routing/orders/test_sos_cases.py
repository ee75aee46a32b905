"""The case of an SOS is opened, kept and written later, whatever is broken."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from db.models import Case
from routing.orders.sos_cases import KEPT, SosCases
from tests.ports import free_port
from tests.routing.town import Town


class Breaks:
    """A service of cases whose database is away until it is mended."""

    def __init__(self, town: Town) -> None:
        self._town, self.away = town, True

    def open(self, *args: Any, **named: Any) -> Any:
        if self.away:
            raise OperationalError("INSERT", {}, Exception("the database is away"))
        return self._town.cases.open(*args, **named)


def cases(town: Town) -> list[tuple[str, str | None]]:
    return [(case.key, case.call_id) for case in town.rows(Case)]


def test_a_case_is_written_at_once_when_all_is_well(town: Town, redis: Redis) -> None:
    book = SosCases(town.cases, redis, town.clock)
    first = book.open("call-1", None)
    assert first is not None
    assert book.open("call-1", None) == first
    assert cases(town) == [("sos-call-1", "call-1")]
    assert book.write_kept() == 0


def test_without_a_database_it_waits_in_redis_and_is_written_once(town: Town, redis: Redis) -> None:
    broken = Breaks(town)
    book = SosCases(broken, redis, town.clock)  # type: ignore[arg-type]
    cried_at = town.clock()
    assert book.open("call-1", 1) is None
    assert book.open("call-2", None) is None
    town.clock.forward(minutes=5)
    with pytest.raises(OperationalError):
        book.write_kept()
    assert redis.llen(KEPT) == 2
    broken.away = False
    another = SosCases(broken, redis, town.clock)  # type: ignore[arg-type]
    assert another.write_kept() == 2
    assert another.write_kept() == 0
    assert cases(town) == [("sos-call-1", "call-1"), ("sos-call-2", "call-2")]
    assert town.rows(Case)[0].opened_at == cried_at


def test_without_redis_either_it_waits_in_the_process(town: Town, redis: Redis) -> None:
    broken = Breaks(town)
    nowhere = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0", socket_connect_timeout=1)
    book = SosCases(broken, nowhere, town.clock)  # type: ignore[arg-type]
    assert book.open("call-1", None) is None
    with pytest.raises(RedisError):
        book.write_kept()
    broken.away = False
    book._redis = redis
    assert book.write_kept() == 1
    assert cases(town) == [("sos-call-1", "call-1")]


def test_what_was_written_after_all_is_not_written_twice(town: Town, redis: Redis) -> None:
    broken = Breaks(town)
    book = SosCases(broken, redis, town.clock)  # type: ignore[arg-type]
    book.open("call-1", None)
    broken.away = False
    town.cases.open("sos-call-1", "sos", call_id="call-1")
    assert book.write_kept() == 1
    assert len(town.rows(Case)) == 1


def test_a_line_that_cannot_be_read_does_not_stop_the_others(town: Town, redis: Redis) -> None:
    redis.rpush(KEPT, "not json", "{}")
    broken = Breaks(town)
    book = SosCases(broken, redis, town.clock)  # type: ignore[arg-type]
    book.open("call-1", None)
    broken.away = False
    assert book.write_kept() == 3
    assert len(town.rows(Case)) == 1
