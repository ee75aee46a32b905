"""Scores and plays on both databases, and two people at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from db.models import Agent, CallMark, CallRecord, CallScore, RecordingPlay, TicketRecord, User
from db.session import UnitOfWork
from routing.errors import Conflict, NotFound
from routing.quality.recordings import TalkRecordings
from routing.quality.scores import Quality

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def quality(unit_of_work: UnitOfWork, reading: UnitOfWork) -> Quality:
    with unit_of_work() as work:
        user = User(login="li", name="Li", role="agent", password_hash="", active=True)
        work.add(user)
        work.flush()
        work.add(Agent(extension="1001", user_id=user.id, sip_secret="x"))
        for number in range(5):
            at = NOON + timedelta(minutes=number)
            work.add(
                CallRecord(
                    id=f"c{number}", node="a", direction="inbound", started_at=at, answered_at=at, agent_note="",
                    ended_at=at + timedelta(minutes=1), outcome="answered", recording=f"c{number}-1",
                )
            )  # fmt: skip
            work.add(
                TicketRecord(
                    id=f"t{number}", call_id=f"c{number}", intent="order", caller_class="elder", joined_at=at,
                    ended_at=at, end="answered", agent_extension="1001",
                )
            )  # fmt: skip
    return Quality(unit_of_work, reading, lambda: NOON + timedelta(days=7), SHANGHAI, 3)


def at_once(doers: list[Callable[[], object]]) -> list[object]:
    """Do them at the same moment; give what came of each, or the error's name."""
    ready = Barrier(len(doers))

    def do(doer: Callable[[], object]) -> object:
        ready.wait(10)
        try:
            return doer()
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(len(doers)) as threads:
        return list(threads.map(do, doers))


def test_of_two_who_score_one_is_told_so(quality: Quality, reading: UnitOfWork) -> None:
    form = quality.forms.change((("patience", 3), ("clarity", 1)), 0, "user:1")
    marks = {each.id: 4 for each in form.criteria}
    did = at_once([lambda who=who: quality.score("t1", marks, "", form.id, who) for who in ("user:1", "user:2")])
    assert sum(each == "conflict" for each in did) == 1
    with reading() as work:
        assert work.scalar(select(func.count()).select_from(CallScore)) == 1
        assert work.scalar(select(func.count()).select_from(CallMark)) == 2


def test_of_two_who_change_the_form_one_is_told_so(quality: Quality) -> None:
    did = at_once([lambda name=name: quality.forms.change(((name, 1),), 0, "user:1") for name in ("a", "b")])
    assert sum(each == "conflict" for each in did) == 1
    assert [each.version for each in quality.forms.all()] == [1]


def test_what_is_proposed_is_the_week_s_in_local_time(quality: Quality, unit_of_work: UnitOfWork) -> None:
    chosen = quality.proposed(MONDAY)
    assert list(chosen) == ["1001"] and len(chosen["1001"]) == 3
    assert quality.proposed(MONDAY + timedelta(days=7)) == {}
    with unit_of_work() as work:  # 23:30 on Sunday in Shanghai is 15:30 UTC; half an hour later it is Monday.
        for name, minutes in (("t0", 0), ("t1", 31)):
            work.get_one(TicketRecord, name).ended_at = datetime(2026, 3, 8, 15, 30, tzinfo=UTC) + timedelta(
                minutes=minutes
            )
            call = work.get_one(CallRecord, f"c{name[1]}")
            call.ended_at = datetime(2026, 3, 8, 17, 0, tzinfo=UTC)
    later = [each.ticket_id for each in quality.proposed(MONDAY + timedelta(days=7))["1001"]]
    assert later == ["t1"]


def test_means_and_own_scores(quality: Quality) -> None:
    form = quality.forms.change((("patience", 1),), 0, "user:1")
    (line,) = form.criteria
    for number, mark in enumerate((5, 3)):
        quality.score(f"t{number}", {line.id: mark}, "fine", form.id, "user:9")
    assert quality.means(NOON - timedelta(days=1)) == {"1001": (2, 80.0)}
    assert quality.means(NOON + timedelta(days=1)) == {}
    (newest, _) = quality.of_extension("1001")
    assert newest.ticket_id == "t1" and newest.user_id is not None
    quality.seen(newest.user_id)
    quality.answer(newest.id, "thank you", newest.user_id, "user:1")
    again = quality.score_of("t1")
    assert again and (again.answer, again.remark, again.seen_at is not None) == ("thank you", "fine", True)
    with pytest.raises(NotFound):
        quality.answer(newest.id, "not mine", newest.user_id + 1, "user:2")


def test_a_play_is_one_row(quality: Quality, unit_of_work: UnitOfWork, reading: UnitOfWork, tmp_path: Path) -> None:
    del quality
    (tmp_path / "c1-1.wav").write_bytes(b"RIFF")
    recordings = TalkRecordings(unit_of_work, reading, lambda: NOON, tmp_path)
    assert [(each.name, each.here) for each in recordings.of_call("c1")] == [("c1-1", True)]
    assert [(each.name, each.here) for each in recordings.of_call("c2")] == [("c2-1", False)]
    play = recordings.open("c1", "c1-1", "sos", "", "user:2")
    assert all(recordings.sound(play.id, "user:2").read_bytes() == b"RIFF" for _ in range(9))
    with reading() as work:
        assert work.scalar(select(func.count()).select_from(RecordingPlay)) == 1
    assert [each.actor for each in recordings.log("c1")] == ["user:2"] and recordings.log("c2") == ()
