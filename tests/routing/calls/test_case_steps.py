"""What happens to the call of an SOS stands in its case's timeline: once, in order, through outages and restarts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from db.models import CaseEvent
from db.session import UnitOfWork
from routing.calls import entries
from routing.calls.batches import write_batch
from routing.calls.case_steps import is_told
from tests.routing.town import Town

CALL = "a-1700000000.1"


def timeline(town: Town) -> list[tuple[str, str]]:
    with town.reading() as session:
        events = session.query(CaseEvent).order_by(CaseEvent.at, CaseEvent.id)
        return [(event.what, event.detail) for event in events]


def write(unit_of_work: UnitOfWork, *lines: str) -> None:
    with unit_of_work() as session:
        write_batch(session.connection(), lines)


def steps(town: Town) -> list[str]:
    began = town.clock().timestamp()
    words = [("ticket.joined", "sos"), ("ticket.offered", "1001: idle"), ("welcome.greeted", ""),
             ("ticket.answered", "1001"), ("talk.confer", "120"), ("talk.joined", "120")]  # fmt: skip
    return [entries.note(CALL, began + 1 + after, what, detail) for after, (what, detail) in enumerate(words)]


TOLD = ["opened", "ticket.joined", "ticket.offered", "ticket.answered", "talk.confer", "talk.joined"]


def test_steps_come_into_the_timeline_as_they_are_written_and_never_twice(any_town: Town) -> None:
    any_town.cases.open(f"sos-{CALL}", "sos", call_id=CALL)
    any_town.cases.open("other", "complaint", call_id=CALL)
    lines = steps(any_town)
    write(any_town.unit_of_work, *lines[:3])
    write(any_town.unit_of_work, *lines)  # Asked again after a crash.
    any_town.cases.catch_up([CALL])
    assert [what for what, _ in timeline(any_town) if what != "opened"] == TOLD[1:]
    assert ("ticket.answered", "1001") in timeline(any_town)


def test_steps_from_before_the_case_was_written_come_with_it(any_town: Town) -> None:
    """The database was away: the case waited in Redis, and the router's steps were written first."""
    began = any_town.clock()
    any_town.clock.forward(minutes=3)
    write(any_town.unit_of_work, *steps(any_town))
    any_town.cases.open(f"sos-{CALL}", "sos", call_id=CALL, opened_at=began, note="did 12340")
    assert [what for what, _ in timeline(any_town)] == TOLD


def test_who_looks_while_another_writes_makes_no_line_twice(any_town: Town) -> None:
    any_town.cases.open(f"sos-{CALL}", "sos", call_id=CALL)
    lines = steps(any_town)
    with ThreadPoolExecutor(6) as pool:
        written = [pool.submit(write, any_town.unit_of_work, line) for line in lines]
        looked = [pool.submit(any_town.cases.catch_up, [CALL]) for _ in range(6)]
        for each in (*written, *looked):
            each.result()
    any_town.cases.catch_up([CALL])
    assert sorted(what for what, _ in timeline(any_town)) == sorted(TOLD)


def test_what_belongs_into_a_timeline() -> None:
    assert is_told("ticket.offered")
    assert is_told("talk.not_joined")
    assert not is_told("welcome.greeted")
    assert not is_told("call.began")
