"""A cry for help by SMS: on every desk and the board at once, with who wrote and what, until somebody acts."""

from __future__ import annotations

import html

import pytest
from rq import Queue

from agent_console.desk.sos_board import written_sos
from db.demo import DEMO
from db.models import Case
from routing.calls.messages import AgentState
from routing.outreach.jobs import QUEUE
from tests.agent_console.console import Desk, csrf
from tests.agent_console.outreach.test_sms_webhook import send
from tests.agent_console.ringing import put_agent
from tests.agent_console.test_live import stream, until

WORDS = "我摔倒了，起不来"


@pytest.mark.parametrize("role", ["agent", "supervisor"])
def test_it_is_on_the_live_board_at_once(desk: Desk, role: str) -> None:
    put_agent(desk.services.redis, AgentState.READY)
    with stream(desk.logged_in(role)) as events:
        assert until(events, "snapshot")["sos_written"] == []
        assert send(desk, text=WORDS).status_code == 200
        opened = until(events, "CaseOpened")
        assert opened["kind"] == "sos"
        (shown,) = until(events, "snapshot")["sos_written"]
    assert (shown["case_id"], shown["elder_id"]) == (opened["case_id"], desk.elder_id(DEMO.wang.code))


def test_the_desk_shows_who_wrote_and_what_until_somebody_has_noted_something(desk: Desk) -> None:
    send(desk, text=WORDS)
    with desk.services.reading() as work:
        case = work.query(Case).one()
    client = desk.logged_in("agent")
    page = html.unescape(client.get(f"/desk/record?case={case.id}").get_data(as_text=True))
    assert WORDS in page
    assert DEMO.wang.name in page
    token = csrf(client, "/desk")
    noted = client.post(f"/desk/cases/{case.id}/notes", data={"csrf_token": token, "note": "打通了，儿子在家"})
    assert noted.status_code in (200, 302)
    assert written_sos(desk.services) == []


def test_of_a_stranger_the_desk_has_the_number(desk: Desk) -> None:
    send(desk, sender="13912345678", text="救命")
    with desk.services.reading() as work:
        case = work.query(Case).one()
    page = desk.logged_in("agent").get(f"/desk/record?case={case.id}").get_data(as_text=True)
    assert "139" in page
    assert "5678" in page


def test_the_answer_is_sent_by_a_job_at_once(desk: Desk) -> None:
    send(desk, text="5")
    jobs = Queue(QUEUE, connection=desk.services.redis).jobs
    assert [each.func_name for each in jobs] == ["routing.outreach.jobs.send_sms"]
    send(desk, text="4", id="a2")
    send(desk, text="3", id="a3")
    assert 1 <= len(Queue(QUEUE, connection=desk.services.redis).jobs) <= 2
