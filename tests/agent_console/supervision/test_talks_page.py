"""Listening from the page: what reaches the router, and that nothing is shown to be on that is not."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from redis import Redis

from routing.calls import keys
from routing.calls.listening_messages import ChangeEar, EndSupervision
from routing.calls.messages import AgentState
from routing.calls.records import AgentRecord, to_json
from routing.calls.supervise_messages import Ear, Supervise
from routing.calls.supervisions import Supervision, SupervisionBoard
from tests.agent_console.console import Desk, csrf
from tests.agent_console.desk.test_talks import PHONE, audits, put_talk, sent
from tests.agent_console.ringing import EXTENSION

PAGE = "/supervisor/talks"
LEG = f"a|PJSIP/{PHONE}-7"


def put(redis: Redis, *, legs: tuple[str, ...] = (LEG,), **about: object) -> Supervision:
    """The phone PHONE is told to listen to EXTENSION, and has these channels."""
    given = Supervision("r1", EXTENSION, "c1", PHONE, "listen", "user:2", time.time(), LEG, on=True)
    given = replace(given, **about)
    redis.hset(keys.SUPERVISIONS, PHONE, to_json(given))
    phone = AgentRecord(PHONE, state=AgentState.TALKING, contacts=(f"a|{PHONE}|sip:x",), legs=legs)
    redis.hset(keys.AGENTS, PHONE, to_json(phone))
    return given


@pytest.fixture
def client(desk: Desk) -> FlaskClient:
    put_talk(desk.services.redis)
    return desk.logged_in("supervisor")


@pytest.mark.parametrize("ear", list(Ear))
def test_a_press_rings_the_phone_and_is_written_down(desk: Desk, client: FlaskClient, ear: Ear) -> None:
    page = client.get(PAGE).get_data(as_text=True)
    assert f'id="talk-{EXTENSION}"' in page and "现在没有人监听" in page
    form = {"csrf_token": csrf(client, PAGE), "at": PHONE, "reason": "新人", "ear": ear.value}
    assert client.post(f"{PAGE}/c1", data={**form, "reason": " "}).status_code == 422
    assert client.post(f"{PAGE}/c1", data={**form, "ear": "shout"}).status_code == 422
    assert client.post(f"{PAGE}/c9", data=form).status_code == 404
    assert client.post(f"{PAGE}/c1", data={**form, "at": "1099"}).status_code == 409
    assert client.post(f"{PAGE}/c1", data=form).status_code == 302
    (wish,) = sent(desk)
    assert isinstance(wish, Supervise) and (wish.extension, wish.at, wish.ear) == (EXTENSION, PHONE, ear)
    assert (f"talk.{ear}", "call:c1", f"at {PHONE}: 新人") in audits(desk)


def test_what_is_on_is_shown_and_ended(desk: Desk, client: FlaskClient) -> None:
    put(desk.services.redis, ear="whisper")
    for path in (PAGE, f"{PAGE}/now"):
        assert "耳语中：只有坐席听到您" in client.get(path).get_data(as_text=True)
    assert f"{PAGE}/end/" not in desk.logged_in("auditor").get(PAGE).get_data(as_text=True)
    token = {"csrf_token": csrf(client, PAGE)}
    assert client.post(f"{PAGE}/end/{PHONE}", data=token).status_code == 302
    assert isinstance(sent(desk)[-1], EndSupervision)
    assert audits(desk)[-1][:2] == ("talk.left", "call:c1")
    assert client.post(f"{PAGE}/end/1002", data=token).status_code == 404


def test_the_way_is_changed_without_hanging_up(desk: Desk, client: FlaskClient) -> None:
    put(desk.services.redis, on=False)
    form = {"csrf_token": csrf(client, PAGE), "ear": "whisper"}
    assert client.post(f"{PAGE}/way/{PHONE}", data=form).status_code == 409, "it still rings"
    assert f"{PAGE}/way/" not in client.get(PAGE).get_data(as_text=True)
    put(desk.services.redis)
    page = client.get(f"{PAGE}/now").get_data(as_text=True)
    assert re.findall(r'value="(\w+)" aria-pressed="true"', page) == ["listen"]
    assert f"{PAGE}/way/" not in desk.logged_in("auditor").get(PAGE).get_data(as_text=True)
    assert client.post(f"{PAGE}/way/{PHONE}", data={**form, "ear": "shout"}).status_code == 422
    assert client.post(f"{PAGE}/way/1002", data=form).status_code == 404
    assert client.post(f"{PAGE}/way/{PHONE}", data=form).status_code == 302
    assert client.post(f"{PAGE}/c1", data={**form, "at": PHONE, "reason": "急", "ear": "barge"}).status_code == 302
    assert [(each.at, each.ear) for each in sent(desk) if isinstance(each, ChangeEar)] == [
        (PHONE, Ear.WHISPER), (PHONE, Ear.BARGE),
    ]  # fmt: skip
    assert ("talk.whisper", "call:c1", f"at {PHONE}, before: listen") in audits(desk)
    assert ("talk.barge", "call:c1", f"at {PHONE}, before: listen: 急") in audits(desk)


def test_nothing_is_shown_that_is_not_so(desk: Desk, client: FlaskClient) -> None:
    redis = desk.services.redis
    board = SupervisionBoard(redis)
    put(redis, on=False)
    assert "正在呼叫电话：监听" in client.get(PAGE).get_data(as_text=True), "rings, and nobody listens yet"
    put(redis, leg="", legs=())
    assert len(board.all()) == 1, "about to ring"
    put(redis, leg="", legs=(), since=time.time() - 60)
    assert board.all() == (), "never rang"
    put(redis, legs=())
    assert board.all() == (), "hung up while the router was away"
    put(redis, legs=(f"a|PJSIP/{PHONE}-8",))
    assert board.all() == (), "the phone is in another call by now"
    assert "现在没有人监听" in client.get(PAGE).get_data(as_text=True)
