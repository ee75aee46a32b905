"""Fates of calls fill what the database lacks, once, and change nothing that it has."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from db.models import Elder
from db.models.calls import CallRecord, JourneyEvent
from routing.calls.directory import CallerDirectory, DirectoryUnavailable
from routing.calls.journey import CallFacts, Journey
from routing.calls.recovery.stories import CallFate
from routing.calls.recovery.writing import RECOVERED, RecoveredCalls
from tests.routing.town import Town

BEGAN = 1_795_329_250.25
FATE = CallFate(
    "a-1.1", "a", "inbound", "12349", BEGAN, BEGAN + 50, "answered", number="09319000101", connected_at=BEGAN + 18,
    agent="1001", talk_seconds=32.0, fell_back=True, how="caller hung up, cause 16",
)  # fmt: skip


def recovered(town: Town) -> RecoveredCalls:
    return RecoveredCalls(town.unit_of_work, town.reading, CallerDirectory(town.engine, town.cipher).look_up)


def record(town: Town) -> CallRecord:
    with town.reading() as session:
        return session.scalars(select(CallRecord)).one()


def words(town: Town) -> Counter[str]:
    with town.reading() as session:
        return Counter(session.scalars(select(JourneyEvent.what)))


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(BEGAN + seconds, UTC)


def test_a_call_without_a_record_gets_one_that_names_the_elder(any_town: Town) -> None:
    for _ in range(3):
        recovered(any_town).write([FATE, FATE])
    call = record(any_town)
    assert (call.id, call.node, call.direction, call.dialled, call.outcome, call.agent_extension) == (
        "a-1.1", "a", "inbound", "12349", "answered", "1001",
    )  # fmt: skip
    assert (call.started_at, call.answered_at, call.ended_at) == (at(0), at(18), at(50))
    with any_town.reading() as session:
        elder = session.scalars(select(Elder).where(Elder.id == call.elder_id)).one()
        (step,) = session.scalars(select(JourneyEvent))
    assert (elder.name, call.number) == ("王桂兰", "+869319000101")
    assert (step.what, step.at) == (RECOVERED, at(50))
    assert step.detail == (
        "cel: answered, in Asterisk's own queue, with 1001 for 32 s, caller hung up, cause 16"
    )  # fmt: skip


@pytest.mark.parametrize("number", ["", "anonymous", "${SHELL(id)}", "\"'\n,", "9" * 300, "+12025550123"])
def test_a_call_from_nobody_known_has_its_record_too(any_town: Town, number: str) -> None:
    recovered(any_town).write([CallFate(**(vars(FATE) | {"number": number}))])
    assert record(any_town).elder_id is None
    assert record(any_town).ended_at == at(50)


def test_a_record_without_an_end_gets_it_and_keeps_the_rest(any_town: Town) -> None:
    journey = Journey(any_town.unit_of_work, Redis(), clock=lambda: BEGAN)  # Redis is not asked: the database is there.
    journey.began(CallFacts("a-1.1", "a", "inbound", "12340", BEGAN - 1, "+8613900000009"))
    journey.note("a-1.1", "welcome.greeted")
    assert recovered(any_town).write([FATE]) == 1
    assert recovered(any_town).write([FATE]) == 0
    call = record(any_town)
    assert (call.dialled, call.number, call.started_at) == ("12340", "+8613900000009", at(-1))
    assert (call.outcome, call.agent_extension, call.answered_at, call.ended_at) == ("answered", "1001", at(18), at(50))
    assert words(any_town) == {"call.began": 1, "welcome.greeted": 1, RECOVERED: 1}


def test_what_the_live_router_wrote_stays(any_town: Town) -> None:
    values: dict[str, Any] = {
        "id": "a-1.1", "node": "a", "direction": "inbound", "dialled": "12349", "number": "+8613900000009",
        "started_at": at(1), "answered_at": at(17), "ended_at": at(49), "outcome": "promised",
        "agent_extension": "1002", "agent_note": "",
    }  # fmt: skip
    with any_town.unit_of_work() as session:
        session.add(CallRecord(**values))
    assert recovered(any_town).write([FATE]) == 0
    call = record(any_town)
    assert {name: getattr(call, name) for name in values} == values
    assert not words(any_town)


def test_a_call_that_fell_back_while_the_router_lived_learns_who_answered(any_town: Town) -> None:
    with any_town.unit_of_work() as session:
        session.add(
            CallRecord(
                id="a-1.1", node="a", direction="inbound", dialled="12349", started_at=at(0), ended_at=at(50),
                outcome="fallback", agent_note="",
            )
        )  # fmt: skip
    assert recovered(any_town).write([FATE]) == 0
    call = record(any_town)
    assert (call.outcome, call.agent_extension, call.answered_at) == ("fallback", "1001", at(18))
    assert not words(any_town)


def test_many_at_once_and_none_when_the_register_is_away(any_town: Town) -> None:
    fates = [CallFate(**(vars(FATE) | {"call_id": f"a-1.{number}"})) for number in range(250)]

    def away(_number: str) -> Any:
        raise DirectoryUnavailable("away")

    with pytest.raises(DirectoryUnavailable):
        RecoveredCalls(any_town.unit_of_work, any_town.reading, away).write(fates)
    assert not words(any_town)
    assert recovered(any_town).write(fates) == 250
    assert words(any_town) == {RECOVERED: 250}
