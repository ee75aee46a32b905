"""A message to many beside the calls of a day: paced by the live policy, and inbound hardly feels it."""

from __future__ import annotations

from dataclasses import replace

from routing.outreach.pacing import PacingRules
from routing.outreach.policy import part_of_day
from routing.staffing.history import HALF_HOURS
from routing.staffing.simulation.callers import Habits, draw_day
from routing.staffing.simulation.campaign import UTC_ZONE, CampaignHall, Telling
from routing.staffing.simulation.centre import Centre, Outcome
from routing.staffing.simulation.live import LiveHall

RULES = PacingRules(30, 0.3, 30)
TELLING = Telling(telephones=300, begins=8 * 3600.0, ends=10 * 3600.0, lines=9)
COURSE = tuple(20.0 if 14 <= n < 22 else 0.0 for n in range(HALF_HOURS))
LONG = Centre(tuple(5 if 14 <= n < 42 else 0 for n in range(HALF_HOURS)))
CENTRE = Centre(tuple(5 if 14 <= n < 24 else 0 for n in range(HALF_HOURS)))
NEEDS = draw_day(COURSE, Habits(), 3)


def test_all_are_told_on_no_more_lines_than_their_share_and_none_while_somebody_waits() -> None:
    day = CampaignHall(CENTRE, NEEDS, TELLING, RULES, seed=3).run_both()
    assert day.dialled == TELLING.telephones
    assert day.most_at_once <= 9
    assert day.dialled_while_waiting == 0
    assert day.last_at is not None
    assert TELLING.begins <= day.last_at < TELLING.ends
    assert day.lines_over_seconds == 0


def test_both_days_have_the_very_same_callers_and_without_anybody_to_tell_they_are_alike() -> None:
    plain = LiveHall(CENTRE, NEEDS).run()
    told = CampaignHall(CENTRE, NEEDS, Telling(telephones=0), RULES, seed=3).run_both()
    assert told.inbound.ended == plain.ended
    beside = CampaignHall(CENTRE, NEEDS, TELLING, RULES, seed=3).run_both().inbound
    assert {each.need for each in beside.ended} == {each.need for each in plain.ended}


def test_who_is_not_reached_is_rung_again_in_another_part_of_the_day_and_no_more_often_than_may_be() -> None:
    whole_day = replace(TELLING, ends=20 * 3600.0, attempts=3)
    hall = CampaignHall(LONG, NEEDS, whole_day, RULES, seed=3)
    day = hall.run_both()
    once = CampaignHall(LONG, NEEDS, TELLING, RULES, seed=3).run_both()
    assert day.answered > once.answered
    assert TELLING.telephones < day.dialled <= 3 * TELLING.telephones
    assert day.dialled_while_waiting == 0
    assert day.first_round_at is not None and day.first_round_at < 10 * 3600
    assert day.last_at is not None and 14 * 3600 <= day.last_at < whole_day.ends
    tried = hall._tried.values()
    assert max(map(len, tried)) == 3
    assert all(each[-1].outcome == "answered" or len(each) == 3 for each in tried)
    parts = [[part_of_day(at.at, UTC_ZONE) for at in each if at.outcome != "busy"] for each in tried]
    assert all(len(set(each)) == len(each) for each in parts if len(each) <= 3)


def test_nobody_is_called_while_the_hall_is_full_all_morning() -> None:
    few = Centre(tuple(1 if 14 <= n < 24 else 0 for n in range(HALF_HOURS)))
    busy = draw_day(tuple(3 * each for each in COURSE), Habits(patience_seconds=3_000.0), 3)
    day = CampaignHall(few, busy, TELLING, RULES, seed=3).run_both()
    assert day.dialled < TELLING.telephones
    assert day.dialled_while_waiting == 0
    assert any(each.outcome is Outcome.ANSWERED for each in day.inbound.ended)
