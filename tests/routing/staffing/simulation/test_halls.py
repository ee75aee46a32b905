"""Small days by hand, under the live policy and under app_queue's rules."""

from __future__ import annotations

import pytest

from routing.calls import policy
from routing.calls.messages import AgentState, CallerClass
from routing.staffing.erlang import StaffingError
from routing.staffing.simulation.app_queue import AppQueueHall
from routing.staffing.simulation.callers import Ring
from routing.staffing.simulation.centre import Ended, Outcome
from routing.staffing.simulation.hall import Hall
from routing.staffing.simulation.live import LiveHall
from routing.staffing.simulation.people import Caller, Desk
from tests.routing.staffing.simulation.days import AT_ONCE, MISSED, centre, person

BOTH = pytest.mark.parametrize("hall", [LiveHall, AppQueueHall])


def ends(hall: type[Hall], there: object, *people: object) -> dict[int, Ended]:
    """Play a day; give how the last call of each person ended."""
    return {each.need: each for each in hall(there, people).run().ended}


@BOTH
def test_an_idle_agent_answers_at_once(hall: type[Hall]) -> None:
    assert ends(hall, centre(1), person(0, 10))[0].waited == 0


def test_the_next_call_comes_as_wrap_up_ends() -> None:
    ended = ends(LiveHall, centre(1), person(0, 10), person(1, 20.25))
    assert ended[1].waited == pytest.approx(10 + 100 + 20 - 20.25)


def test_app_queue_asks_once_a_second_in_each_callers_own_rhythm() -> None:
    ended = ends(AppQueueHall, centre(1), person(0, 10), person(1, 20.25))
    assert ended[1].waited == pytest.approx(110)


def test_app_queue_serves_in_order_and_sos_before_others() -> None:
    classes = [CallerClass.ELDER, CallerClass.ELDER, CallerClass.FRAIL, CallerClass.SOS]
    ended = ends(AppQueueHall, centre(1), *(person(n, 10 + n, each) for n, each in enumerate(classes)))
    assert sorted(ended, key=lambda n: ended[n].waited + ended[n].joined_at) == [0, 3, 1, 2]


def test_the_live_policy_lets_the_frail_pass() -> None:
    classes = [CallerClass.ELDER, CallerClass.OTHER, CallerClass.FRAIL, CallerClass.SOS]
    ended = ends(LiveHall, centre(1), *(person(n, 10 + n, each) for n, each in enumerate(classes)))
    assert sorted(ended, key=lambda n: ended[n].waited + ended[n].joined_at) == [0, 3, 2, 1]


def test_an_sos_rings_an_agent_in_wrap_up_after_its_time() -> None:
    ended = ends(LiveHall, centre(1), person(0, 0), person(1, 101, CallerClass.SOS))
    assert ended[1].waited == pytest.approx(5)
    assert ends(AppQueueHall, centre(1), person(0, 0), person(1, 101, CallerClass.SOS))[1].waited == pytest.approx(19)


@BOTH
def test_an_sos_goes_outside_after_its_time(hall: type[Hall]) -> None:
    rules = policy.Rules(sos_outside_number="120")
    ended = ends(hall, centre(1, rules=rules), person(0, 0), person(1, 1, CallerClass.SOS))
    assert ended[1].outside
    assert ended[1].waited == pytest.approx(20 + 8)


@BOTH
def test_who_gives_up_frees_the_place_and_may_call_again(hall: type[Hall]) -> None:
    day = hall(centre(1), (person(0, 0), person(1, 10, patience=30, retry=200))).run()
    mine = [each for each in day.ended if each.need == 1]
    assert [(each.outcome, each.joined_at) for each in mine] == [(Outcome.ABANDONED, 10), (Outcome.ANSWERED, 240)]


@BOTH
def test_who_gives_up_while_a_phone_rings_lets_the_agent_go(hall: type[Hall]) -> None:
    slow = person(0, 0, patience=2, rings=(Ring(6.0, False),))
    ended = ends(hall, centre(1), slow, person(1, 1))
    assert ended[0].outcome is Outcome.ABANDONED
    assert ended[1].outcome is Outcome.ANSWERED
    assert ended[1].waited == pytest.approx(1)


def test_a_missed_ring_goes_to_the_next_agent_and_the_first_rests() -> None:
    ended = ends(LiveHall, centre(2), person(0, 0, rings=(MISSED, AT_ONCE)), person(1, 21))
    assert ended[0].waited == pytest.approx(20)
    assert ended[1].waited == pytest.approx(20 + 30 - 21), "the agent who missed rests for 30 s"


def test_a_promised_call_keeps_its_place_and_costs_no_patience() -> None:
    people = (person(0, 0), person(1, 1, patience=60, accepts=True), person(2, 2))
    ended = ends(LiveHall, centre(1, callback_offer_seconds=20), *people)
    assert ended[1].outcome is Outcome.CALLED_BACK
    assert ended[1].waited == pytest.approx(119 + 5), "the greeting before the agent's phone rings"
    assert ended[2].waited == pytest.approx(238 + 5), "after the one who was before"


@pytest.mark.parametrize(("patience", "outcome"), [(14.9, Outcome.ABANDONED), (15.1, Outcome.CALLED_BACK)])
def test_the_offer_takes_its_time_and_nobody_gives_up_while_they_confirm(patience: float, outcome: Outcome) -> None:
    """Spoken to after 5 s; the key 10 s later; 9 s more until it is promised, during which patience stands still."""
    people = (person(0, 0), person(1, 1, patience=patience, accepts=True))
    assert ends(LiveHall, centre(1), *people)[1].outcome is outcome


def test_a_call_back_is_offered_at_once_to_those_who_will_wait_long() -> None:
    def outcome(offer: float) -> Outcome:
        return ends(
            LiveHall, centre(1, callback_offer_seconds=offer), person(0, 0), person(1, 1, patience=30, accepts=True)
        )[1].outcome

    assert outcome(180) is Outcome.CALLED_BACK, "the estimate is 180 s"
    assert outcome(200) is Outcome.ABANDONED


def test_an_agent_who_becomes_free_ends_the_offer() -> None:
    people = (person(0, 0), person(1, 99, accepts=True))
    ended = ends(LiveHall, centre(1), *people)
    assert (ended[1].outcome, ended[1].waited) == (Outcome.ANSWERED, pytest.approx(21))


def test_an_agent_who_waits_for_a_person_to_pick_up_goes_to_an_sos() -> None:
    slow = Ring(25.0, False)
    people = (person(0, 0), person(1, 1, accepts=True, callbacks=(slow, AT_ONCE)), person(2, 130, CallerClass.SOS))
    ended = ends(LiveHall, centre(1), *people)
    assert ended[2].waited == 0
    assert ended[1].outcome is Outcome.CALLED_BACK
    assert ended[1].joined_at + ended[1].waited == pytest.approx(130 + 100 + 20 + 5), "after the SOS"


def test_who_hangs_up_on_a_ringing_phone_is_told_apart() -> None:
    slow = person(0, 0, patience=2, rings=(Ring(6.0, False),))
    ended = ends(LiveHall, centre(1), slow, person(1, 10), person(2, 20, patience=5))
    assert [ended[n].ringing for n in (0, 2)] == [True, False]


def test_a_promised_call_is_tried_again_and_then_known_as_not_reached() -> None:
    people = (person(0, 0), person(1, 1, accepts=True, callbacks=(MISSED,)))
    day = LiveHall(centre(1), people).run()
    (mine,) = (each for each in day.ended if each.need == 1)
    assert mine.outcome is Outcome.NOT_REACHED
    assert mine.waited == pytest.approx(119 + 3 * 30 + 2 * 600)


def test_required_skills_wait_for_their_agent_and_then_for_anybody() -> None:
    there = centre(2, skills={"dialect": 0.5})
    first = ends(LiveHall, there, person(0, 0, skills=("dialect",)), person(1, 1, skills=("dialect",)))
    assert first[1].waited == pytest.approx(60)
    assert not first[1].skilled
    soon = ends(LiveHall, there, person(0, 0, skills=("dialect",), talk=10), person(1, 1, skills=("dialect",)))
    assert soon[1].waited == pytest.approx(29)
    assert soon[1].skilled


def test_it_is_the_live_policy_that_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "choose", lambda *_: None)
    assert ends(LiveHall, centre(1), person(0, 0, patience=9))[0].outcome is Outcome.ABANDONED


@BOTH
def test_no_agent_is_rung_who_is_rung_or_talks(hall: type[Hall]) -> None:
    class Watched(hall):  # type: ignore[misc, valid-type]  # The class is the parameter.
        def ring(self, caller: Caller, desk: Desk, seconds: float) -> None:
            assert desk.caller is None
            assert desk.state in (AgentState.READY, AgentState.WRAP_UP, AgentState.PAUSED, AgentState.RESTING)
            super().ring(caller, desk, seconds)

    classes = [CallerClass.ELDER, CallerClass.SOS, CallerClass.FRAIL]
    rings = (MISSED, AT_ONCE)
    people = [person(n, 7 * n, classes[n % 3], rings=rings[n % 2 :], accepts=n % 4 == 0) for n in range(60)]
    day = Watched(centre(3), people).run()
    assert len(day.ended) == 60


def test_agents_come_and_go_and_finish_their_talk() -> None:
    there = centre(0, desks=(1, 0, 1))
    ended = ends(LiveHall, there, person(0, 1795), person(1, 1796))
    assert ended[0].waited == 0
    assert ended[1].waited == pytest.approx(3600 - 1796)


def test_a_centre_without_agents_is_refused() -> None:
    with pytest.raises(StaffingError):
        LiveHall(centre(0), ())
