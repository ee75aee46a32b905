"""The six facts as a file: what stands in it, for whom, and that no cell is a formula."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.demo import DEMO
from db.models import Elder, Visit
from routing.errors import Invalid
from routing.orders.evv.export import BOM, COLUMNS, csv_of, safe
from routing.orders.evv.facts import CHUNK, facts_of
from routing.orders.visits import TaskResult
from tests.routing.town import ZONE, Town

HOME = DEMO.wang.number


class Whole:
    """Sees everything."""

    def name(self, name: str) -> str:
        return name

    def text(self, text: str | None) -> str | None:
        return text


class Nothing:
    """Sees nothing of persons."""

    def name(self, _name: str) -> str:
        return "*"

    def text(self, _text: str | None) -> str | None:
        return "***"


def rows(town: Town, day: date, mask: Whole | Nothing) -> list[dict[str, str]]:
    written = "".join(csv_of(facts_of(town.reading, ZONE, day, day), mask, ZONE))
    assert written.startswith(BOM)
    return list(csv.DictReader(io.StringIO(written.removeprefix(BOM))))


def test_the_six_facts_stand_in_it(any_town: Town) -> None:
    town = any_town
    order = town.accept(town.place(item="bathing"))
    worker = order.worker_id or 0
    town.visits.check_in(worker, HOME, "in")
    town.clock.forward(minutes=52)
    out = town.visits.check_out(worker, None, "out")
    town.visits.report_task(out.visit_id, out.tasks[0].id, TaskResult.DONE)
    town.visits.report_task(out.visit_id, out.tasks[0].id, TaskResult.REFUSED)
    (row,) = rows(town, date(2026, 3, 4), Whole())
    assert tuple(row) == COLUMNS
    assert (row["service_type"], row["recipient"], row["date"], row["place"], row["provider"]) == (
        "助浴", DEMO.wang.name, "2026-03-04", DEMO.wang.address, "白雪梅",
    )  # fmt: skip
    assert (row["begin"], row["end"]) == ("2026-03-04T09:10:00+08:00", "2026-03-04T10:02:00+08:00")
    assert (row["minutes"], row["counted_minutes"], row["begin_verified"], row["end_verified"]) == (
        "52", "45", "yes", "no",
    )  # fmt: skip
    assert (row["end_from"], row["exceptions"], row["tasks"]) == ("withheld", "unverified_out", "washing:refused")
    (masked,) = rows(town, date(2026, 3, 4), Nothing())
    assert (masked["recipient"], masked["place"], masked["provider"]) == ("*", "***", "*")
    assert DEMO.wang.name not in "".join(masked.values())


def test_a_visit_over_midnight_belongs_to_the_day_on_which_it_began(town: Town) -> None:
    town.clock.forward(hours=14, minutes=30)
    order = town.accept(town.place())
    town.visits.check_in(order.worker_id or 0, HOME, "in")
    town.clock.forward(minutes=45)
    town.visits.check_out(order.worker_id or 0, HOME, "out")
    (row,) = rows(town, date(2026, 3, 4), Whole())
    assert (row["end"][:10], row["minutes"]) == ("2026-03-05", "45")
    assert rows(town, date(2026, 3, 5), Whole()) == []


def test_many_are_read_in_pieces_each_once(town: Town) -> None:
    town.served()
    (first,) = town.rows(Visit)
    with town.unit_of_work() as session:
        session.add_all(
            Visit(order_id=first.order_id, worker_id=first.worker_id, elder_id=first.elder_id, in_verified=True,
                  checked_in_at=first.checked_in_at, checked_out_at=first.checked_out_at)
            for _ in range(2 * CHUNK)
        )  # fmt: skip
    found = [each.visit_id for each in facts_of(town.reading, ZONE, date(2026, 3, 4), date(2026, 3, 4))]
    assert len(found) == len(set(found)) == 2 * CHUNK + 1


def test_names_of_elders_are_no_formulas(town: Town) -> None:
    town.served()
    with town.unit_of_work() as session:
        session.get_one(Elder, town.elder_id(DEMO.wang)).name = "=HYPERLINK(A1)"
    (row,) = rows(town, date(2026, 3, 4), Whole())
    assert row["recipient"] == "'=HYPERLINK(A1)"


@given(st.text(max_size=20))
def test_no_cell_begins_as_a_formula_and_nothing_is_lost(text: str) -> None:
    cell = safe(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell in (text, f"'{text}")


def test_days_that_cannot_be_are_refused(town: Town) -> None:
    day = date(2026, 3, 4)
    for first, last in ((day, day - timedelta(days=1)), (day, day + timedelta(days=366))):
        with pytest.raises(Invalid):
            facts_of(town.reading, ZONE, first, last)


@pytest.mark.parametrize("day", [date.min, date(1, 1, 2), date(9999, 12, 30)])
def test_days_at_the_ends_of_all_calendars_have_no_visits(town: Town, day: date) -> None:
    """In Shanghai the first hours of the year 1 are before all years of UTC."""
    assert list(facts_of(town.reading, ZONE, day, day)) == []


def test_the_last_day_of_all_has_no_day_after_it(town: Town) -> None:
    with pytest.raises(Invalid, match="calendars"):
        list(facts_of(town.reading, ZONE, date.max, date.max))
