"""The router reads what its node wrote: calls that it missed are written once, and none that lives is ended."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

import pytest
from sqlalchemy import select

from db.models.calls import CallRecord, JourneyEvent, TicketRecord
from db.session import make_reading
from routing.calls import keys
from routing.calls.messages import TicketEnd, TicketEnded
from routing.calls.recovery import recovery
from routing.calls.recovery.writing import RECOVERED
from tests.routing.asterisk.fake_ami import silence
from tests.routing.calls.house import House
from tests.routing.calls.played_node import NODE
from tests.routing.calls.recovery.told import BEGAN, abandoned, line, moved, served

AGO = 200.0


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "_EVERY_SECONDS", 0.05)
    monkeypatch.setattr("routing.calls.recording._RECORD_SECONDS", 0.05)


def wrote(house: House, lines: list[str], ago: float = AGO) -> None:
    with house.call_file.open("a") as file:
        file.write(moved(lines, time.time() - ago - BEGAN))


def records(house: House) -> dict[str, CallRecord]:
    with make_reading(house.engine)() as session:
        return {each.id: each for each in session.scalars(select(CallRecord))}


def tickets(house: House) -> list[TicketRecord]:
    with make_reading(house.engine)() as session:
        return list(session.scalars(select(TicketRecord)))


def recovered(house: House) -> Counter[str]:
    with make_reading(house.engine)() as session:
        steps = session.scalars(select(JourneyEvent.call_id).where(JourneyEvent.what == RECOVERED))
        return Counter(steps)


def offsets(house: House) -> list[int]:
    return sorted(int(each) for each in house.redis.hvals(keys.CALL_FILES + NODE))


def ended(house: House) -> dict[str, str]:
    return {each.id: each.outcome for each in records(house).values() if each.ended_at}


def outcomes(house: House) -> dict[str, tuple[str, str]]:
    return {each.id: (each.outcome, each.agent_extension) for each in records(house).values() if each.ended_at}


def test_calls_that_ended_while_no_router_ran_are_written_once(tell) -> None:
    async def story(house: House) -> None:
        await house.kill_router()
        wrote(house, [*served("a-1.1"), *abandoned("a-1.2"), *served("a-1.3", end=False)])
        for _ in range(2):
            await house.start_router()
            await house.until(lambda: ended(house) == {"a-1.1": "answered", "a-1.2": "abandoned"})
            await house.until(lambda: recovered(house) == {"a-1.1": 1, "a-1.2": 1})
            await house.kill_router()
            house.redis.delete(keys.CALL_FILES + NODE)
        assert records(house)["a-1.1"].agent_extension == "1001"

    tell(story)


def test_tickets_of_calls_that_ended_meanwhile_end_as_their_node_tells(tell) -> None:
    async def story(house: House) -> None:
        taken, left, unknown = [await house.wait_in_hold() for _ in range(3)]
        await house.settle_down()
        await house.kill_router()
        house.channels.clear()
        wrote(house, served(taken.uniqueid), ago=60)
        wrote(house, abandoned(left.uniqueid), ago=60)
        await house.start_router()
        for caller, end in ((taken, TicketEnd.FALLBACK), (left, TicketEnd.ABANDONED), (unknown, TicketEnd.ABANDONED)):
            await house.told(TicketEnded, ticket_id=caller.ticket_id, end=end)
        await house.until(lambda: len(tickets(house)) == 3)
        agents = {each.call_id: each.agent_extension for each in tickets(house)}
        assert agents == {taken.uniqueid: "1001", left.uniqueid: None, unknown.uniqueid: None}
        await house.until(lambda: recovered(house) == {taken.uniqueid: 1, left.uniqueid: 1})
        outcomes = {each.id: each.outcome for each in records(house).values()}
        assert outcomes[taken.uniqueid] == "answered"
        assert outcomes[left.uniqueid] == "abandoned"

    tell(story)


@pytest.mark.parametrize("heard", [False, True])
def test_a_call_that_ends_while_the_router_looks_around_ends_as_its_node_tells(heard: bool, tell) -> None:
    """Asterisk served the caller alone; the end is in the file some moments after the channel is gone."""

    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.settle_down()
        await house.kill_router()
        whole = served(caller.uniqueid)
        talking = served(caller.uniqueid, end=False)
        wrote(house, talking, ago=60)
        house.ami.answer("CoreShowChannels", silence)
        asked = len(house.ami.sent("CoreShowChannels"))
        starting = asyncio.create_task(house.start_router())
        question = (await house.ami.received("CoreShowChannels", asked + 1))[-1]
        house.channels.clear()
        if heard:
            await house.hang_up(caller)
            await house.settle_down()
        house.channels.clear()
        await house.ami.push_bytes(*house.list_channels(question))
        await starting
        await house.settle_down()
        wrote(house, whole[len(talking) :], ago=60)
        await house.told(TicketEnded, ticket_id=caller.ticket_id)
        await house.until(lambda: [(each.end, each.agent_extension) for each in tickets(house)] != [])
        assert [(each.end, each.agent_extension) for each in tickets(house)] == [("fallback", "1001")]
        await house.until(lambda: outcomes(house) == {caller.uniqueid: ("answered", "1001")})

    tell(story)


def test_a_call_that_the_live_router_ends_is_its_own(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        wrote(house, abandoned(caller.uniqueid), ago=30)
        await house.hang_up(caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id)
        await house.until(lambda: ended(house) == {caller.uniqueid: "abandoned"})
        await house.until(lambda: offsets(house) == [0])  # Looked at, and left for later.
        assert not recovered(house)

    tell(story)


def test_a_call_that_the_live_router_missed_is_written_after_a_while(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end was lost between Asterisk and us; the connection stood all the time."""
    monkeypatch.setattr(recovery, "GRACE_SECONDS", 0.2)

    async def story(house: House) -> None:
        wrote(house, abandoned("a-1.1"), ago=30 - 3600)  # An hour ahead: the node's clock is wrong.
        await house.until(lambda: ended(house) == {"a-1.1": "abandoned"})
        await house.until(lambda: offsets(house) == [house.call_file.stat().st_size])

    tell(story)


def test_who_lives_is_not_ended_and_who_went_with_the_node_is(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "GRACE_SECONDS", 0.2)

    async def story(house: House) -> None:
        await house.kill_router()
        living, unseen = await house.call(), await house.call()
        wrote(house, served(living.uniqueid, end=False))
        wrote(house, served(unseen.uniqueid, end=False))
        wrote(house, served("a-1.3", end=False))
        await house.start_router()
        house.router.floor.legs.pop(f"{NODE}|{unseen.channel}", None)  # As if its beginning had been missed.
        await house.until(lambda: ended(house).keys() == {"a-1.3"})
        await house.until(lambda: recovered(house) == {"a-1.3": 1})
        assert offsets(house) == [0]
        lost = records(house)["a-1.3"]
        assert (lost.outcome, lost.agent_extension) == ("answered", "1001")
        house.channels.pop(living.channel)
        await house.hang_up(living)
        wrote(house, served(living.uniqueid)[8:])
        await house.until(lambda: living.uniqueid in ended(house))

    tell(story)


def test_a_router_reads_on_where_the_last_one_was(tell) -> None:
    async def story(house: House) -> None:
        await house.kill_router()
        wrote(house, abandoned("a-1.1"))
        first = house.call_file.stat().st_size
        open_call = await house.call()
        wrote(house, [line("CHAN_START", 0, call=open_call.uniqueid)])
        wrote(house, abandoned("a-1.2"))
        await house.start_router()
        await house.until(lambda: offsets(house) == [first])
        await house.kill_router()
        wrote(house, abandoned(open_call.uniqueid)[1:])
        house.channels.clear()
        await house.start_router()
        await house.until(lambda: ended(house).keys() == {"a-1.1", "a-1.2", open_call.uniqueid})
        await house.until(lambda: offsets(house) == [house.call_file.stat().st_size])
        assert set(recovered(house).values()) == {1}

    tell(story)


def test_an_sos_and_a_message_that_nobody_heard_of_have_their_cases(tell) -> None:
    async def story(house: House) -> None:
        await house.kill_router()
        living = await house.call()
        wrote(house, [line("CHAN_START", 0, call=living.uniqueid)])
        wrote(house, [line("FELLBACK", 1, call=living.uniqueid, extra="sos")])
        begun, *rest = abandoned("a-1.2", context="fallback")
        alone = [line("FELLBACK", 5, call="a-1.2", extra="agi"), line("MESSAGE", 25, call="a-1.2")]
        wrote(house, [begun, *alone, *rest])
        await house.start_router()
        await house.until(lambda: {call_id for _, _, call_id in house.cases} == {living.uniqueid, "a-1.2"})
        assert {kind for _, kind, _ in house.cases} == {"sos", "message"}
        await house.until(lambda: ended(house) == {"a-1.2": "fallback"})

    tell(story)


def test_garbage_and_a_database_that_is_away_lose_nothing(tell) -> None:
    async def story(house: House) -> None:
        await house.kill_router()
        house.call_file.write_bytes(b"\xff\x00,,,\n\n" + b'"HANGUP","' * 50 + b"\n")
        wrote(house, abandoned("a-1.1"))
        with house.call_file.open("a") as file:
            file.write('"CHAN_START","","17')  # Asterisk is in the middle of a line.
        house.writing_fails = 3
        await house.start_router()
        await house.until(lambda: recovered(house) == {"a-1.1": 1})
        assert house.writing_fails == 0

    tell(story)


def test_files_that_cannot_be_read_stop_nothing(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.settle_down()
        await house.kill_router()
        house.channels.clear()
        house.call_file.mkdir()  # Reading it fails, for root too.
        await house.start_router()
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.ABANDONED)
        await house.until(lambda: len(tickets(house)) == 1)

    tell(story)
