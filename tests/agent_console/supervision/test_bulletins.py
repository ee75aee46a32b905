"""Notes to agents: at once on the desks they are for, acknowledged, seen by the supervisor, and over by themselves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from agent_console.supervision.board import agent_sees
from db.models import Agent, AuditEntry, Bulletin
from routing.bulletins.book import LONGEST, MOST_STANDING, Bulletins
from routing.calls.bulletin_messages import BulletinChanged
from routing.calls.messages import decode
from routing.errors import Conflict, NotFound
from tests.agent_console.console import Desk, csrf

PAGE = "/supervisor/bulletins"
BOARD = "/desk/bulletins/standing"


def post(desk: Desk, client: FlaskClient, words: str, *, minutes: float = 60, **more: str) -> int:
    until = (desk.services.clock() + timedelta(minutes=minutes)).astimezone(desk.services.settings.zone)
    form = {"csrf_token": csrf(client, PAGE), "words": words, "until": f"{until:%Y-%m-%dT%H:%M}", **more}
    return client.post(PAGE, data=form).status_code


def on(client: FlaskClient) -> str:
    return client.get(BOARD).get_data(as_text=True)


def test_a_note_is_on_the_desk_until_it_is_read_and_the_supervisor_sees_it(desk: Desk) -> None:
    boss, agent = desk.logged_in("supervisor"), desk.logged_in("agent")
    assert 'data-address="/desk/bulletins/standing"' in agent.get("/desk").get_data(as_text=True)
    assert post(desk, boss, "高温预警：请提醒多喝水", important="on") == 302
    page = boss.get(PAGE).get_data(as_text=True)
    assert "未读" in page and "0 / " in page
    shown = on(agent)
    assert "高温预警" in shown and 'role="alert"' in shown
    number = re.search(r"/desk/bulletins/([0-9]+)/read", shown)
    assert number
    token = csrf(agent, "/desk")
    answer = agent.post(f"/desk/bulletins/{number[1]}/read", data={"csrf_token": token})
    assert answer.status_code == 302
    assert "高温预警" not in on(agent)
    assert "1 / " in boss.get(PAGE).get_data(as_text=True)
    assert agent.post("/desk/bulletins/999/read", data={"csrf_token": token}).status_code == 404
    masked = desk.logged_in("auditor").get(PAGE).get_data(as_text=True)
    assert "高温预警" not in masked and "1 / " in masked


def test_a_note_for_one_skill(desk: Desk) -> None:
    boss, agent = desk.logged_in("supervisor"), desk.logged_in("agent")
    with desk.services.unit_of_work() as work:
        for each in work.scalars(select(Agent)):
            each.skills = "medical" if each.extension == "1002" else "dialect:lanzhou"
    assert post(desk, boss, "只给医护", skill="medical") == 302
    assert post(desk, boss, "给兰州话", skill="dialect:lanzhou") == 302
    assert post(desk, boss, "给谁", skill="nobody-has-it") == 422
    shown = on(agent)
    assert "给兰州话" in shown and "只给医护" not in shown
    posted = {each.words: each for each in desk.services.bulletins.posted()}
    assert [each.extension for each in posted["只给医护"].readers] == ["1002"]
    assert "1002" not in {each.extension for each in posted["给兰州话"].readers}


def test_it_ends_by_itself_and_by_hand(desk: Desk) -> None:
    boss, agent, services = desk.logged_in("supervisor"), desk.logged_in("agent"), desk.services
    assert post(desk, boss, "一小时") == 302
    assert post(desk, boss, "先撤下") == 302
    ended = max(each.id for each in services.bulletins.posted())
    token = {"csrf_token": csrf(boss, PAGE)}
    assert boss.post(f"{PAGE}/{ended}/end", data=token).status_code == 302
    assert boss.post(f"{PAGE}/{ended}/end", data=token).status_code == 409
    assert boss.post(f"{PAGE}/999/end", data=token).status_code == 404
    assert "一小时" in on(agent) and "先撤下" not in on(agent)
    later = services.clock() + timedelta(minutes=61)
    over = Bulletins(services.unit_of_work, services.reading, lambda: later, lambda _told: None)
    with services.reading() as work:
        reader = work.scalars(select(Agent.user_id).where(Agent.user_id.is_not(None))).first()
    assert reader is not None and over.on_desk(reader) == ()
    assert not any(each.standing for each in over.posted())


@pytest.mark.parametrize(("words", "minutes"), [("", 60), ("x" * (LONGEST + 1), 60), ("x", -5), ("x", 60 * 24 * 8)])
def test_what_is_refused(desk: Desk, words: str, minutes: float) -> None:
    assert post(desk, desk.logged_in("supervisor"), words, minutes=minutes) == 422
    assert desk.services.bulletins.posted() == ()


def test_a_time_that_is_none_and_too_many(desk: Desk) -> None:
    boss = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(boss, PAGE), "words": "x", "until": "tomorrow"}
    assert boss.post(PAGE, data=form).status_code == 422
    until = desk.services.clock() + timedelta(hours=1)
    for number in range(MOST_STANDING):
        desk.services.bulletins.post(f"{number}", until, "user:1")
    with pytest.raises(Conflict):
        desk.services.bulletins.post("one more", until, "user:1")


def test_every_desk_hears_of_it_at_once(desk: Desk) -> None:
    channel = desk.services.redis.pubsub()
    channel.subscribe("elderline:live")
    assert channel.get_message(timeout=5)
    desk.services.bulletins.post("x", desk.services.clock() + timedelta(hours=1), "user:1")
    heard = channel.get_message(timeout=5)
    channel.close()
    assert heard
    message = decode(heard["data"])
    assert isinstance(message, BulletinChanged) and agent_sees(message, "1001") and agent_sees(message, None)


def test_words_are_sealed_and_the_audit_has_none_of_them(desk: Desk) -> None:
    desk.services.bulletins.post("王桂兰住院", desk.services.clock() + timedelta(hours=1), "user:1")
    with desk.services.reading() as work:
        entry = work.scalars(select(AuditEntry).where(AuditEntry.action == "bulletin.posted")).one()
        raw = work.connection().exec_driver_sql("SELECT words FROM bulletins").scalar_one()
        assert work.scalars(select(Bulletin.words)).one() == "王桂兰住院"
    assert "王桂兰" not in entry.detail and "王桂兰".encode() not in bytes(raw)


def test_only_who_had_it_on_the_desk_can_have_read_it(desk: Desk) -> None:
    made = desk.services.bulletins.post("x", desk.services.clock() + timedelta(hours=1), "user:1")
    with pytest.raises(NotFound):
        desk.services.bulletins.read(made, desk.user_id("auditor"))
