"""The journey is written at once, or later, and each entry once; it never fails the caller."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace

import pytest
from redis import Redis
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db.encryption import FieldCipher, new_key
from db.models import Base
from db.models.calls import CallRecord, JourneyEvent, TicketRecord
from db.session import UnitOfWork, make_engine, make_unit_of_work
from routing.calls import entries, keys
from routing.calls.journey import CallFacts, Journey
from routing.calls.messages import CallerClass, Intent, TicketEnd
from routing.calls.records import Ticket
from routing.calls.unwritten import write_unwritten
from tests.ports import free_port

CALL = CallFacts("1700000000.1", "a", "inbound", "12349", 1_700_000_000.25, "+8613900000001")
TICKET = Ticket("t1", CALL.id, "a", "PJSIP/carrier-1", Intent.ORDER, CallerClass.FRAIL, 1_700_000_001.0)


class Database:
    """A database that can be away."""

    def __init__(self, url: str) -> None:
        self.cipher = FieldCipher(new_key(), new_key())
        self.engine = make_engine(url, self.cipher)
        Base.metadata.create_all(self.engine)
        self.away = False
        self._begin: UnitOfWork = make_unit_of_work(self.engine)

    @contextmanager
    def unit_of_work(self) -> Iterator[Session]:
        if self.away:
            raise OperationalError("BEGIN", None, ConnectionError("away"))
        with self._begin() as session:
            yield session

    def words(self) -> list[str]:
        with self._begin() as session:
            return list(session.scalars(select(JourneyEvent.what).order_by(JourneyEvent.at)))

    def call(self) -> CallRecord | None:
        with self._begin() as session:
            return session.get(CallRecord, CALL.id)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.engine.dispose()


def test_a_call_is_written_as_it_goes(database: Database, redis: Redis) -> None:
    times = iter((1_700_000_002.5, 1_700_000_009.0))
    journey = Journey(database.unit_of_work, redis, clock=lambda: next(times))
    journey.began(CALL, "welcome.answered")
    journey.note(CALL.id, "welcome.greeted", "elder")
    journey.ended(CALL.id, "self_served")
    assert database.words() == ["welcome.answered", "welcome.greeted", "call.self_served"]
    call = database.call()
    assert (call.number, call.number_index) == (CALL.number, database.cipher.number_index(CALL.number))
    assert (call.outcome, call.ended_at.timestamp(), call.started_at.timestamp()) == (
        "self_served", 1_700_000_009.0, CALL.started_at,
    )  # fmt: skip
    assert redis.llen(keys.UNWRITTEN) == 0


def test_what_the_database_missed_is_written_later_once(database: Database, redis: Redis) -> None:
    journey = Journey(database.unit_of_work, redis)
    database.away = True
    journey.began(CALL)
    journey.note(CALL.id, "welcome.greeted")
    assert redis.llen(keys.UNWRITTEN) == 3
    with pytest.raises(OperationalError):
        journey.write_unwritten()
    waiting = redis.lrange(keys.UNWRITTEN, 0, -1)
    database.away = False
    assert journey.write_unwritten() == 3
    redis.rpush(keys.UNWRITTEN, *waiting)  # As if the process had died between the commit and the trimming.
    assert journey.write_unwritten() == 3
    assert database.words() == ["call.began", "welcome.greeted"]
    assert redis.llen(keys.UNWRITTEN) == 0


def test_without_database_and_redis_the_caller_is_not_failed(database: Database, redis: Redis) -> None:
    nowhere = Redis(port=free_port())
    journey = Journey(database.unit_of_work, nowhere)
    database.away = True
    journey.began(CALL)
    journey.note(CALL.id, "welcome.greeted")
    database.away = False
    journey._redis = redis  # It is back.
    assert journey.write_unwritten() == 3
    assert database.words() == ["call.began", "welcome.greeted"]


def test_an_entry_that_can_never_be_written_holds_up_no_other(database: Database, redis: Redis) -> None:
    redis.rpush(keys.UNWRITTEN, entries.note(CALL.id, 1.0, "first"), "{", '{"kind":"nonsense"}')
    redis.rpush(keys.UNWRITTEN, entries.note(CALL.id, 2.0, "second"))
    assert write_unwritten(database.unit_of_work, redis) == 4
    assert database.words() == ["first", "second"]
    assert redis.lrange(keys.REFUSED, 0, -1) == [b"{", b'{"kind":"nonsense"}']


def test_a_ticket_ends_once_in_the_database(database: Database, redis: Redis) -> None:
    redis.rpush(keys.UNWRITTEN, entries.ticket_ended(TICKET, TicketEnd.ANSWERED, TICKET.joined_at + 12.5, "1001"))
    redis.rpush(keys.UNWRITTEN, entries.ticket_ended(TICKET, TicketEnd.ABANDONED, TICKET.joined_at + 99, None))
    write_unwritten(database.unit_of_work, redis)
    with database.unit_of_work() as session:
        row = session.scalars(select(TicketRecord)).one()
        assert (row.end, row.agent_extension, row.waited_seconds, row.intent) == ("answered", "1001", 12.5, "order")


def test_a_call_known_only_by_its_end_has_a_record(database: Database, redis: Redis) -> None:
    redis.rpush(keys.UNWRITTEN, entries.ended(CALL.id, 1_700_000_100.0, node="a"))
    redis.rpush(
        keys.UNWRITTEN, entries.ended(CALL.id, None, outcome="answered", agent="1001", answered_at=1_700_000_050.0)
    )
    write_unwritten(database.unit_of_work, redis)
    call = database.call()
    assert (call.node, call.outcome, call.agent_extension) == ("a", "answered", "1001")
    assert call.ended_at.timestamp() == 1_700_000_100.0


def test_writing_behind_loses_nothing_of_many_calls_at_once(database: Database, redis: Redis) -> None:
    journey = Journey(database.unit_of_work, redis)
    journey.start()

    def talk(caller: int) -> None:
        call = replace(CALL, id=f"{CALL.id}{caller}")
        journey.began(call)
        for step in range(5):
            journey.note(call.id, f"step.{step}")
        journey.ended(call.id, "self_served")

    with ThreadPoolExecutor(8) as callers:
        list(callers.map(talk, range(40)))
    assert journey.flush()
    assert len(database.words()) == 40 * 7
    with database.unit_of_work() as session:
        assert session.query(CallRecord).filter_by(outcome="self_served").count() == 40
    database.away = True
    journey.note(CALL.id, "database.away")
    journey.stop()
    database.away = False
    assert journey.write_unwritten() == 1
    journey.note(CALL.id, "stopped")  # Written at once again.
    assert database.words()[-2:] == ["database.away", "stopped"]


def test_what_the_router_wrote_first_is_completed_by_the_flow(database: Database, redis: Redis) -> None:
    """An automatic call is written when it is dialled; the flow then knows more of it, and the later end counts."""
    redis.rpush(keys.UNWRITTEN, entries.began({**asdict(CALL), "direction": "outbound", "dialled": ""}))
    write_unwritten(database.unit_of_work, redis)
    journey = Journey(database.unit_of_work, redis)
    journey.began(replace(CALL, direction="inbound", number="+8613900000002", dialled="12349"))
    journey.ended(CALL.id, "self_served")
    call = database.call()
    assert (call.direction, call.number, call.dialled, call.outcome) == (
        "outbound", CALL.number, "12349", "self_served",
    )  # fmt: skip


def test_what_a_flow_adds_to_a_record_that_the_router_made_is_sealed_and_begins_when_the_call_began(
    database: Database, redis: Redis
) -> None:
    """The caller fell back before the flow could write: then only the end of the call was known."""
    redis.rpush(keys.UNWRITTEN, entries.ended(CALL.id, CALL.started_at + 60, outcome="fallback", node="a"))
    write_unwritten(database.unit_of_work, redis)
    Journey(database.unit_of_work, redis).began(CALL)
    call = database.call()
    assert (call.number, call.number_index) == (CALL.number, database.cipher.number_index(CALL.number))
    assert (call.started_at.timestamp(), call.ended_at.timestamp()) == (CALL.started_at, CALL.started_at + 60)
    with database.unit_of_work() as session:
        stored = session.connection().execute(text("SELECT number FROM calls")).scalar_one()
    assert CALL.number.encode() not in bytes(stored)
