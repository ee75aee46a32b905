"""What callers said becomes a case, once, whatever is broken."""

from __future__ import annotations

import math
import os
import struct
import threading
import time
import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy.exc import OperationalError

from db.demo import DEMO
from db.models import CallRecord, Case
from routing.orders.found_notes import SETTLED_AFTER, FoundNotes, has_words
from routing.orders.voice_notes import KEPT, REFUSED, WRITE_SECONDS, VoiceNote, VoiceNotes
from tests.ports import free_port
from tests.routing.orders.test_sos_cases import Breaks
from tests.routing.town import Town


def note(town: Town, call_id: str = "call-1", **more: Any) -> VoiceNote:
    at = town.clock().timestamp()
    given: dict[str, Any] = {"kind": "complaint", "call_id": call_id, "at": at, "due_at": at + 86_400,
                             "number": DEMO.stranger}  # fmt: skip
    return VoiceNote(**given | more)


def book(town: Town, redis: Redis, cases: Any = None) -> VoiceNotes:
    return VoiceNotes(cases or town.cases, redis, town.clock, town.due)


def kept(town: Town) -> list[tuple[str, str | None, str | None]]:
    return [(case.key, case.recording, case.number) for case in town.rows(Case)]


def test_it_is_written_at_once_when_all_is_well(town: Town, redis: Redis) -> None:
    notes = book(town, redis)
    first = notes.keep(note(town))
    assert first is not None
    assert notes.keep(note(town)) == first
    assert kept(town) == [("complaint-call-1", "complaint-call-1", DEMO.stranger)]
    assert (redis.llen(KEPT), notes.write_kept()) == (0, 0)


def test_without_a_database_it_waits_in_redis_and_is_written_once(town: Town, redis: Redis) -> None:
    broken = Breaks(town)
    notes, left_at = book(town, redis, broken), town.clock()
    assert notes.keep(note(town)) is None
    assert notes.keep(note(town, "call-2", kind="registration")) is None
    town.clock.forward(hours=2)
    with pytest.raises(OperationalError):
        notes.write_kept()
    assert redis.llen(KEPT) == 2
    broken.away = False
    assert book(town, redis, broken).write_kept() == 2, "the worker is another process"
    assert [key for key, *_ in kept(town)] == ["complaint-call-1", "registration-call-2"]
    assert town.rows(Case)[0].opened_at == left_at
    assert (redis.llen(KEPT), notes.write_kept()) == (0, 0)


def test_without_redis_the_database_has_it(town: Town) -> None:
    nowhere = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0", socket_connect_timeout=1)
    assert book(town, nowhere).keep(note(town)) is not None


def test_a_slow_database_keeps_nobody_waiting_and_nothing_is_lost(town: Town, redis: Redis) -> None:
    go_on = threading.Event()

    class Slow:
        def open(self, *args: Any, **named: Any) -> Any:
            go_on.wait(60)
            return town.cases.open(*args, **named)

    began = time.monotonic()
    assert book(town, redis, Slow()).keep(note(town)) is None
    assert time.monotonic() - began < WRITE_SECONDS + 20, "the caller hears on long before the database answers"
    assert redis.llen(KEPT) == 1, "a process that dies now loses nothing"
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "note-call-1":
            thread.join(30)
    assert (len(kept(town)), redis.llen(KEPT)) == (1, 0)


def test_a_line_that_the_database_never_takes_holds_up_no_other(town: Town, redis: Redis) -> None:
    broken = Breaks(town)
    redis.rpush(KEPT, "not json", "{}")
    book(town, redis, broken).keep(note(town, "call-1", elder_id=999_999))
    book(town, redis, broken).keep(note(town, "call-2"))
    broken.away = False
    assert book(town, redis, broken).write_kept() == 1
    assert [key for key, *_ in kept(town)] == ["complaint-call-2"]
    assert redis.llen(REFUSED) == 3


def record(folder: Path, name: str, *, seconds: float = 3, loud: float = 0.2, age: timedelta, town: Town) -> Path:
    """A recording with a tone in it, so old."""
    path = folder / f"{name}.wav"
    samples = (round(32_000 * loud * math.sin(at / 3)) for at in range(round(8_000 * seconds)))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", each) for each in samples))
    at = (town.clock() - age).timestamp()
    os.utime(path, (at, at))
    return path


def test_a_recording_that_no_case_knows_of_gets_one(town: Town, redis: Redis, tmp_path: Path) -> None:
    notes = book(town, redis)
    found = FoundNotes(notes, town.reading, tmp_path)
    with town.unit_of_work() as session:
        session.add(CallRecord(id="a-1.5", node="a", direction="inbound", number=DEMO.wang.number,
                               started_at=town.clock(), elder_id=town.elder_id(DEMO.wang)))  # fmt: skip
    old = SETTLED_AFTER + timedelta(minutes=1)
    record(tmp_path, "complaint-a-1.5", age=old, town=town)
    record(tmp_path, "registration-a-1.6", age=old, town=town)
    record(tmp_path, "complaint-a-1.7", age=timedelta(minutes=1), town=town)  # Somebody speaks still.
    record(tmp_path, "complaint-a-1.8", age=old, loud=0.0005, town=town)  # Silence, twice, and then a person.
    record(tmp_path, "message-a-1.9", age=old, town=town)  # The router's.
    record(tmp_path, "complaint-a-1.10", age=timedelta(days=9), town=town)
    record(tmp_path, "complaint-a-1.11", age=old, town=town)
    notes.keep(note(town, "a-1.11"))
    assert found.open_cases(town.clock()) == 2
    assert sorted(kept(town))[0] == ("complaint-a-1.11", "complaint-a-1.11", DEMO.stranger)
    assert ("complaint-a-1.5", "complaint-a-1.5", DEMO.wang.number) in kept(town)
    assert ("registration-a-1.6", "registration-a-1.6", None) in kept(town)
    assert found.open_cases(town.clock()) == 0, "once"
    assert {case.elder_id for case in town.rows(Case) if case.call_id == "a-1.5"} == {town.elder_id(DEMO.wang)}


def test_what_counts_as_words(town: Town, tmp_path: Path) -> None:
    now = timedelta()
    assert has_words(record(tmp_path, "a", age=now, town=town))
    assert not has_words(record(tmp_path, "b", seconds=0.3, age=now, town=town)), "a cough"
    assert not has_words(record(tmp_path, "c", loud=0.0, age=now, town=town))
    (tmp_path / "d.wav").write_bytes(b"RIFF and then the disk was full")
    assert has_words(tmp_path / "d.wav"), "a person is to find out"
    (tmp_path / "e.wav").write_bytes(b"")
    assert not has_words(tmp_path / "e.wav")
