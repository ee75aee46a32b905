"""The pace from the router's real state in Redis: who waits, who is free, what is dialled, and what the day came to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

from db.models import CallAttempt, Callback, TicketRecord
from db.session import make_reading
from routing.calls.agents import AgentBoard
from routing.calls.messages import PlaceCall
from routing.calls.tickets import Tickets, send
from routing.outreach.pace_reading import PaceReader
from routing.outreach.pacing import Because, Pace, PacingRules
from tests.redis_server import RedisServer
from tests.routing.calls.house import House
from tests.routing.town import Town

RULES = PacingRules(lines=10, share=0.3, most=10)


def reader(house: House) -> PaceReader:
    return PaceReader(
        tickets=house.tickets, board=house.board, reading=make_reading(house.engine), clock=lambda: datetime.now(UTC),
        rules=RULES, abandoned_after_seconds=20,
    )  # fmt: skip


def test_nobody_is_rung_while_an_elder_waits_nor_without_an_agent_who_is_free(
    redis: Redis, redis_server: RedisServer, tmp_path: Path
) -> None:
    async def story() -> None:
        async with House(redis_server.url, tmp_path) as house:
            paces = reader(house)
            await house.until(lambda: paces.pace() == Pace(3, 3, Because.SHARE, 3))  # Nobody is logged in.
            caller = await house.wait_in_hold()
            await house.until(lambda: paces.pace() == Pace(0, 0, Because.WAITING))
            await house.hang_up(caller)
            await house.until(lambda: paces.pace().room == 3)
            await house.ready("1001")
            await house.until(lambda: paces.floor().agents_ready == 1 and paces.pace().room == 3)
            talker = await house.wait_in_hold()
            leg = await house.rings(talker, "1001")
            await house.answers(talker, leg)
            await house.until(lambda: paces.pace() == Pace(0, 3, Because.AGENTS))
            send(redis, PlaceCall("offer-1.1", "13900000001", "offer", "1", 30.0, datetime.now(UTC).timestamp() + 60))
            await house.until(lambda: paces.pace().others == 2)

    asyncio.run(asyncio.wait_for(story(), 120))


def test_without_redis_nobody_is_rung() -> None:
    nowhere = Redis(port=1, socket_connect_timeout=0.2)
    paces = PaceReader(
        tickets=Tickets(nowhere), board=AgentBoard(nowhere), reading=None,  # type: ignore[arg-type]  # Never asked.
        clock=lambda: datetime.now(UTC), rules=RULES, abandoned_after_seconds=20,
    )  # fmt: skip
    assert paces.pace().others == 0


@pytest.mark.parametrize(
    ("end", "waited", "abandoned"), [("abandoned", 5.0, 1), ("answered", 25.0, 1), ("answered", 5.0, 0)]
)
def test_whoever_asked_for_a_person_and_found_none_in_time_is_counted(
    redis: Redis, any_town: Town, end: str, waited: float, abandoned: int
) -> None:
    now = any_town.clock()
    with any_town.unit_of_work() as session:
        row = Callback(
            cause="after-service-order-1", kind="after_service", flow="after_service", reference="1", state="done",
            number="+8613900000001", due_at=now, attempts=3, last_outcome="", created_at=now, updated_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        for attempt, outcome in enumerate(("no_answer", "not_reached", "done"), 1):
            session.add(CallAttempt(callback_id=row.id, attempt=attempt, at=now, outcome=outcome))
        for number, call in enumerate(("placed-1", "a-1")):
            session.add(
                TicketRecord(
                    id=f"t-{number}", call_id=call, intent="callback", caller_class="elder", joined_at=now, end=end,
                    waited_seconds=waited,
                )
            )  # fmt: skip
    paces = PaceReader(
        tickets=Tickets(redis), board=AgentBoard(redis), reading=any_town.reading, clock=any_town.clock, rules=RULES,
        abandoned_after_seconds=20,
    )  # fmt: skip
    floor = paces.floor()
    assert (floor.answered, floor.asked, floor.abandoned) == (1, 1, abandoned)
    any_town.clock.forward(hours=25)
    assert paces.floor().answered == 0


def test_calls_are_claimed_as_the_pace_says(any_town: Town) -> None:
    any_town.callbacks._pace = lambda: Pace(1, 2, Because.AGENTS)
    for number in range(3):
        any_town.callbacks.owe(f"call-{number}", kind="promise", flow="f", reference="1", number="+8613900000001")
    any_town.clock.forward(minutes=1)
    assert any_town.callbacks.dial_due() == 1
    any_town.callbacks._pace = lambda: Pace(0, 0, Because.WAITING)
    assert any_town.callbacks.dial_due() == 0
