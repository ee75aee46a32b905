"""Who is called every day, and on which days not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, update

from db.demo import DEMO
from db.models import Elder, ElderPhone, WellBeingEnrolment
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.medicine.reminders import Wish
from routing.outreach.wellbeing.enrolments import RestsThen
from tests.routing.orders.test_service import at_once
from tests.routing.outreach.wellbeing.mornings import NINE, WANG, enrol
from tests.routing.town import Town

TODAY = date(2026, 3, 5)


def test_who_enrolled_whom_by_whose_word_is_kept(town: Town) -> None:
    elder_id = town.elder_id(WANG)
    town.enrolments.enrol(elder_id, "8:30", consent="relative", consent_note="儿子来电", by="user:2")
    found = town.enrolments.of_elder(elder_id)
    assert found is not None
    assert (found.at, found.rule, found.consent, found.consent_note, found.enrolled_by) == (
        "08:30", "FREQ=DAILY", "relative", "儿子来电", "user:2",
    )  # fmt: skip
    assert "儿子" not in repr(found)


def test_at_most_one_enrolment_is_active_whoever_enrols_at_once(any_town: Town) -> None:
    at_once(4, lambda at: enrol(any_town, at=f"09:0{at}"))
    assert len([row for row in any_town.rows(WellBeingEnrolment) if row.ended_at is None]) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"at": "25:00"}, "write times of day"),
        ({"at": "09:00,10:00"}, "one time"),
        ({"at": ""}, "time"),
        ({"at": "07:59"}, "choose a time from 08:00 to 20:00"),
        ({"at": "20:01"}, "choose a time from 08:00 to 20:00"),
        ({"consent": ""}, "who agreed"),
        ({"consent": "neighbour"}, "who agreed"),
        ({"consent_note": "好" * 501}, "at most 500"),
        ({"rule": "FREQ=HOURLY"}, "FREQ is one of"),
        ({"rule": "\0"}, "no part of a rule"),
        ({"rule": "FREQ=DAILY;UNTIL=20200101"}, "ends"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(town: Town, more: dict[str, str], words: str) -> None:
    given = {"at": "09:00", "consent": "elder", "by": "user:2"} | more
    with pytest.raises(Invalid, match=words):
        town.enrolments.enrol(town.elder_id(WANG), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rest", "at", "meets"),
    [
        ("12:30-14:00", "12:30", True), ("12:30-14:00", "11:31", True), ("12:30-14:00", "11:30", False),
        ("12:30-14:00", "14:00", False), ("21:00-05:00", "20:00", False), ("01:00-09:00", "08:59", True),
        ("", "12:30", False),
    ],
)  # fmt: skip
def test_no_time_whose_hour_meets_the_elders_rest(town: Town, rest: str, at: str, meets: bool) -> None:
    """A call that is put off would be taken for one without an answer, and its repeats for an alarm."""
    elder_id = town.elder_id(WANG)
    with town.unit_of_work() as session:
        session.execute(update(Elder).where(Elder.id == elder_id).values(rest=rest))
    wish = Wish(at, "elder")
    if not meets:
        assert town.enrolments.enrol(elder_id, at, consent="elder", by="user:2").at == at
        assert town.reminders.make(elder_id, wish, by="user:2").at == at
        return
    with pytest.raises(RestsThen, match="choose a time"):
        town.enrolments.enrol(elder_id, at, consent="elder", by="user:2")
    with pytest.raises(RestsThen, match=rest[:5]):
        town.reminders.make(elder_id, wish, by="user:2")


def test_only_who_lives_here_and_can_be_rung_is_enrolled(town: Town) -> None:
    with pytest.raises(NotFound):
        town.enrolments.enrol(9_999, "09:00", consent="elder", by="user:2")
    elder_id = town.elder_id(WANG)
    with town.unit_of_work() as session:
        session.execute(delete(ElderPhone).where(ElderPhone.elder_id == elder_id))
        session.execute(update(Elder).where(Elder.code == DEMO.quiet.code).values(state="moved"))
    with pytest.raises(Invalid, match="no number"):
        enrol(town)
    with pytest.raises(Invalid, match="registered"):
        enrol(town, DEMO.quiet)


def test_in_hospital_nobody_calls_and_back_at_home_they_do(town: Town) -> None:
    elder_id = enrol(town)
    found = town.enrolments.pause(elder_id, TODAY, None, "hospital", "user:2")
    town.clock.now = NINE
    assert town.well_being.sweep() == 0
    town.clock.forward(days=3)
    assert town.well_being.sweep() == 0
    assert town.enrolments.end_pause(elder_id, found.pauses[0].id).pauses == ()
    assert town.well_being.sweep() == 1


def test_pauses_that_cannot_be(town: Town) -> None:
    elder_id = enrol(town)
    with pytest.raises(Invalid, match="ends on its first day or after"):
        town.enrolments.pause(elder_id, TODAY, TODAY - timedelta(days=1), "away", "user:2")
    with pytest.raises(Invalid, match="hospital"):
        town.enrolments.pause(elder_id, TODAY, None, "lazy", "user:2")
    with pytest.raises(NotFound):
        town.enrolments.pause(town.elder_id(DEMO.quiet), TODAY, None, "away", "user:2")
    pause = town.enrolments.pause(elder_id, TODAY, TODAY, "away", "user:2").pauses[0]
    town.clock.forward(days=2)
    with pytest.raises(Conflict):
        town.enrolments.end_pause(elder_id, pause.id)
    with pytest.raises(NotFound):
        town.enrolments.end_pause(elder_id, 99)


def test_who_does_not_want_it_any_more_is_not_called(town: Town) -> None:
    elder_id = enrol(town)
    town.enrolments.end(elder_id, "user:3")
    town.clock.now = NINE
    assert (town.well_being.sweep(), town.enrolments.of_elder(elder_id)) == (0, None)
    with pytest.raises(NotFound):
        town.enrolments.end(elder_id, "user:3")
