"""A message to many on the real Asterisk: 32 telephones on four lines that answer, ignore or refuse, and an elder who
calls in the middle of it, and a worker that is killed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from db.models import CallAttempt, Callback, Elder, ElderPhone
from routing.calls.records import TicketStage
from routing.numbers import as_dialled
from routing.outreach.campaigns.policy import Selection, State
from routing.outreach.campaigns.views import Wish
from tests.agent_console.outreach.test_campaigns import wav
from tests.hotline import Hotline, running_hotline
from tests.phones.exchange import Exchange

pytestmark = [pytest.mark.asterisk, pytest.mark.slow, pytest.mark.timeout(400)]

MANY, LINES = 32, 4
CALLS_AT = 10
"""So many telephones have rung when somebody calls in."""


def number_of(place: int) -> str:
    return f"+861390000{7000 + place}"


def manner(number: str) -> str:
    """By the last digit: six of ten answer, two ignore it, two refuse."""
    return {"0": "ignores", "5": "ignores", "3": "refuses", "8": "refuses"}.get(number[-1], "answers")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    settings = {
        "outbound_ring_seconds": 3, "callback_attempts": 1, "call_hours": "00:00-23:59", "trunk_lines": 10,
        "campaign_quiet_seconds": 2, "outbound_share": 0.4, "outbound_lines": 10,
    }  # fmt: skip
    parts = ("redis", "asterisk", "ivr", "router", "worker", "scheduler")
    with running_hotline(tmp_path_factory.mktemp("many"), *parts, **settings) as house:
        now = house.services.clock()
        with house.stores.unit_of_work() as session:
            for place in range(MANY):
                number = number_of(place)
                elder = Elder(
                    code=f"many-{place}", name="众人", name_index=bytes(16), sex="unknown", district="众人里",
                    created_at=now, updated_at=now,
                )  # fmt: skip
                index = house.stores.cipher.number_index(number)
                elder.phones = [ElderPhone(number=number, number_index=index, kind="mobile")]
                session.add(elder)
        yield house


def test_many_are_told_once_each_and_nobody_is_dialled_while_an_elder_waits(
    house: Hotline, capsys: pytest.CaptureFixture[str]
) -> None:
    host, _, port = house.dial_to.rpartition(":")
    exchange = Exchange(house.carrier_port, (host, int(port)), manner)
    try:
        book = house.services.campaigns.book
        begun = time.monotonic()
        wish = Wish("众人", "明天停水。", selection=Selection("众人里"), lines=LINES, opens="00:00", closes="23:59")
        made = book.make(wish, by="user:2")
        book.record(made.id, wav(0.6), by="user:2")
        book.start(made.id, by="user:2")
        house.eventually("some were rung", lambda: len(exchange.rung) >= LINES)
        house.kill("worker")  # It may hold claims that nobody was told of: those are given up, never made twice.
        house.start("worker")
        house.eventually("others were rung", lambda: len(exchange.rung) >= CALLS_AT)
        caller = exchange.call_in("13900009999", "12349")
        held = lambda: [each for each in house.services.tickets.waiting() if each.stage is TicketStage.HELD]  # noqa: E731
        house.eventually("the elder waits", held)
        waits_from = time.monotonic() + 1.5  # Whoever was claimed before has been dialled by then.
        house.eventually("the telephones fall silent", lambda: all(each.over_at for each in exchange.rung))
        waited_until = max(waits_from, time.monotonic()) + 2
        house.eventually("two more seconds", lambda: time.monotonic() > waited_until)
        left_at = time.monotonic()
        exchange.leave(caller)
        house.eventually("it is finished", lambda: book.get(made.id).state is State.FINISHED, 200)
        took = time.monotonic() - begun
    finally:
        exchange.close()
    ours = {as_dialled(number_of(place)) for place in range(MANY)}
    rung = Counter(each.number for each in exchange.rung)
    assert set(rung) <= ours
    assert len(ours - set(rung)) <= LINES  # Claimed by the worker that was killed before the router knew of it.
    assert set(rung.values()) == {1}
    assert exchange.most_at_once() <= LINES
    assert [each for each in exchange.rung if waits_from < each.at < left_at] == []
    states = {each.elder_id: each for each in house.services.campaigns.recipients.of(made.id)}
    for each in states.values():
        assert each.number is not None
        heard = as_dialled(each.number) in rung and manner(each.number) == "answers"
        assert each.state == ("heard" if heard else "not_reached"), each.last_outcome
    with house.stores.reading() as session:
        attempts = session.scalar(select(func.count()).select_from(CallAttempt).join(Callback))
    assert attempts == MANY
    with capsys.disabled():
        silent = left_at - waits_from
        print(f" {MANY} telephones, {exchange.most_at_once()} at once, {took:.0f} s; silent for {silent:.1f} s")
