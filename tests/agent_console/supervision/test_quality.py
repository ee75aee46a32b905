"""Scoring talks: the form and its versions, the supervisor's page, the agent's own, and what the auditor reads."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from db.models import Agent, AuditEntry, CallRecord, TicketRecord
from tests.agent_console.console import Desk, csrf

FORM = "/supervisor/quality/form"
TALK = "/supervisor/quality/talks/t1"


def had(desk: Desk, number: int = 1, *, days_ago: float = 7, extension: str = "1001") -> None:
    """Let an agent have had a talk of two minutes."""
    at = desk.services.clock() - timedelta(days=days_ago)
    with desk.services.unit_of_work() as work:
        work.add(
            CallRecord(
                id=f"c{number}", node="a", direction="inbound", dialled="12349", started_at=at, answered_at=at,
                ended_at=at + timedelta(minutes=2), agent_extension=extension, outcome="answered",
            )
        )  # fmt: skip
        work.add(
            TicketRecord(
                id=f"t{number}", call_id=f"c{number}", intent="order", caller_class="elder", joined_at=at, ended_at=at,
                end="answered", agent_extension=extension,
            )
        )  # fmt: skip


def make_form(desk: Desk, client: FlaskClient, *names: str, seen: int = 0) -> int:
    form = {"csrf_token": csrf(client, FORM), "seen": seen, "name": list(names), "weight": ["10"] * len(names)}
    return client.post(FORM, data=form).status_code


def marked(client: FlaskClient, *marks: str, remark: str = "") -> dict[str, str]:
    """The form of the talk's page, filled in as a browser would."""
    page = client.get(TALK).get_data(as_text=True)
    names = list(dict.fromkeys(re.findall(r'name="(mark-[0-9]+)"', page)))
    form = re.search(r'name="form" value="([0-9]+)"', page)
    assert form and len(names) == len(marks), page
    return {"csrf_token": csrf(client, TALK), "form": form[1], "remark": remark, **dict(zip(names, marks, strict=True))}


@pytest.fixture
def supervisor(desk: Desk) -> FlaskClient:
    client = desk.logged_in("supervisor")
    had(desk)
    assert make_form(desk, client, "耐心", "清楚") == 302
    return client


def test_a_form_is_proposed_and_then_one_s_own(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    assert "耐心倾听" in client.get(FORM).get_data(as_text=True), "something to begin with"
    assert make_form(desk, client, "耐心", "", "清楚") == 302
    assert make_form(desk, client, "别的", seen=0) == 409, "somebody else was faster"
    assert make_form(desk, client, "耐心", "耐心", seen=1) == 422
    assert make_form(desk, client, seen=1) == 422
    bad = {"csrf_token": csrf(client, FORM), "seen": 1, "name": ["a"], "weight": ["much"]}
    assert client.post(FORM, data=bad).status_code == 422


def test_a_talk_is_proposed_scored_and_read_by_its_agent(desk: Desk, supervisor: FlaskClient) -> None:
    listed = supervisor.get("/supervisor/quality").get_data(as_text=True)
    assert TALK in listed and "待评" in listed
    assert supervisor.post(TALK, data=marked(supervisor, "5", "3", remark="语速再慢一点")).status_code == 302
    assert "待评" not in supervisor.get("/supervisor/quality").get_data(as_text=True)
    assert "坐席还没看过" in supervisor.get(TALK).get_data(as_text=True)
    agent = desk.logged_in("agent")
    own = agent.get("/desk/scores").get_data(as_text=True)
    assert "80 分" in own and "语速再慢一点" in own
    assert "坐席已于" in supervisor.get(TALK).get_data(as_text=True)
    answer = own.split('action="/desk/scores/')[1].split("/")[0]
    said = {"csrf_token": csrf(agent, "/desk/scores"), "answer": "好的，记下了"}
    assert agent.post(f"/desk/scores/{answer}/answer", data=said).status_code == 302
    assert agent.post(f"/desk/scores/{answer}/answer", data=said).status_code == 409, "once"
    page = supervisor.get("/supervisor/quality/agents/1001").get_data(as_text=True)
    assert "好的，记下了" in page and "80" in page
    auditor = desk.logged_in("auditor").get("/supervisor/quality/agents/1001").get_data(as_text=True)
    assert "80 分" in auditor and "语速再慢一点" not in auditor and "好的" not in auditor, "free text is masked"
    with desk.services.reading() as work:
        actions = set(work.scalars(select(AuditEntry.action).where(AuditEntry.subject == "call:c1")))
    assert actions == {"call.record", "quality.scored", "quality.answered"}


def test_a_score_is_corrected_by_whoever_gave_it_until_it_is_answered(desk: Desk, supervisor: FlaskClient) -> None:
    supervisor.post(TALK, data=marked(supervisor, "1", "na"))
    first = desk.services.quality.score_of("t1")
    assert first and first.total == 20
    assert supervisor.post(TALK, data=marked(supervisor, "4", "na")).status_code == 302
    other = desk.logged_in("administrator")
    assert "更正评分" not in other.get(TALK).get_data(as_text=True)
    form = {**marked(supervisor, "0", "0"), "csrf_token": csrf(other, TALK)}
    assert other.post(TALK, data=form).status_code == 409
    user_id = first.user_id
    assert user_id is not None
    desk.services.quality.answer(first.id, "谢谢", user_id, f"user:{user_id}")
    late = {**form, "csrf_token": csrf(supervisor, TALK)}
    assert supervisor.post(TALK, data=late).status_code == 409
    kept = desk.services.quality.score_of("t1")
    assert kept and kept.total == 80
    with desk.services.reading() as work:
        details = set(work.scalars(select(AuditEntry.detail).where(AuditEntry.action == "quality.scored")))
    assert details == {"1001: 20", "1001: 80, was 20"}


def test_old_scores_keep_their_form(desk: Desk, supervisor: FlaskClient) -> None:
    filled = marked(supervisor, "5", "5")
    supervisor.post(TALK, data=filled)
    assert make_form(desk, supervisor, "新标准", seen=1) == 302
    page = supervisor.get("/supervisor/quality/agents/1001").get_data(as_text=True)
    assert "耐心" in page and "新标准" not in page and "第 1 版" in page
    had(desk, 2)
    again = supervisor.post("/supervisor/quality/talks/t2", data=filled)
    assert again.status_code == 409, "the form changed while the page stood open"


def test_bad_marks_are_refused_in_words(desk: Desk, supervisor: FlaskClient) -> None:
    good = marked(supervisor, "5", "5")
    names = [name for name in good if name.startswith("mark-")]
    for bad in ({names[0]: "6"}, {names[0]: ""}, {names[0]: "na", names[1]: "na"}, {"remark": "x" * 2_001}):
        assert supervisor.post(TALK, data={**good, **bad}).status_code == 422, bad
    del good[names[0]]
    answer = supervisor.post(TALK, data=good)
    assert answer.status_code == 422 and "每条标准都要评分" in answer.get_data(as_text=True)
    assert supervisor.get("/supervisor/quality/talks/none").status_code == 404


def test_scores_are_of_the_person_and_not_of_the_extension(desk: Desk, supervisor: FlaskClient) -> None:
    supervisor.post(TALK, data=marked(supervisor, "2", "2", remark="请注意"))
    with desk.services.unit_of_work() as work:
        work.get_one(Agent, "1001").user_id = None
    page = desk.logged_in("agent").get("/desk/scores").get_data(as_text=True)
    assert "请注意" in page
    with desk.services.unit_of_work() as work:
        work.get_one(Agent, "1001").user_id = desk.user_id("auditor")
    given = desk.services.quality.score_of("t1")
    assert given and desk.services.quality.of_user(desk.user_id("auditor")) == ()


def test_the_week_that_is_asked_for(desk: Desk, supervisor: FlaskClient) -> None:
    had(desk, 2, days_ago=0)
    today = desk.services.clock().astimezone(desk.services.settings.zone).date()
    page = supervisor.get(f"/supervisor/quality?day={today}").get_data(as_text=True)
    assert "talks/t2" in page and "talks/t1" not in page and "尚未结束" in page
    assert supervisor.get("/supervisor/quality?day=yesterday").status_code == 422
