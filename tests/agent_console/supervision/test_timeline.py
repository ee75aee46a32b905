"""A call as a person reads it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import agent_console
from agent_console.catalogue import CHINESE, ENGLISH, speaking
from agent_console.supervision.timeline import Phase, phases_of, step_word
from agent_console.texts import words
from db.models import CallRecord, TicketRecord
from tests.agent_console.console import Desk
from tests.agent_console.supervision.test_supervision import begin

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ROOT = Path(agent_console.__file__).parents[1]


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def call(ended: float | None = 200, answered: float | None = 40) -> CallRecord:
    return CallRecord(
        id="c1", direction="inbound", started_at=AT, answered_at=None if answered is None else after(answered),
        ended_at=None if ended is None else after(ended), agent_extension="1001",
    )  # fmt: skip


def ticket(name: str, joined: float, ended: float | None, end: str | None, agent: str | None = None) -> TicketRecord:
    over = None if ended is None else after(ended)
    return TicketRecord(id=name, joined_at=after(joined), ended_at=over, end=end, agent_extension=agent)


def test_keys_waiting_and_talking() -> None:
    found = phases_of(call(), [ticket("t1", 25, 40, "answered", "1001")], {"1001": "李娜"})
    assert found == [
        Phase("keys", AT, 25), Phase("waiting", after(25), 15), Phase("talking", after(40), 160, "1001 李娜"),
    ]  # fmt: skip


def test_two_talks_one_that_lasts_and_none() -> None:
    two = [ticket("t2", 100, 110, "answered", "1002"), ticket("t1", 0, 40, "answered", "1001")]
    found = phases_of(call(ended=None), two, {})
    assert [(each.kind, each.seconds, each.who) for each in found] == [
        ("waiting", 40, ""), ("talking", 60, "1001"), ("waiting", 10, ""), ("talking", None, "1002"),
    ]  # fmt: skip
    (alone,) = phases_of(call(ended=9, answered=None), [], {})
    assert alone == Phase("keys", AT, 9)


def test_a_place_that_was_kept_is_no_wait_of_this_call() -> None:
    found = phases_of(call(), [ticket("t1", -3_600, 40, "answered", "1001")], {})
    assert [(each.kind, each.seconds) for each in found] == [("waiting", 40), ("talking", 160)]


def test_every_step_that_the_router_writes_has_a_word() -> None:
    written = set()
    for path in (ROOT / "routing" / "calls").glob("*.py"):
        written |= set(re.findall(r'\bnote\([^"\n]*?f?"([a-z_]+\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    assert {"talk.joined", "ticket.offered", "ticket.moved"} <= written
    for language in (CHINESE, ENGLISH):
        with speaking(language):
            assert written - set(words("journey")) == set(), language


def test_each_conversation_may_end_before_its_time(desk: Desk) -> None:
    with speaking(CHINESE):
        assert step_word("welcome.hung_up") == "来电者挂断"
        assert step_word("medicine.failed") == "流程出错，转人工"
        assert step_word("nobody.knows") == "nobody.knows"
    journey = begin(desk)
    journey.note("c1", "welcome.hung_up")
    journey.ended("c1", "abandoned")
    page = desk.logged_in("supervisor").get("/supervisor/calls/c1").get_data(as_text=True)
    assert "来电者挂断" in page and "自助按键" in page and "1:15" in page
