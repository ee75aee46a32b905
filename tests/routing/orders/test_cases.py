"""Cases: opened once, closed by a person with an outcome."""

from __future__ import annotations

import pytest

from db.models import Case, CaseEvent, User
from routing.calls.messages import CaseOpened
from routing.errors import Conflict, Invalid, NotFound
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town


def user(town: Town) -> int:
    with town.reading() as session:
        return session.query(User.id).filter(User.login == "supervisor").one()[0]


def test_a_case_opens_once_per_key_and_is_told_once(any_town: Town) -> None:
    views = at_once(5, lambda _at: any_town.cases.open("sos-call-1", "sos", call_id="call-1"))
    assert len({view.id for view in views}) == 1  # type: ignore[attr-defined]
    assert len(any_town.rows(Case)) == 1
    assert len([each for each in any_town.published if isinstance(each, CaseOpened)]) == 1


def test_a_case_is_closed_with_an_outcome_and_only_once(town: Town) -> None:
    case = town.cases.open("sos-1", "sos", note="pressed the button")
    by = user(town)
    with pytest.raises(Invalid, match="outcome"):
        town.cases.close(case.id, "  ", by)
    town.cases.note(case.id, f"user:{by}", "rang her daughter")
    closed = town.cases.close(case.id, "her daughter is there", by, result="family_informed")
    assert (closed.state, closed.result, closed.outcome) == ("closed", "family_informed", "her daughter is there")
    with pytest.raises(Conflict, match=f"user:{by}"):
        town.cases.close(case.id, "again", by, result="other")
    assert [event.what for event in town.rows(CaseEvent)] == ["opened", "noted", "closed"]
    assert town.cases.open("sos-1", "sos").state == "closed"


def test_sos_stands_first_in_the_list(town: Town) -> None:
    town.cases.open("a", "complaint")
    town.clock.forward(minutes=1)
    town.cases.open("b", "sos")
    assert [case.kind for case in town.cases.open_cases()] == ["sos", "complaint"]


def test_what_is_no_case(town: Town) -> None:
    with pytest.raises(Invalid):
        town.cases.open("a", "gossip")
    with pytest.raises(NotFound):
        town.cases.note(999, "user:1", "hello")
    with pytest.raises(NotFound):
        town.cases.close(999, "done", 1)
