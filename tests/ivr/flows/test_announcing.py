"""Announcements between greeting and menu: once for each elder, and never in anybody's way."""

from __future__ import annotations

import io
import wave
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from db.demo import DEMO
from db.models import Elder, Order
from ivr.flows.welcome import Welcome
from routing.outreach.announcements import MOST_SECONDS, Told
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

WANG = DEMO.wang.number
GREET, MENU, PERSON = "welcome.greet_morning", "welcome.menu", "welcome.person"


def sound(seconds: float = 3) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setparams((1, 2, 8_000, 0, "NONE", ""))
        wav.writeframes(b"\1\1" * round(8_000 * seconds))
    return file.getvalue()


def announce(town: Town, text: str = "明天停水。", district: str = "", *, spoken: bool = True, **ends: float) -> Told:
    """Announce something for a day, with the voice's sound of it."""
    made = town.announcements.make(
        text, district, town.clock(), town.clock() + timedelta(**(ends or {"days": 1})), by="user:1"
    )
    if spoken:
        town.voice.spoken.add((text, "zh-CN"))
    town.clock.forward(seconds=6)
    return made


def test_an_elder_hears_it_once_between_greeting_and_menu(exchange: Exchange, town: Town) -> None:
    announce(town)
    assert town.voice.wanted == ["明天停水。"]
    talk = exchange.call(Welcome, WANG)
    assert talk.heard == [GREET, "announcement.intro", "announcement.said", MENU, PERSON]
    assert talk.said("announcement.said")["what"] == "明天停水。"
    assert "announcement.told" in talk.book.steps
    assert exchange.call(Welcome, WANG).heard == [GREET, MENU, PERSON], "once"
    assert "announcement.said" in exchange.call(Welcome, DEMO.quiet.number).heard, "each of them"


def test_only_elders_of_the_district_hear_it(exchange: Exchange, town: Town) -> None:
    announce(town, district=DEMO.wang.district)
    assert "announcement.said" in exchange.call(Welcome, WANG).heard
    assert "announcement.said" not in exchange.call(Welcome, DEMO.quiet.number).heard


@pytest.mark.parametrize("over", ["announcement.intro", "announcement.said"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos"), ("", "hold")])
def test_a_key_over_it_is_an_answer_to_the_menu(exchange: Exchange, town: Town, over: str, key: str, goes: str) -> None:
    announce(town)
    assert exchange.call(Welcome, WANG, {over: key}).goes == goes


def test_an_order_can_be_placed_over_it(exchange: Exchange, town: Town) -> None:
    announce(town)
    keys = {"announcement.said": "1", "services.intro": "1", "order.confirm_free": "1", "order.confirm": "1"}
    talk = exchange.call(Welcome, WANG, keys)
    assert MENU not in talk.heard
    assert town.rows(Order)


def test_two_a_call_and_the_others_the_next_time(exchange: Exchange, town: Town) -> None:
    for text in ("一。", "二。", "三。"):
        announce(town, text)
    told = [exchange.call(Welcome, WANG).heard.count("announcement.said") for _ in range(3)]
    assert told == [2, 1, 0]


def test_without_a_sound_it_is_not_said_and_with_a_recording_it_is(exchange: Exchange, town: Town) -> None:
    made = announce(town, spoken=False)
    assert not made.spoken
    assert exchange.call(Welcome, WANG).heard == [GREET, MENU, PERSON]
    assert town.announcements.record(made.id, sound(MOST_SECONDS)).spoken
    town.clock.forward(seconds=6)
    talk = exchange.call(Welcome, WANG)
    assert talk.heard[1:3] == ["announcement.intro", "announcement.recorded"]
    assert talk.said("announcement.recorded")["what"] == f"/run/elderline/recordings/announcement-{made.id}"
    (town.recordings / f"announcement-{made.id}.wav").unlink()
    assert "announcement.recorded" not in exchange.call(Welcome, DEMO.quiet.number).heard


def test_whoever_speaks_another_language_hears_no_text_of_ours(exchange: Exchange, town: Town) -> None:
    announce(town)
    with town.unit_of_work() as session:
        session.query(Elder).filter(Elder.code == DEMO.wang.code).one().language = "en"
    assert "announcement.said" not in exchange.call(Welcome, WANG).heard


def test_it_begins_and_ends_when_it_should(exchange: Exchange, town: Town) -> None:
    now = town.clock()
    town.announcements.make("以后。", "", now + timedelta(hours=1), now + timedelta(hours=2), by="user:1")
    town.voice.spoken.add(("以后。", "zh-CN"))
    town.clock.forward(seconds=6)
    assert "announcement.said" not in exchange.call(Welcome, WANG).heard
    town.clock.forward(minutes=61)
    assert "announcement.said" in exchange.call(Welcome, WANG).heard
    town.clock.forward(minutes=60)
    assert "announcement.said" not in exchange.call(Welcome, DEMO.quiet.number).heard
    ended = announce(town, "停。")
    town.announcements.end(ended.id, by="user:1")
    town.clock.forward(seconds=6)
    assert "announcement.said" not in exchange.call(Welcome, DEMO.quiet.number).heard


def test_no_relative_no_stranger_and_nobody_who_goes_straight_to_a_person_hears_it(
    exchange: Exchange, town: Town
) -> None:
    announce(town)
    for number in (DEMO.wang.contacts[0][2], DEMO.stranger, DEMO.straight.number):
        assert "announcement.said" not in exchange.call(Welcome, number).heard


def test_hanging_up_at_every_step_and_it_is_not_remembered_before_the_menu_is_over(
    exchange: Exchange, town: Town
) -> None:
    announce(town)
    exchange.call(Welcome, WANG, hang_up_at=2)
    assert "announcement.said" in exchange.call(Welcome, WANG).heard
    every_step(lambda at: exchange.call(Welcome, DEMO.quiet.number, hang_up_at=at))


class Away:
    """A database that is away: nothing can be read or remembered."""

    def __init__(self, town: Town, broken: str) -> None:
        self._announcements, self._broken = town.announcements, broken

    def for_elder(self, *args: Any) -> Any:
        self._break("for_elder")
        return self._announcements.for_elder(*args)

    def remember(self, *args: Any) -> None:
        self._break("remember")
        self._announcements.remember(*args)

    def _break(self, what: str) -> None:
        if what == self._broken:
            raise OperationalError("SELECT", {}, Exception("away"))


@pytest.mark.parametrize(("broken", "told"), [("for_elder", 0), ("remember", 1)])
def test_with_the_database_away_the_menu_comes_all_the_same(
    exchange: Exchange, town: Town, broken: str, told: int
) -> None:
    announce(town)
    exchange.services["announcements"] = Away(town, broken)
    talk = exchange.call(Welcome, WANG)
    assert (talk.heard.count("announcement.said"), talk.heard[-2:], talk.goes) == (told, [MENU, PERSON], "hold")


def test_what_was_known_of_them_is_good_until_the_database_is_back(exchange: Exchange, town: Town) -> None:
    announce(town)
    exchange.call(Welcome, WANG)

    def gone() -> Any:
        raise OperationalError("SELECT", {}, Exception("away"))

    town.announcements._reading, reading = gone, town.announcements._reading
    town.clock.forward(seconds=6)
    assert "announcement.said" not in exchange.call(Welcome, DEMO.quiet.number).heard
    town.announcements._reading = reading
    assert "announcement.said" in exchange.call(Welcome, DEMO.quiet.number).heard
