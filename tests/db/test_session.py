"""Units of work: they commit, roll back, wait for each other, and the reading ones cannot write."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

import db.session as session_module
from db.encryption import FieldCipher, new_key
from db.models import JourneyEvent, OptOut, ServiceItem
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work

THREADS = 8
EACH = 25


def _item(code: str, price: int = 0) -> ServiceItem:
    return ServiceItem(code=code, kind="meals", name="送餐", name_en="meals", price_fen=price)


def test_what_is_done_is_kept_and_what_fails_is_undone(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    with unit_of_work() as session:
        session.add(_item("kept"))
    with pytest.raises(ZeroDivisionError), unit_of_work() as session:
        session.add(_item("undone"))
        session.flush()
        raise ZeroDivisionError
    with reading() as session:
        assert session.scalars(select(ServiceItem.code)).all() == ["kept"]


def test_values_stay_readable_after_the_unit_of_work(unit_of_work: UnitOfWork) -> None:
    with unit_of_work() as session:
        item = _item("meal", 1500)
        session.add(item)
    assert (item.id, item.price_fen) == (1, 1500)


def test_readers_cannot_write_and_their_connections_go_back_clean(
    unit_of_work: UnitOfWork, reading: UnitOfWork
) -> None:
    with pytest.raises(DBAPIError), reading() as session:
        session.add(_item("never"))
        session.flush()
    with unit_of_work() as session:  # The same pooled connection may write again.
        session.add(_item("fine"))


def test_foreign_keys_are_enforced(unit_of_work: UnitOfWork) -> None:
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(
            ServiceItem.metadata.tables["company_items"].insert().values(company_id=77, item_id=88)
        )  # fmt: skip


def test_threads_that_read_then_write_lose_nothing(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    """A deferred transaction that reads, then writes, fails at once on SQLite when another wrote in between."""
    with unit_of_work() as session:
        session.add(_item("counter"))

    def count_up(_: int) -> None:
        for _turn in range(EACH):
            with unit_of_work() as session:
                item = session.scalars(select(ServiceItem).where(ServiceItem.code == "counter").with_for_update()).one()
                item.price_fen += 1

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(count_up, range(THREADS)))
    with reading() as session:
        assert session.scalar(select(ServiceItem.price_fen)) == THREADS * EACH


def test_readers_see_the_last_commit_and_never_wait_for_the_writer(
    unit_of_work: UnitOfWork, reading: UnitOfWork
) -> None:
    with unit_of_work() as session:
        session.add(_item("first"))
    with unit_of_work() as writer:
        writer.add(_item("second"))
        writer.flush()
        with reading() as session:
            assert session.scalar(select(func.count()).select_from(ServiceItem)) == 1


def test_a_writer_that_waits_too_long_is_told_and_may_try_again(
    sqlite_url: str, cipher: FieldCipher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "PATIENCE_SECONDS", 0.2)
    holding, waiting = make_engine(sqlite_url, cipher), make_engine(sqlite_url, cipher, pool_size=1, max_overflow=0)
    impatient = make_unit_of_work(waiting)
    with make_unit_of_work(holding)() as holder:
        holder.execute(select(1))  # The lock is taken with the first statement.
        for _ in range(3):  # No connection is lost to a failed try: the pool has only one.
            with pytest.raises(OperationalError, match="locked"), impatient() as session:
                session.add(_item("too late"))
    with impatient() as session:
        session.add(_item("in time"))
    holding.dispose()
    waiting.dispose()


def test_many_who_wait_to_write_leave_connections_to_those_who_read(sqlite_url: str, cipher: FieldCipher) -> None:
    holding = make_engine(sqlite_url, cipher)
    crowded = make_engine(sqlite_url, cipher, pool_size=2, max_overflow=0, pool_timeout=1)
    work, reading = make_unit_of_work(crowded), make_reading(crowded)
    begun = threading.Barrier(THREADS + 1)

    def write(at: int) -> None:
        begun.wait(60)
        with work() as session:
            session.add(_item(f"{at}"))

    with ThreadPoolExecutor(THREADS) as pool, make_unit_of_work(holding)() as holder:
        holder.execute(select(1))
        writers = [pool.submit(write, at) for at in range(THREADS)]
        begun.wait(60)
        for _ in range(10):
            with reading() as session:
                assert session.scalar(select(func.count()).select_from(ServiceItem)) == 0
            assert not any(writer.done() for writer in writers)
            time.sleep(0.02)  # The writers are on their way to the lock, and tell nobody when they are there.
        holder.commit()
        for writer in writers:
            writer.result(60)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == THREADS
    holding.dispose()
    crowded.dispose()


def test_instants_come_back_as_they_went_in_and_need_a_zone(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    at = datetime(2026, 3, 18, 9, 30, 1, 250_000, tzinfo=UTC)
    with unit_of_work() as session:
        session.add(OptOut(number_index=b"x" * 16, channel="sms", at=at))
    with reading() as session:
        assert session.scalar(select(OptOut.at)) == at
    with pytest.raises(Exception, match="zone"), unit_of_work() as session:
        session.add(OptOut(number_index=b"y" * 16, channel="sms", at=at.replace(tzinfo=None)))


_WRITE_MANY = """
import sys, threading
from datetime import UTC, datetime
from db.encryption import FieldCipher
from db.models import JourneyEvent
from db.session import make_engine, make_unit_of_work
url, field_key, index_key, threads, each = sys.argv[1:]
work = make_unit_of_work(make_engine(url, FieldCipher(field_key, index_key)))
failed = []
def write(name):
    try:
        for at in range(int(each)):
            with work() as session:
                session.add(JourneyEvent(call_id=f"{name}-{at}", at=datetime.now(UTC), what="test.wrote"))
    except Exception as error:
        failed.append(repr(error))
crowd = [threading.Thread(target=write, args=(n,)) for n in range(int(threads))]
[t.start() for t in crowd]; [t.join() for t in crowd]
sys.exit("; ".join(failed) or 0)
"""


@pytest.mark.slow  # Beside tests that wait for nothing it is starved: who has the lock must run to give it back.
def test_processes_and_threads_write_into_one_file_without_an_error(sqlite_url: str, cipher: FieldCipher) -> None:
    """The hotline on SQLite: four processes with two writing threads each, all at once."""
    keys = new_key(), new_key()
    arguments = [sys.executable, "-c", _WRITE_MANY, sqlite_url, *keys, "2", str(EACH)]
    crowd = [subprocess.Popen(arguments, stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate(timeout=120)[1] for process in crowd] == [b""] * 4
    engine = make_engine(sqlite_url, cipher)
    with make_reading(engine)() as session:
        assert session.scalar(select(func.count()).select_from(JourneyEvent)) == 4 * 2 * EACH
    engine.dispose()


def test_a_forked_child_uses_connections_of_its_own(engine: Engine, unit_of_work: UnitOfWork) -> None:
    """RQ forks for each job."""
    with unit_of_work() as session:
        session.add(_item("before"))
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with unit_of_work() as session:
                session.add(_item("child"))
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with unit_of_work() as session:
        session.add(_item("after"))
        session.flush()
        assert set(session.scalars(select(ServiceItem.code))) == {"before", "child", "after"}


def test_nothing_connects_before_it_is_needed(tmp_path: Path, cipher: FieldCipher) -> None:
    make_unit_of_work(make_engine(f"sqlite:///{tmp_path / 'none.db'}", cipher))
    make_unit_of_work(make_engine("postgresql://nobody@127.0.0.1:1/none", cipher))
    assert not (tmp_path / "none.db").exists()


def test_two_who_open_a_new_file_at_once_do_not_collide(tmp_path: Path, cipher: FieldCipher) -> None:
    """Switching a file to WAL mode does not wait for locks by itself."""
    for turn in range(10):
        url = f"sqlite:///{tmp_path / f'{turn}.db'}"

        def create(at: int, url: str = url) -> None:
            engine = make_engine(url, cipher)
            with make_unit_of_work(engine)() as session:
                session.execute(text(f"CREATE TABLE t{at} (id INTEGER)"))
            engine.dispose()

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(create, range(THREADS)))


def test_a_server_that_is_not_there_is_told_at_once(cipher: FieldCipher) -> None:
    with pytest.raises(DBAPIError), make_unit_of_work(make_engine("postgresql://x@127.0.0.1:1/x", cipher))() as session:
        session.execute(select(1))


@pytest.mark.postgresql
def test_what_the_server_has_prepared_outlives_a_reader(postgresql_url: str, cipher: FieldCipher) -> None:
    """At a rollback psycopg has the server forget all of it, and each statement would be planned anew every time."""
    engine = make_engine(postgresql_url, cipher)
    reading = make_reading(engine)
    for _ in range(10):  # psycopg prepares what was asked five times.
        with reading() as session:
            session.scalars(select(ServiceItem.code).where(ServiceItem.id == 1)).all()
    with reading() as session:
        kept = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("service_items" in each for each in kept)
    with reading() as session:
        item = ServiceItem(code="in memory", kind="meals", name="送餐", name_en="meals", price_fen=1)
        session.add(item)
    with reading() as session:
        assert session.scalar(select(func.count()).select_from(ServiceItem)) == 0
    engine.dispose()
