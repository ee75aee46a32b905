"""Promised call-backs in the database: one for each person, kept with their place, closed once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.demo import DEMO
from db.models import Callback, Case, Elder
from routing.calls.messages import CallerClass, CaseOpened, Intent
from routing.calls.promise_book import PromiseState
from routing.calls.records import Ticket, TicketStage
from routing.outreach.promises import NotCalledBack, PromisedAlready
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

NUMBER, OTHER = DEMO.quiet.number, DEMO.wang.number


def a_promise(name: str = "1", number: str = NUMBER, **about: object) -> Ticket:
    promise = Ticket(
        f"promise-{name}", f"a-{name}", "", "", Intent.ORDER, CallerClass.FRAIL, joined_at=1_700_000_000.25,
        skills=("dialect",), stage=TicketStage.HELD, promised=True, number=number, promised_in=f"a-{name}",
        instead_of=f"t{name}",
    )  # fmt: skip
    return replace(promise, **about)  # type: ignore[arg-type]


def row(town: Town) -> Callback:
    (found,) = [each for each in town.rows(Callback) if each.kind == "promise"]
    return found


def test_what_is_kept_is_the_whole_place(any_town: Town) -> None:
    any_town.promises.make(a_promise())
    any_town.promises.make(a_promise())
    (kept,) = any_town.promises.kept()
    assert kept == a_promise(not_before=kept.not_before)
    assert NUMBER not in (row(any_town).place or "")


def test_one_number_is_promised_one_call_at_a_time(any_town: Town) -> None:
    def make(at: int) -> object:
        try:
            any_town.promises.make(a_promise(str(at)))
        except PromisedAlready as refused:
            return refused
        return None

    refused = [each for each in at_once(4, make) if each is not None]
    assert len(refused) == 3
    assert len(any_town.promises.kept()) == 1


def barred(town: Town) -> None:
    town.never_call.add(reason="asked", by="user:1", number=NUMBER)


def test_nothing_is_promised_that_will_not_be_kept(any_town: Town) -> None:
    barred(any_town)
    with pytest.raises(NotCalledBack):
        any_town.promises.make(a_promise())
    assert any_town.rows(Callback) == []


def test_who_may_not_be_called_by_now_is_for_a_person_and_gets_no_word_that_we_tried(any_town: Town) -> None:
    any_town.promises.make(a_promise())
    assert any_town.promises.barred(a_promise()) == ""
    barred(any_town)
    assert any_town.promises.barred(a_promise()) == "never_call"
    any_town.promises.write(a_promise(), PromiseState.FAILED, "never_call")
    assert (row(any_town).state, row(any_town).last_outcome) == ("failed", "never_call")
    (case,) = any_town.rows(Case)
    assert case.kind == "callback"
    assert any_town.sms_to(NUMBER) == []


def test_who_wants_no_calls_is_called_back_who_died_is_not(town: Town) -> None:
    elder = town.elder_id(DEMO.quiet)
    town.consents.note(channel="call", purpose="all", given=False, by="user:1", how="desk", number=NUMBER)
    assert town.promises.barred(a_promise(elder_id=elder)) == ""
    with town.unit_of_work() as session:
        session.get_one(Elder, elder).state = "deceased"
    assert town.promises.barred(a_promise(elder_id=elder)) == "gone"


def test_so_is_one_elder_by_whatever_number(any_town: Town) -> None:
    elder = any_town.elder_id(DEMO.quiet)
    any_town.promises.make(a_promise("1", elder_id=elder))
    with pytest.raises(PromisedAlready):
        any_town.promises.make(a_promise("2", OTHER, elder_id=elder))
    any_town.promises.write(a_promise("1", elder_id=elder), PromiseState.DONE, "answered")
    any_town.promises.make(a_promise("2", OTHER, elder_id=elder))


def test_it_is_found_by_number_and_by_elder_while_it_is_open(town: Town) -> None:
    elder = town.elder_id(DEMO.quiet)
    town.promises.make(a_promise(elder_id=elder))
    assert town.promises.open_for(NUMBER, None) == town.promises.open_for(None, elder) == town.promises.kept()[0]
    assert town.promises.open_for(OTHER, None) is None
    assert town.promises.open_for(None, None) is None
    town.promises.cancel("promise-1", "cancelled")
    assert town.promises.open_for(NUMBER, elder) is None


def test_what_the_router_was_told_first_is_written_by_it(town: Town) -> None:
    """The flow could not reach the database."""
    town.promises.write(a_promise(), PromiseState.DUE, "")
    assert len(town.promises.kept()) == 1


def test_a_dial_is_counted_and_a_closed_one_stays_closed(town: Town) -> None:
    town.promises.make(a_promise())
    town.promises.write(a_promise(dials=1, not_before=1_700_000_900.0), PromiseState.DUE, "no_answer")
    (kept,) = town.promises.kept()
    assert (kept.dials, kept.not_before, row(town).last_outcome) == (1, 1_700_000_900.0, "no_answer")
    town.promises.write(a_promise(dials=1), PromiseState.DONE, "answered")
    town.promises.write(a_promise(dials=1), PromiseState.DUE, "late")
    town.promises.write(a_promise(dials=1), PromiseState.FAILED, "later")
    assert (row(town).state, row(town).last_outcome, town.rows(Case)) == ("done", "answered", [])


def test_who_could_not_be_reached_gets_an_sms_and_a_case_that_a_person_must_close(town: Town) -> None:
    elder = town.elder_id(DEMO.quiet)
    promise = a_promise(elder_id=elder, dials=3)
    town.promises.make(promise)
    for _ in range(2):
        town.promises.write(promise, PromiseState.FAILED, "unreached")
    assert row(town).state == "failed"
    (case,) = town.rows(Case)
    assert (case.kind, case.state, case.elder_id, case.call_id) == ("callback", "open", elder, "a-1")
    assert [each.kind for each in town.published if isinstance(each, CaseOpened)] == ["callback"]
    (text,) = town.sms_to(NUMBER)
    assert "没有打通" in text


def test_the_worker_dials_no_promise(town: Town) -> None:
    """The router does, when an agent is reserved."""
    town.promises.make(a_promise())
    town.clock.forward(days=30)
    assert town.callbacks.dial_due() == 0
    town.callbacks.settle("promise-1.1", "no_answer")
    assert row(town).state == "due"


def test_a_place_that_cannot_be_read_hides_no_other(town: Town) -> None:
    for name, number in (("1", NUMBER), ("2", OTHER)):
        town.promises.make(a_promise(name, number))
    with town.unit_of_work() as session:
        session.get_one(Callback, next(each.id for each in town.rows(Callback) if each.cause == "promise-1")).place = ""
    assert [each.ticket_id for each in town.promises.kept()] == ["promise-2"]
