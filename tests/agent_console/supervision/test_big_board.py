"""The large screen's stream and day: at once when something happens, and honest about what is not known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from agent_console.supervision import board_feed, board_picture
from agent_console.supervision.board_feed import SCREENS
from agent_console.supervision.board_picture import Artist
from routing.calls.messages import AgentState, CallerClass, CaseOpened
from routing.calls.records import AgentRecord
from routing.wallboard.policy import ENOUGH_CALLS
from tests.agent_console.console import Desk
from tests.agent_console.ringing import EXTENSION, join, put_agent, put_promise, put_ticket, tell
from tests.routing.reports.happened import call, write

Picture = dict[str, Any]


@contextmanager
def screen(client: FlaskClient) -> Iterator[Iterator[Picture]]:
    """Look at the screen; gives each picture, and None for trouble."""
    answer = client.get("/board/live", buffered=False)
    assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
    try:
        yield _pictures(answer.iter_encoded())
    finally:
        answer.close()


def _pictures(chunks: Iterator[bytes]) -> Iterator[Picture]:
    for chunk in chunks:
        lines = dict(line.split(": ", 1) for line in chunk.decode().split("\n") if ": " in line)
        if lines.get("event") == "board":
            yield json.loads(lines["data"])
        elif lines.get("event") == "trouble":
            yield {}


def until(pictures: Iterator[Picture], wanted: Callable[[Picture], bool]) -> Picture:
    for _ in range(100):
        picture = next(pictures)
        if wanted(picture):
            return picture
    raise AssertionError(picture)


def test_callers_agents_and_counts_are_shown_and_follow(desk: Desk) -> None:
    redis, services = desk.services.redis, desk.services
    put_agent(redis, AgentState.READY)
    join(redis)
    put_promise(redis, name="p1")
    with screen(desk.logged_in("supervisor")) as pictures:
        first = next(pictures)
        assert (first["waiting"], first["promised"]) == (1, 1)
        assert [(name, count) for name, count, _since in first["classes"]] == [
            ("sos", 0), ("frail", 0), ("elder", 1), ("other", 0),
        ]  # fmt: skip
        assert [agent[:3] for agent in first["agents"]] == [[EXTENSION, first["agents"][0][1], "ready"]]
        assert first["levels"]["sos"] == "calm"
        join(redis, CallerClass.SOS, "t2")
        then = until(pictures, lambda picture: picture["waiting"] == 2)
        assert then["levels"]["sos"] == "alarm"
        case = services.cases.open("sos-c7", "sos")
        tell(redis, CaseOpened(case.id, "sos", 0.0))
        assert until(pictures, lambda picture: picture["sos_cases"] == 1)


def test_it_holds_nothing_of_any_elder(desk: Desk) -> None:
    put_ticket(desk.services.redis, CallerClass.FRAIL)
    with screen(desk.logged_in("auditor")) as pictures:
        said = json.dumps(next(pictures))
    assert "elder_id" not in said and "case_id" not in said and "t1" not in said


def test_todays_service_is_judged_when_there_are_calls_enough(desk: Desk) -> None:
    artist, now = Artist(lambda: desk.services), desk.services.clock()
    day = [now - timedelta(seconds=at) for at in range(1, ENOUGH_CALLS + 1)]
    slow = [call(f"s{at}", when, wait=16, talk=1, outcome="answered") for at, when in enumerate(day[:-1])]
    write(desk.services.unit_of_work, *slow)
    ticks = iter([0.0, 100.0, 200.0, 300.0])
    artist._ticks = lambda: next(ticks)
    artist._counted_at = artist._names_at = -1000
    with desk.app.app_context():
        before = artist.draw()
        assert (before["service"], before["levels"]["service"]) == (0.0, "calm")
        write(desk.services.unit_of_work, call("last", day[-1], wait=16, talk=1, outcome="answered"))
        assert artist.draw()["levels"]["service"] == "alarm"


def test_without_the_database_the_states_go_on_and_the_counts_say_their_age(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_picture, "COUNT_SECONDS", 0.0)
    artist = Artist(lambda: desk.services)
    with desk.app.app_context():
        counted_at = artist.draw()["counted_at"]

        def away() -> None:
            raise OperationalError("SELECT", None, Exception("away"))

        monkeypatch.setattr(desk.services.board_counts, "served", away)
        join(desk.services.redis)
        picture = artist.draw()
    assert (picture["waiting"], picture["counted_at"]) == (1, counted_at)
    assert picture["at"] > counted_at


def test_without_redis_the_screen_is_told_and_goes_on_when_it_is_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = type(desk.services.board).all

    def away(_self: object) -> tuple[AgentRecord, ...]:
        raise ConnectionError

    with screen(desk.logged_in("supervisor")) as pictures:
        assert next(pictures)
        monkeypatch.setattr(type(desk.services.board), "all", away)
        until(pictures, lambda picture: not picture)
        monkeypatch.setattr(type(desk.services.board), "all", really)
        until(pictures, bool)


def test_all_screens_share_one_drawing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, draw = list[int](), Artist.draw

    def counts(artist: Artist) -> dict[str, Any]:
        drawn.append(1)
        return draw(artist)

    monkeypatch.setattr(Artist, "draw", counts)
    client = desk.logged_in("supervisor")
    with screen(client) as one, screen(client) as other:
        seen = [next(one), next(other), next(one), next(other)]
    assert len(seen) == 4
    assert len(drawn) <= 4


def test_too_many_screens_are_told_to_come_later(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    answers = [client.get("/board/live", buffered=False) for _ in range(SCREENS)]
    opened = [answer.iter_encoded() for answer in answers]
    for each in opened:
        next(each)
    refused = client.get("/board/live", buffered=False)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    for answer in answers:
        answer.close()
    assert client.get("/board/live", buffered=False).status_code == 200


def test_a_screen_that_is_gone_before_its_first_line_is_not_counted(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    for _ in range(SCREENS + 1):
        answer = client.get("/board/live", buffered=False)
        assert answer.status_code == 200
        answer.close()
    assert desk.app.extensions["elderline-board"]._screens == 0


def test_the_thread_rests_when_nobody_looks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_feed, "_LINGER", 0.0)
    with screen(desk.logged_in("supervisor")) as pictures:
        next(pictures)
        feed = desk.app.extensions["elderline-board"]
        thread = feed._thread
    thread.join(10)
    assert not thread.is_alive()
    join(desk.services.redis)
    with screen(desk.logged_in("supervisor")) as pictures:
        assert next(pictures)["waiting"] == 1  # And not what was drawn before it rested.


def test_a_screen_goes_dark_with_its_session(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent_console.supervision.big_board._CHECK", 0.0)
    client = desk.logged_in("supervisor")
    with screen(client) as pictures:
        next(pictures)
        desk.services.users.disable(desk.user_id("supervisor"), "test")
        assert len(list(pictures)) <= 2


def test_a_changed_limit_counts_at_the_next_picture(desk: Desk) -> None:
    join(desk.services.redis)
    client = desk.logged_in("supervisor")
    with screen(client) as pictures:
        assert next(pictures)["levels"]["waiting"] == "calm"
        desk.services.setting_book.change("board_waiting_warn", "1", 0, "user:1")
        until(pictures, lambda picture: picture["levels"]["waiting"] == "warn")


def test_the_page_and_the_day(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    page = client.get("/board").get_data(as_text=True)
    assert "今日15秒接通率" in page
    write(desk.services.unit_of_work, call("now", desk.services.clock(), wait=1, talk=1, outcome="answered"))
    told = client.get("/board/today").get_json()
    assert (sum(told["calls"]), told["calls"][told["now"]], told["known"]) == (1, 1, False)


def test_whatever_goes_wrong_with_a_picture_the_next_is_drawn(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with screen(desk.logged_in("supervisor")) as pictures:
        assert next(pictures)
        with monkeypatch.context() as patch:
            patch.setattr(Artist, "draw", lambda _self: 1 // 0)
            until(pictures, lambda picture: not picture)
        until(pictures, bool)
