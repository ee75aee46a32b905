"""The live stream over HTTP: the whole picture first, then what concerns whoever looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient

from agent_console import live
from agent_console.hub import LISTENERS
from routing.calls.messages import AgentState, CallerClass
from routing.calls.records import TicketStage
from tests.agent_console.console import Desk
from tests.agent_console.ringing import EXTENSION, join, put_agent, put_promise, put_ticket, ring

Event = tuple[str, Any]


@contextmanager
def stream(client: FlaskClient) -> Iterator[Iterator[Event]]:
    """Listen; gives events as (name, data), comments as ("", "")."""
    answer = client.get("/live", buffered=False)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    try:
        yield _events(answer.iter_encoded())
    finally:
        answer.close()


def _events(chunks: Iterator[bytes]) -> Iterator[Event]:
    for chunk in chunks:
        for block in chunk.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if "event" in lines:
                yield lines["event"], json.loads(lines["data"])
            elif block.startswith(":"):
                yield "", ""


def until(events: Iterator[Event], name: str) -> Any:
    """Read on to the next event of this name."""
    return next(data for kind, data in events if kind == name)


def test_an_overseer_sees_tickets_agents_and_each_event(desk: Desk) -> None:
    redis = desk.services.redis
    put_ticket(redis, CallerClass.FRAIL)
    put_agent(redis, AgentState.READY)
    with stream(desk.logged_in("supervisor")) as events:
        first = until(events, "snapshot")
        assert [ticket["class_word"] for ticket in first["tickets"]] == ["重点老人"]
        assert [(agent["extension"], agent["state_word"]) for agent in first["agents"]] == [(EXTENSION, "就绪")]
        join(redis, CallerClass.SOS, "t2")
        joined = until(events, "TicketJoined")
        assert (joined["ticket_id"], joined["caller_class"]) == ("t2", "sos")
        then = until(events, "snapshot")
        assert then["waiting"] == 2
        assert [ticket["ticket_id"] for ticket in then["sos"]] == ["t2"]


def test_an_agent_sees_the_own_state_and_nothing_of_others(desk: Desk) -> None:
    redis = desk.services.redis
    put_agent(redis, AgentState.READY)
    put_agent(redis, AgentState.READY, extension="1002")
    with stream(desk.logged_in("agent")) as events:
        first = until(events, "snapshot")
        assert "agents" not in first and "tickets" not in first
        assert first["me"]["extension"] == EXTENSION
        put_agent(redis, AgentState.PAUSED, extension="1002")
        ring(redis, desk.elder_id())
        seen = []
        for name, data in events:
            seen.append((name, data.get("extension") if isinstance(data, dict) else None))
            if name == "TicketOffered":
                break
        assert ("AgentChanged", "1002") not in seen
        assert seen[-1] == ("TicketOffered", EXTENSION)
        assert data["reason"] == "老人等了 5 秒"
        now = until(events, "snapshot")
        assert (now["me"]["state"], now["me"]["elder_id"]) == ("ringing", desk.elder_id())


def test_a_promise_shows_as_one_and_its_agent_sees_that_it_is_being_called(desk: Desk) -> None:
    redis = desk.services.redis
    put_promise(redis)
    with stream(desk.logged_in("supervisor")) as events:
        first = until(events, "snapshot")
        assert [(ticket["stage_word"], ticket["promised"]) for ticket in first["tickets"]] == [("待回电", True)]
        assert "99990104" not in json.dumps(first)
    put_promise(redis, TicketStage.OFFERED)
    put_agent(redis, AgentState.RESERVED, call=True)
    with stream(desk.logged_in("agent")) as events:
        assert until(events, "snapshot")["me"]["calls_back"]


def test_the_stream_holds_ids_and_no_personal_data(desk: Desk) -> None:
    put_ticket(desk.services.redis, elder_id=desk.elder_id())
    with stream(desk.logged_in("supervisor")) as events:
        shown = json.dumps(until(events, "snapshot"), ensure_ascii=False)
    assert "王" not in shown and "+86" not in shown


def test_quiet_brings_a_new_picture(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    with stream(desk.logged_in("supervisor")) as events:
        assert until(events, "snapshot")["waiting"] == 0
        put_ticket(desk.services.redis)
        for name, data in events:
            if name == "snapshot" and data["waiting"] == 1:
                return


def test_a_stream_ends_after_its_life(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LIFE", 0.2)
    monkeypatch.setattr(live, "HEARTBEAT", 0.05)
    with stream(desk.logged_in("supervisor")) as events:
        names = [name for name, _ in events]
    assert names[0] == "snapshot" and len(names) < 50


def test_too_many_streams_are_refused_and_closing_one_makes_room(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    answers = [client.get("/live", buffered=False) for _ in range(LISTENERS)]
    refused = client.get("/live", buffered=False)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    answers[0].close()
    again = client.get("/live", buffered=False)
    assert again.status_code == 200
    for answer in (*answers, again):
        answer.close()


def test_a_stream_keeps_no_session_alive(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    assert "Set-Cookie" in client.get("/supervisor").headers
    answer = client.get("/live", buffered=False)
    assert "Set-Cookie" not in answer.headers
    answer.close()
