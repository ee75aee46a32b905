"""What a person does about visits: reasons, corrections that keep the original, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.demo import DEMO
from db.models import AuditEntry, Callback, Visit, VisitCorrection, VisitException
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.evv.book import Correction
from routing.orders.policy import OrderState
from routing.orders.visits import Agreed
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

HOME, ME = DEMO.wang.number, "user:2"


def without_begin(town: Town) -> Visit:
    """A visit of which only the end is known."""
    order = town.accept(town.place())
    town.clock.forward(hours=2)
    town.visits.check_out(order.worker_id or 0, HOME, "out", agreed={Agreed.NO_BEGIN})
    (visit,) = town.rows(Visit)
    return visit


def test_a_missing_begin_is_put_in_with_a_reason_and_stays_told(any_town: Town) -> None:
    town = any_town
    visit = without_begin(town)
    (row,) = town.rows(VisitException)
    with pytest.raises(Invalid, match="correct its times"):
        town.visit_book.resolve(row.id, "forgot", "", ME)
    end = visit.checked_out_at
    assert end is not None
    begin = end - timedelta(minutes=53)
    town.visit_book.correct(visit.id, Correction("forgot", checked_in_at=begin), ME)
    (now,) = town.rows(Visit)
    assert (now.checked_in_at, now.minutes, now.worked_minutes, now.in_verified) == (begin, 53, 60, False)
    (kept,) = town.rows(VisitCorrection)
    assert (kept.what, kept.before, kept.after, kept.reason, kept.actor) == (
        "checked_in_at", None, begin, "forgot", ME,
    )  # fmt: skip
    (row,) = town.rows(VisitException)
    assert (row.state, row.reason, row.resolved_by) == ("resolved", "forgot", ME)
    assert [entry.action for entry in town.rows(AuditEntry)] == ["visit.corrected"]


def test_a_forgotten_end_makes_the_order_done_and_owes_the_elder_a_call(town: Town) -> None:
    order = town.accept(town.place())
    town.visits.check_in(order.worker_id or 0, HOME, "in")
    begin = town.clock()
    town.clock.forward(hours=17)
    town.late_visits.sweep()
    (visit,) = town.rows(Visit)
    town.visit_book.correct(visit.id, Correction("forgot", checked_out_at=begin + timedelta(hours=1)), ME)
    assert town.orders.get(order.id).state is OrderState.DONE
    assert len([row for row in town.rows(Callback) if row.kind == "after_service"]) == 1
    assert [row.state for row in town.rows(VisitException)] == ["resolved"]


def test_every_correction_keeps_what_was_there(town: Town) -> None:
    visit = without_begin(town)
    end = visit.checked_out_at
    assert end is not None
    times = [end - timedelta(minutes=minutes) for minutes in (60, 50, 40)]
    for at in times:
        town.visit_book.correct(visit.id, Correction("other", "the company rang", checked_in_at=at), ME)
    assert [(row.before, row.after) for row in town.rows(VisitCorrection)] == [
        (None, times[0]), (times[0], times[1]), (times[1], times[2]),
    ]  # fmt: skip


def test_what_cannot_be_is_refused(town: Town) -> None:
    visit = without_begin(town)
    end = visit.checked_out_at
    assert end is not None
    for correction in (
        Correction("no such reason", checked_in_at=end),
        Correction("other", checked_in_at=end),
        Correction("other", "x" * 501, checked_in_at=end),
        Correction("forgot"),
        Correction("forgot", checked_out_at=end),
        Correction("forgot", checked_in_at=end + timedelta(minutes=1)),
        Correction("forgot", checked_out_at=town.clock() + timedelta(seconds=1)),
        Correction("forgot", checked_in_at=end - timedelta(days=3)),
    ):
        with pytest.raises(Invalid):
            town.visit_book.correct(visit.id, correction, ME)
    with pytest.raises(NotFound):
        town.visit_book.correct(999, Correction("forgot", checked_in_at=end), ME)
    with pytest.raises(NotFound):
        town.visit_book.resolve(999, "forgot", "", ME)
    assert not town.rows(VisitCorrection)


def test_of_two_who_resolve_one_wins_and_the_other_is_told_who(any_town: Town) -> None:
    order = any_town.accept(any_town.place())
    any_town.visits.check_in(order.worker_id or 0, None, "in")
    (row,) = any_town.rows(VisitException)
    assert row.kind == "unverified_in"
    ends = at_once(4, lambda at: any_town.visit_book.resolve(row.id, "number_withheld", "", f"user:{at}"))
    lost = [end for end in ends if isinstance(end, Conflict)]
    (now,) = any_town.rows(VisitException)
    assert len(lost) == 3
    assert all(str(now.resolved_by) in str(end) for end in lost)
