"""Talks through the API and the pages: who may, what is refused, what reaches the router, what the audit keeps."""

from __future__ import annotations

import time
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Contact
from routing.calls import keys
from routing.calls.messages import COMMANDS, AgentState, CallerClass, HangUpCall, Intent, Message, SetAgentState, decode
from routing.calls.records import AgentRecord, to_json
from routing.calls.supervise_messages import Ear, MoveTicket, Supervise
from routing.calls.talk import Talk
from routing.calls.talk_messages import ControlTalk, TalkAction, TalkStage
from tests.agent_console.console import Desk, csrf
from tests.agent_console.ringing import EXTENSION, put_ticket

OTHER, PHONE = "1002", "1003"


def put_talk(redis: Redis, elder_id: int | None = None, **about: Any) -> None:
    """Agent EXTENSION speaks with the caller of c1; OTHER is ready, PHONE is a supervisor's."""
    values: dict[str, Any] = {"elder_id": elder_id, "extension": EXTENSION} | about
    talk = Talk("c1", "a", "PJSIP/t-1", "t1", Intent.GENERAL, CallerClass.ELDER, time.time(), **values)
    redis.hset(keys.TALKS, "c1", to_json(talk))
    for extension, state in ((EXTENSION, AgentState.TALKING), (OTHER, AgentState.READY), (PHONE, AgentState.PAUSED)):
        talks = state is AgentState.TALKING
        agent = AgentRecord(
            extension, ("meal",), state=state, contacts=(f"a|{extension}|sip:x",), since=time.time(),
            legs=(f"a|PJSIP/{extension}-1",) if talks else (), call_id="c1" if talks else None,
        )  # fmt: skip
        redis.hset(keys.AGENTS, extension, to_json(agent))


def post(desk: Desk, path: str, body: dict[str, Any], role: str = "supervisor", **token: Any) -> tuple[int, str]:
    """Ask; give the status and the problem's code."""
    answer = desk.anonymous().post(f"/api/v1/{path}", json=body, headers=desk.bearer(role, **token))
    kind = (answer.get_json() or {}).get("type", "")
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
    return answer.status_code, kind.rpartition(":")[2]


def sent(desk: Desk) -> list[Message]:
    return [decode(fields[b"message"]) for _, fields in desk.services.redis.xrange(COMMANDS)]


def audits(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.services.reading() as work:
        rows = work.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail).order_by(AuditEntry.id))
        return [(row.action, row.subject, row.detail) for row in rows]


def test_an_agent_acts_in_the_own_talk_and_in_no_other(desk: Desk) -> None:
    put_talk(desk.services.redis)
    mine = {"user_id": desk.user_id(DEMO.agent.login)}
    assert post(desk, "talks/c1", {"action": "hold"}, "agent", **mine)[0] == 202
    assert post(desk, "talks/c1", {"action": "hold"}, "agent")[0] == 403
    assert post(desk, "talks/c9", {"action": "hold"}, "agent", **mine)[0] == 404
    (command,) = sent(desk)
    assert isinstance(command, ControlTalk)
    assert (command.call_id, command.extension, command.action) == ("c1", EXTENSION, TalkAction.HOLD)
    assert audits(desk) == [("talk.hold", "call:c1", "hold")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "resume"}, 409),
        ({"action": "complete"}, 409),
        ({"action": "sing"}, 422),
        ({"action": "transfer"}, 422),
        ({"action": "consult"}, 422),
        ({"action": "consult", "skill": "meal"}, 422),
        ({"action": "transfer", "agent": OTHER, "skill": "meal"}, 422),
        ({"action": "transfer", "agent": "9999"}, 404),
        ({"action": "transfer", "agent": PHONE}, 409),
        ({"action": "transfer", "agent": "1002${X}"}, 422),
        ({"action": "transfer", "number": "13800000000"}, 422),
        ({"action": "transfer", "emergency": "13800000000"}, 422),
        ({"action": "transfer", "contact_id": 999999}, 404),
        ({"action": "transfer", "contact_id": "1"}, 422),
    ],
)
def test_what_cannot_be_done_is_a_problem_and_reaches_no_router(desk: Desk, body: dict[str, Any], status: int) -> None:
    put_talk(desk.services.redis)
    assert post(desk, "talks/c1", body)[0] == status
    assert sent(desk) == []


def test_a_number_that_is_not_to_be_called_wants_a_reason_which_is_kept(desk: Desk) -> None:
    with desk.services.reading() as work:
        contact = work.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    desk.services.never_call.add(reason="wrong_number", by="user:1", number=contact.number)
    put_talk(desk.services.redis, contact.elder_id)
    wish = {"action": "confer", "contact_id": contact.id}
    assert post(desk, "talks/c1", wish) == (409, "not_to_be_called")
    assert post(desk, "talks/c1", wish | {"reason": "  "}) == (409, "not_to_be_called")
    assert sent(desk) == []
    assert post(desk, "talks/c1", wish | {"reason": "the son, by his own word"})[0] == 202
    assert ("dial.in_spite", f"contact:{contact.id}", "never_call: the son, by his own word") in audits(desk)
    assert len(sent(desk)) == 1


@pytest.mark.parametrize("press", ["one_press", "list"])
def test_the_talks_buttons_take_the_reason_for_which_somebody_is_called_all_the_same(desk: Desk, press: str) -> None:
    with desk.services.reading() as work:
        contact = work.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    desk.services.never_call.add(reason="wrong_number", by="user:1", number=contact.number)
    put_talk(desk.services.redis, contact.elder_id)
    client, whom = desk.logged_in("agent"), f"contact:{contact.id}"
    page = client.get("/desk/talk").get_data(as_text=True)
    assert 'name="reason" maxlength="200"' in page
    form = {"csrf_token": csrf(client, "/desk"), "reason": ""}
    form |= {"dial": whom} if press == "one_press" else {"action": "confer", "target": whom}
    by_script = {"X-Requested-With": "fetch"}
    refused = client.post("/desk/talk/c1", data=form, headers=by_script)
    assert refused.status_code == 409
    assert refused.get_json()["detail"].count("原因") == 1
    assert sent(desk) == []
    form["reason"] = "号码 已经换了主人"
    assert client.post("/desk/talk/c1", data=form, headers=by_script).status_code == 204
    assert ("dial.in_spite", whom, "never_call: 号码 已经换了主人") in audits(desk)
    assert len(sent(desk)) == 1


def test_a_relative_of_the_caller_may_be_called_and_nobody_elses(desk: Desk) -> None:
    with desk.services.reading() as work:
        contact = work.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    put_talk(desk.services.redis, contact.elder_id)
    assert post(desk, "talks/c1", {"action": "confer", "contact_id": contact.id})[0] == 202
    put_talk(desk.services.redis, contact.elder_id + 1)
    assert post(desk, "talks/c1", {"action": "confer", "contact_id": contact.id})[0] == 404
    (command,) = sent(desk)
    assert isinstance(command, ControlTalk)
    assert command.number.isdigit()
    assert contact.number not in str(audits(desk))
    assert command.number not in repr(command)


def test_supervision_is_for_supervisors_with_a_phone_and_a_reason(desk: Desk) -> None:
    put_talk(desk.services.redis)
    wish = {"how": "whisper", "extension": PHONE, "reason": "a new agent"}
    assert post(desk, "talks/c1/supervise", wish, "agent")[0] == 403
    assert post(desk, "talks/c1/supervise", wish | {"reason": ""})[0] == 422
    assert post(desk, "talks/c1/supervise", wish | {"extension": EXTENSION})[0] == 409
    assert post(desk, "talks/c1/supervise", wish | {"extension": "9999"})[0] == 409
    assert post(desk, "talks/c1/supervise", wish)[0] == 202
    (command,) = sent(desk)
    assert isinstance(command, Supervise)
    assert (command.extension, command.at, command.ear) == (EXTENSION, PHONE, Ear.WHISPER)
    assert audits(desk) == [("talk.whisper", "call:c1", f"at {PHONE}: a new agent")]


def test_a_ticket_is_moved_and_a_call_ended_by_supervisors(desk: Desk) -> None:
    put_ticket(desk.services.redis)
    assert post(desk, "tickets/t1/move", {"front": True, "reason": "in pain"}, "agent")[0] == 403
    assert post(desk, "tickets/t1/move", {"reason": "in pain"})[0] == 422
    assert post(desk, "tickets/t9/move", {"front": True, "reason": "in pain"})[0] == 404
    assert post(desk, "tickets/t1/move", {"front": True, "caller_class": "frail", "reason": "in pain"})[0] == 202
    assert post(desk, "talks/c1/end", {"reason": "abuse"})[0] == 202
    assert post(desk, "talks/c1/end", {"reason": "abuse"}, "agent")[0] == 404
    moved, ended = sent(desk)
    assert isinstance(moved, MoveTicket)
    assert (moved.ticket_id, moved.caller_class, moved.front) == ("t1", "frail", True)
    assert isinstance(ended, HangUpCall)
    assert [each[0] for each in audits(desk)] == ["ticket.move", "call.end"]


def test_setting_anothers_state_is_on_record(desk: Desk) -> None:
    put_talk(desk.services.redis)
    assert post(desk, f"agents/{EXTENSION}/state", {"state": "logged_off", "reason": "went home"})[0] == 202
    assert audits(desk) == [("agent.state", f"agent:{EXTENSION}", "logged_off: went home")]


def test_talks_are_listed_to_those_who_may_see_them(desk: Desk) -> None:
    put_talk(desk.services.redis, stage=TalkStage.PARKED)
    headers = desk.bearer("supervisor")
    (shown,) = desk.anonymous().get("/api/v1/talks", headers=headers).get_json()["items"]
    assert (shown["call_id"], shown["extension"], shown["stage"]) == ("c1", EXTENSION, "parked")
    assert desk.anonymous().get("/api/v1/talks", headers=desk.bearer("agent")).get_json()["items"] == []
    assert desk.anonymous().get("/api/v1/talks/c1", headers=headers).get_json()["stage"] == "parked"


def test_the_desk_has_the_buttons_of_the_stage_and_asks_the_router(desk: Desk) -> None:
    client = desk.logged_in("agent")
    assert client.get("/desk/talk").get_data(as_text=True) == ""
    put_talk(desk.services.redis)
    page = client.get("/desk/talk").get_data(as_text=True)
    for word in ("保持", "转接", "咨询", "三方", "挂断", "120", f"agent:{OTHER}"):
        assert word in page
    assert "恢复" not in page
    form = {"csrf_token": csrf(client, "/desk"), "action": "transfer", "target": f"agent:{OTHER}"}
    assert client.post("/desk/talk/c1", data=form, headers={"X-Requested-With": "fetch"}).status_code == 204
    assert client.post("/desk/talk/c1", data=form | {"target": "number:13800000000"}).status_code == 422
    (command,) = sent(desk)
    assert isinstance(command, ControlTalk)
    assert (command.action, command.agent) == (TalkAction.TRANSFER, OTHER)


def test_the_wallboard_leads(desk: Desk) -> None:
    put_talk(desk.services.redis)
    put_ticket(desk.services.redis)
    client = desk.logged_in("supervisor")
    token = {"csrf_token": csrf(client, "/supervisor")}
    for action in ("listen", "paused", "end"):
        form = token | {"extension": EXTENSION, "action": action, "at": PHONE, "reason": "to help"}
        assert client.post("/supervisor/agents", data=form).status_code == 302
    moved = token | {"ticket_id": "t1", "front": "on", "reason": "in pain"}
    assert client.post("/supervisor/tickets", data=moved).status_code == 302
    assert client.post("/supervisor/tickets", data=moved | {"reason": " "}).status_code == 422
    assert client.post("/supervisor/agents", data=token | {"extension": "9999", "action": "paused"}).status_code == 422
    kinds = [type(each) for each in sent(desk)]
    assert kinds == [Supervise, SetAgentState, HangUpCall, MoveTicket]
    assert len(audits(desk)) >= 4
