"""Look-ups that a caller does not wait for: with threads that really hang."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from db.demo import DEMO
from ivr.dialogue import Dialogue
from ivr.flows.after_service import AfterService
from ivr.flows.patience import Patience, Threads, TooSlow
from ivr.flows.welcome import Welcome
from routing.calls.messages import Intent
from tests.ivr.fake_call import FakeCall
from tests.ivr.flows.talk import Exchange
from tests.routing.town import Town

SHORT = 0.2


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """What hangs goes on when this is set."""
    event = threading.Event()
    yield event
    event.set()


class Clock:
    """Time that goes by when somebody says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.tried = 0

    def clock(self) -> float:
        return self.now

    def beside(self, work: object, seconds: float, *, must_end: bool = False) -> bool:
        self.tried += 1
        self.now += seconds
        return False


def test_what_is_there_in_time_is_given_and_what_fails_is_raised() -> None:
    patience = Patience()
    assert patience.look_up(lambda: 7) == 7
    with pytest.raises(KeyError):
        patience.look_up(lambda: {}["nothing"])


def test_what_hangs_is_not_waited_for(over: threading.Event) -> None:
    with pytest.raises(TooSlow):
        Patience(Threads(), SHORT).look_up(lambda: over.wait(60))


def test_all_look_ups_share_one_stretch_and_a_question_begins_another() -> None:
    clock = Clock()
    patience = Patience(clock, 2.5)
    for _ in range(4):
        with pytest.raises(TooSlow):
            patience.look_up(lambda: None)
    assert (clock.now, clock.tried) == (2.5, 1)  # What is asked for after its end is not even begun,
    with pytest.raises(TooSlow):
        patience.look_up(lambda: None, at_hand=True)
    assert clock.tried == 2  # but for what is usually at hand.
    patience.renew()
    with pytest.raises(TooSlow):
        patience.look_up(lambda: None)
    assert clock.now == pytest.approx(5.1)


def test_words_take_nothing_of_the_stretch_and_begin_another() -> None:
    """Who has heard where they stand for ten seconds, and presses 1 then, is looked up as anybody."""
    clock = Clock()
    patience = Patience(clock, 2.5)
    clock.now += 60  # As long as the words took.
    dialogue = Dialogue(FakeCall(), clock.clock)
    dialogue.spoken = patience.renew
    for speak in (lambda: dialogue.say("hold.next"), lambda: dialogue.conclude("hold.soon"),
                  lambda: dialogue.confirm("hold.callback_number")):  # fmt: skip
        tried = clock.tried
        speak()
        with pytest.raises(TooSlow):
            patience.look_up(lambda: None)
        assert clock.tried == tried + 1


class Hangs:
    """A register that answers when it is too late."""

    def __init__(self, over: threading.Event) -> None:
        self._over = over

    def look_up(self, _number: str) -> None:
        self._over.wait(60)

    def elder(self, _elder_id: int) -> None:
        return None


def test_who_cannot_be_looked_up_in_time_is_greeted_without_a_name_and_gets_a_person(
    exchange: Exchange, over: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.flows.desk.Patience", lambda: Patience(Threads(), SHORT))
    exchange.directory = Hangs(over)
    began = time.monotonic()
    talk = exchange.call(Welcome, DEMO.wang.number)
    assert talk.heard[0] == "welcome.unknown"
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.GENERAL)  # Nobody says that they must register.
    assert time.monotonic() - began < 30


def test_an_elder_whose_name_comes_late_is_asked_all_the_same(
    exchange: Exchange, town: Town, over: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = town.served()
    known, asked = exchange.directory, []

    class Late(Hangs):
        def elder(self, elder_id: int) -> object:
            asked.append(elder_id)
            return known.elder(elder_id) if len(asked) > 1 else self._over.wait(60)

    monkeypatch.setattr("ivr.flows.desk.Patience", lambda: Patience(Threads(), SHORT))
    exchange.directory = Late(over)
    talk = exchange.call(
        AfterService, DEMO.wang.number, {"callback.any_key": "1", "callback.done": "1", "callback.score": "5"},
        ref=order.id,
    )  # fmt: skip
    assert talk.said("callback.greet") == {"who": ""}
    assert (talk.goes, talk.heard[-1]) == ("bye", "bye.take_care")
    assert talk.desk.elder is not None and talk.desk.elder.id == order.elder_id
