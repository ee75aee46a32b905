"""A promise whose person may not be called any more: nobody is dialled, the agent is free, a person decides."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from db.models import Case, NeverCall, SmsMessage
from db.session import make_unit_of_work
from routing.calls import keys
from routing.calls.messages import AgentState, TicketEnd, TicketEnded
from tests.routing.calls.house import House
from tests.routing.calls.promising import NUMBER, dialled, finished, nobody_is_dialled, promised, row


def forbid(house: House) -> None:
    with make_unit_of_work(house.engine)() as session:
        session.add(
            NeverCall(
                number=NUMBER, number_index=house.cipher.number_index(NUMBER), reason="asked", created_by="user:1",
                created_at=datetime.now(UTC),
            )
        )  # fmt: skip


def take_away(database: Path) -> None:
    database.rename(f"{database}.away")


def count(house: House, kind: type) -> int:
    with make_unit_of_work(house.engine)() as session:
        return len(session.scalars(select(kind)).all())


def test_who_came_on_the_list_of_whom_never_to_call_is_not_dialled(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        forbid(house)
        await house.ready("1001")
        await house.told(TicketEnded, ticket_id=promise.ticket_id, end=TicketEnd.UNREACHED)
        await house.until(lambda: (row(house).state, row(house).last_outcome) == ("failed", "never_call"))
        await house.until(lambda: house.agent("1001").state is AgentState.READY)
        await house.until(lambda: house.redis.hgetall(keys.OWED_PROMISES) == {})
        await nobody_is_dialled(house)
        assert (count(house, Case), count(house, SmsMessage)) == (1, 0)

    tell(story)


def test_while_the_database_is_away_the_promise_is_kept(tell) -> None:
    async def story(house: House) -> None:
        await promised(house)
        house.engine.dispose()
        take_away(Path(str(house.engine.url.database)))
        await house.ready("1001")
        await finished(house, await dialled(house), "Failure", 3)

    tell(story)
