"""Taking tasks on both databases: one at a time, for a while, and never two at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from db.models import Callback, Case, CaseEvent, TaskClaim
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.cases import open_case
from routing.worklists.claims import TaskClaims
from routing.worklists.lists import TaskLists
from routing.worklists.policy import LONGEST_DEFERRAL, TakenAlready

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
LASTS = timedelta(minutes=20)
AT_ONCE = 8


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def claims(unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Clock) -> TaskClaims:
    return TaskClaims(unit_of_work, reading, clock, LASTS, UTC)


@pytest.fixture
def lists(reading: UnitOfWork, clock: Clock, claims: TaskClaims) -> TaskLists:
    return TaskLists(reading, clock, claims)


def case(unit_of_work: UnitOfWork, kind: str, *, due_at: datetime | None = None) -> str:
    with unit_of_work() as session:
        count = len(session.scalars(select(Case.id)).all())
        opened, _event = open_case(session, NOON, key=f"{kind}-{count}", kind=kind, due_at=due_at)
        return f"case:{opened.id}"


def owed(unit_of_work: UnitOfWork, kind: str, state: str) -> str:
    with unit_of_work() as session:
        row = Callback(
            cause=f"{kind}-{state}", kind=kind, flow="", reference="1", number="+8613900000001", place=None,
            state=state, due_at=NOON, created_at=NOON, updated_at=NOON, last_outcome="",
        )  # fmt: skip
        session.add(row)
        session.flush()
        return f"callback:{row.id}"


def all_at_once(act: Callable[[str], object]) -> list[str]:
    """Let AT_ONCE people do the same at the same moment; give those for whom it went well."""
    start = Barrier(AT_ONCE)

    def one(actor: str) -> str:
        start.wait(30)
        try:
            act(actor)
        except TakenAlready:
            return ""
        return actor

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [who for who in pool.map(one, [f"user:{number}" for number in range(1, AT_ONCE + 1)]) if who]


def test_of_all_who_ask_at_the_same_moment_one_has_it(claims: TaskClaims, unit_of_work: UnitOfWork) -> None:
    for kind in ("complaint", "wellbeing", "callback", "registration"):
        subject = case(unit_of_work, kind)
        winners = all_at_once(lambda actor, subject=subject: claims.take(subject, actor))  # type: ignore[misc]
        assert len(winners) == 1, kind
        assert claims.of([subject])[subject].by == winners[0]


def test_a_claim_that_ran_out_is_taken_once_too(claims: TaskClaims, unit_of_work: UnitOfWork, clock: Clock) -> None:
    subject = case(unit_of_work, "complaint")
    claims.take(subject, "user:99")
    clock.now += LASTS - timedelta(seconds=1)
    assert all_at_once(lambda actor: claims.take(subject, actor)) == []
    clock.now += timedelta(seconds=1)
    assert claims.of([subject])[subject].holder(clock.now) is None
    assert len(all_at_once(lambda actor: claims.take(subject, actor))) == 1


def test_whoever_has_it_has_it_for_longer_and_lets_go_of_it(
    claims: TaskClaims, unit_of_work: UnitOfWork, clock: Clock
) -> None:
    subject = case(unit_of_work, "complaint")
    claims.take(subject, "user:1")
    clock.now += timedelta(minutes=5)
    assert claims.take(subject, "user:1") == clock.now + LASTS
    claims.release(subject, "user:2")
    assert claims.of([subject])[subject].by == "user:1", "nobody lets go of another's"
    claims.release(subject, "user:2", anybodys=True)
    claims.take(subject, "user:2")
    claims.release(subject, "user:2")
    claims.take(subject, "user:3")
    claims.forget(subject)
    with unit_of_work() as session:
        assert session.scalars(select(TaskClaim)).all() == []


def test_what_is_put_off_comes_last_and_back_at_its_time(
    claims: TaskClaims, lists: TaskLists, unit_of_work: UnitOfWork, clock: Clock
) -> None:
    soon = case(unit_of_work, "complaint", due_at=NOON + timedelta(minutes=1))
    later = case(unit_of_work, "registration", due_at=NOON + timedelta(hours=5))
    assert [each.subject for each in lists.open("complaints")] == [soon, later]
    claims.defer(soon, "user:1", NOON + timedelta(hours=2))
    found = lists.open("complaints")
    assert [each.subject for each in found] == [later, soon]
    assert found[1].claim.is_deferred(clock.now) and found[1].claim.holder(clock.now) is None
    with unit_of_work() as session:
        (step,) = session.scalars(select(CaseEvent).where(CaseEvent.what == "deferred"))
        assert (step.actor, step.detail) == ("user:1", "2026-03-02 06:00")
    clock.now += timedelta(hours=2)
    assert [each.subject for each in lists.open("complaints")] == [soon, later]
    assert lists.open("complaints")[0].is_late(clock.now)


def test_what_cannot_be_taken_or_put_off(claims: TaskClaims, unit_of_work: UnitOfWork) -> None:
    subject, sos = case(unit_of_work, "complaint"), case(unit_of_work, "sos")
    for nothing in ("case:999", "callback:1", "case:x", "order:1", case(unit_of_work, "dispatch"), "case:99999999999"):
        with pytest.raises(NotFound):
            claims.take(nothing, "user:1")
    for until in (NOON, NOON - timedelta(days=1), NOON + LONGEST_DEFERRAL + timedelta(seconds=1)):
        with pytest.raises(Invalid):
            claims.defer(subject, "user:1", until)
    with pytest.raises(Invalid, match="not put off"):
        claims.defer(sos, "user:1", NOON + timedelta(hours=1))
    claims.take(subject, "user:1")
    with pytest.raises(TakenAlready):
        claims.defer(subject, "user:2", NOON + timedelta(hours=1))
    with unit_of_work() as session:
        session.get_one(Case, int(subject.partition(":")[2])).state = "closed"
    with pytest.raises(Conflict, match="closed already"):
        claims.take(subject, "user:1")


def test_each_list_has_what_belongs_there(lists: TaskLists, unit_of_work: UnitOfWork) -> None:
    wanted = {
        "sos": {case(unit_of_work, "sos")},
        "wellbeing": {case(unit_of_work, "wellbeing")},
        "callbacks": {
            case(unit_of_work, "callback"), owed(unit_of_work, "message", "due"), owed(unit_of_work, "promise", "due"),
        },
        "complaints": {case(unit_of_work, "complaint"), case(unit_of_work, "registration")},
        "not_reached": {owed(unit_of_work, "after_service", "listed")},
    }  # fmt: skip
    case(unit_of_work, "dispatch")
    owed(unit_of_work, "after_service", "due")
    owed(unit_of_work, "promise", "cancelled")
    assert {name: {each.subject for each in lists.open(name)} for name in wanted} == wanted
    assert lists.counts() == {name: len(found) for name, found in wanted.items()}
