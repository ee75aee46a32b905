"""The page of an SOS and the banner: what they show, whom they let call, and how a case is closed."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from db.demo import DEMO
from db.models import AuditEntry, Case, Contact, Elder
from routing.calls.journey import Journey
from routing.calls.messages import AgentState
from routing.calls.talk_messages import TalkStage
from routing.settings import Settings
from tests.agent_console.console import Desk, csrf, make_services
from tests.agent_console.desk.test_sos import PLACE, cries
from tests.agent_console.desk.test_talks import put_talk
from tests.agent_console.ringing import put_agent

TILES = "https://tiles.example/{z}/{x}/{y}.png"


def page_of(desk: Desk, case: int, role: str = "agent") -> str:
    return html.unescape(desk.logged_in(role).get(f"/sos/{case}").get_data(as_text=True))


def standing(desk: Desk) -> dict[str, object]:
    answer: dict[str, object] = desk.logged_in("agent").get("/sos/standing").get_json()
    return answer


def test_the_page_has_the_place_the_people_and_what_happened_to_the_second(desk: Desk) -> None:
    case = cries(desk, PLACE)
    journey = Journey(desk.services.unit_of_work, desk.services.redis)
    for what, detail in (("ticket.joined", "sos"), ("ticket.answered", "1001 c1-1")):
        journey.note("c1", what, detail)
    page = page_of(desk, case)
    elder = desk.elder_id(DEMO.one_key.code)
    with desk.services.reading() as work:
        contacts = work.scalars(select(Contact).where(Contact.elder_id == elder)).all()
    assert contacts
    for each in (DEMO.one_key.address, "36.07000, 103.84000", "接听", *(each.name for each in contacts)):
        assert each in page
    with desk.services.reading() as work:
        looks = work.scalars(select(AuditEntry.subject).where(AuditEntry.action == "elder.record")).all()
    assert f"elder:{elder}" in looks
    assert "<image" not in page, "no tiles are set: coordinates alone"


def test_a_map_is_drawn_where_tiles_are_set_and_only_their_origin_may_send_pictures(settings: Settings) -> None:
    mapped = settings.model_copy(update={"map_tiles": TILES, "map_attribution": "© 某地图"})
    desk = Desk(make_services(mapped))
    case = cries(desk, PLACE)
    with desk.services.unit_of_work() as work:
        work.execute(
            update(Elder).where(Elder.id == desk.elder_id(DEMO.one_key.code)).values(latitude=36.0708, longitude=103.84)
        )
    client = desk.logged_in("agent")
    answer = client.get(f"/sos/{case}")
    page = html.unescape(answer.get_data(as_text=True))
    assert "https://tiles.example/17/103342/51438.png" in page
    assert 'data-mark="reported"><circle cx="320" cy="180"' in page, "the device's place is in the middle"
    assert 'data-mark="home"><circle cx="320" cy="88"' in page or 'data-mark="home"><circle cx="320" cy="87"' in page
    assert "© 某地图" in page
    assert "img-src 'self' https://tiles.example;" in answer.headers["Content-Security-Policy"]
    assert "img-src 'self' https://tiles.example;" in client.get("/desk").headers["Content-Security-Policy"]
    assert "img-src 'self';" in client.get("/desk/messages").headers["Content-Security-Policy"]
    desk.close()


@pytest.mark.parametrize(
    "tiles", ["tiles.example/{z}/{x}/{y}", "https://tiles.example/{z}/{x}.png", "https://a b/{z}/{x}/{y}",
              "https://a;script-src */{z}/{x}/{y}", "javascript:{z}{x}{y}"],
)  # fmt: skip
def test_an_address_of_tiles_that_is_none_stops_the_start(tiles: str) -> None:
    with pytest.raises(ValidationError, match="write the address of the tiles"):
        Settings(map_tiles=tiles)


def test_whoever_talks_calls_by_one_press_and_others_see_who_does(desk: Desk) -> None:
    case, redis = cries(desk), desk.services.redis
    assert "现在没有人和来电人通话" in page_of(desk, case)
    put_agent(redis, AgentState.TALKING)
    put_talk(redis, desk.elder_id(DEMO.one_key.code), stage=TalkStage.TALKING)
    page = page_of(desk, case)
    assert 'aria-keyshortcuts="Alt+1"' in page and "接通 120" in page and 'value="contact:' in page
    assert "正在和来电人通话" in page
    put_talk(redis, desk.elder_id(DEMO.one_key.code), stage=TalkStage.TALKING, extension="1009")
    page = page_of(desk, case)
    assert "1009 正在和来电人通话" in page and "接通 120" not in page, "another agent's talk is not hers to change"
    assert "接通 120" in page_of(desk, case, "supervisor")
    redis.flushdb()
    assert "现在没有人和来电人通话" in page_of(desk, case)


def test_a_case_is_closed_by_a_person_with_a_result_and_words(desk: Desk) -> None:
    case, client = cries(desk), desk.logged_in("agent")
    form = {"csrf_token": csrf(client, f"/sos/{case}")}
    assert client.post(f"/sos/{case}/close", data={**form, "outcome": "好了"}).status_code == 422
    assert client.post(f"/sos/{case}/close", data={**form, "result": "visited", "outcome": " "}).status_code == 422
    with desk.services.reading() as work:
        assert work.get_one(Case, case).state == "open"
    assert client.post(f"/sos/{case}/notes", data={**form, "note": "女儿在路上"}).status_code == 302
    done = {**form, "result": "visited", "outcome": "女儿到了"}
    page = client.post(f"/sos/{case}/close", data=done, follow_redirects=True).get_data(as_text=True)
    assert "女儿在路上" in page and "已上门查看" in page and "紧急呼叫结案" not in page
    assert client.post(f"/sos/{case}/close", data=done).status_code == 409
    assert standing(desk)["cases"] == []


def test_other_cases_have_no_such_page(desk: Desk) -> None:
    other, client = desk.services.cases.open("complaint-1", "complaint").id, desk.logged_in("agent")
    assert client.get(f"/sos/{other}").status_code == 404
    form = {"csrf_token": csrf(client, "/desk"), "outcome": "x", "result": "other", "note": "x"}
    for what in ("notes", "close"):
        assert client.post(f"/sos/{other}/{what}", data=form).status_code == 404
    with desk.services.reading() as work:
        assert work.get_one(Case, other).state == "open"


def test_the_banner_tells_every_agent_and_whoever_comes_later(desk: Desk) -> None:
    case, services = cries(desk), desk.services

    def row() -> dict[str, object]:
        cases = standing(desk)["cases"]
        assert isinstance(cases, list)
        found: dict[str, object] = cases[0]
        return found

    assert (row()["case_id"], row()["state"]) == (case, "nobody")
    assert "没有人处理" in str(row()["words"])
    put_talk(services.redis, stage=TalkStage.TALKING)
    assert row()["state"] == "talking"
    services.redis.flushdb()
    services.cases.note(case, "user:1", "打了电话")
    assert row()["state"] == "seen"
    past = services.clock() - timedelta(minutes=services.settings.sos_alarm_minutes + 2)
    with services.unit_of_work() as work:
        work.execute(update(Case).values(opened_at=past))
        work.connection().exec_driver_sql("UPDATE case_events SET at = '2026-01-01 00:00:00'")
    assert row()["state"] == "alarming"
    assert 'id="sos-banner"' in desk.logged_in("agent").get("/desk/messages").get_data(as_text=True)
    assert 'id="sos-banner"' not in desk.logged_in("auditor").get("/supervisor").get_data(as_text=True)


def test_no_sound_goes_over_a_callers_voice(desk: Desk) -> None:
    cries(desk)
    assert standing(desk)["quiet"] is False
    put_agent(desk.services.redis, AgentState.TALKING)
    assert standing(desk)["quiet"] is True
    put_agent(desk.services.redis, AgentState.READY)
    assert standing(desk)["quiet"] is False


def test_what_the_banner_asks_keeps_no_session_alive(desk: Desk) -> None:
    client = desk.logged_in("agent")
    assert "Set-Cookie" in client.get("/desk").headers
    assert "Set-Cookie" not in client.get("/sos/standing").headers
