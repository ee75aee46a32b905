"""Never two calls for one cause: worker, scheduler and router are killed in every step of the job, with SIGKILL.

A real Redis, a real database, the real processes, a real Asterisk, and a telephone that counts how often it rang. The
flow runs in the test's own process, so that it can have the others killed in its steps. Time is not waited for: the
processes' clock is put ahead.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from functools import partial

import numpy as np
import pytest
from sqlalchemy import func, select, update

from db.demo import DEMO
from db.models import CallAttempt, Callback, Order, Rating, SmsMessage
from routing.calls import keys
from routing.orders.policy import OrderState
from routing.outreach.following import SMS_ANSWERED_WITHIN
from scripts.parts import ROOT
from tests.phones.phone import RATE, Phone
from tests.routing.outreach.dying_hotline import DyingHotline
from tests.routing.town import Town

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.timeout(600)]

WITHIN = 60.0
"""Seconds of the machine's own time for one cause, generously."""
LOUD = 300
"""Of 32,767."""
KEYS = "515"
"""Any key, it was done, five."""
DIES: dict[str, str] = {
    "tick": "scheduler", "job queued": "scheduler",
    "job taken": "worker", "claimed": "worker", "published": "worker",
    "router received": "router", "router recorded": "router", "originated": "router", "answered": "router",
    "router settles": "router", "router settled": "router", "settle job taken": "worker", "settle job done": "worker",
}  # fmt: skip
"""Steps in which a process kills itself, and which one."""
ON_POSTGRESQL = frozenset(
    {"job taken", "claimed", "published", "router settles", "settle job taken", "settle job done"}
)
"""Steps around what the database is asked to write: these are played on PostgreSQL, the others on SQLite, and the claim
itself on both."""
BOTH = [("sqlite", step) for step in DIES if step not in ON_POSTGRESQL - {"claimed"}] + [
    pytest.param("postgresql", step, marks=pytest.mark.postgresql) for step in DIES if step in ON_POSTGRESQL
]
TALKING = ("flow began", "flow scored", "flow finishes", "flow finished")
"""Steps of the flow, in which the test kills others."""
END = frozenset({"done", "failed", "listed"})


@pytest.fixture
def cause(house: DyingHotline, telephone: Phone) -> str:
    """A call that is owed after a visit, and due now; nothing else is."""
    town = Town(house.stores.engine, house.stores.cipher)
    order = town.served()
    now = house.now()
    cause = f"after-service-order-{order.id}"
    with house.stores.unit_of_work() as session:
        session.execute(update(Callback).where(Callback.cause != cause).values(state="cancelled"))
        session.execute(
            update(Callback).where(Callback.cause == cause).values(due_at=now, created_at=now, updated_at=now)
        )
        session.execute(update(Order).where(Order.id == order.id).values(updated_at=now))
        session.execute(update(Order).where(Order.id != order.id).values(state="closed"))
    telephone.events.clear()
    telephone.answers = True
    return cause


def play(house: DyingHotline, telephone: Phone, cause: str) -> str:
    """Let things take their course until the cause has an end; give that. The clock goes to whatever is next."""
    over = threading.Event()
    threading.Thread(target=partial(presses, telephone, over), daemon=True).start()
    try:
        return follow(house, telephone, cause)
    finally:
        over.set()


def follow(house: DyingHotline, telephone: Phone, cause: str) -> str:
    give_up = time.monotonic() + WITHIN
    while time.monotonic() < give_up:
        house.run_parts()
        row, attempts = look(house, cause)
        rings = rung(telephone)
        row_after, attempts_after = look(house, cause)
        assert rings <= attempts_after, f"{rings} rings in {attempts_after} attempts"
        if row_after.state in END and not telephone.busy:
            return row_after.state
        if scores(house, cause) and telephone.busy:
            telephone.hang_up()  # She has said it; what we thank her with takes five seconds.
        living = [each for each in house.stores.redis.hvals(keys.PLACED) if b'"ended"' not in each]
        up = house.stores.redis.exists(keys.HEARTBEAT)  # Else attempts would run out while nobody can dial.
        if up and row.state == row_after.state and not living and not telephone.busy:
            house.forward_to(next_moment(row) if attempts == attempts_after else house.now())
        time.sleep(0.1)  # Four stores and a telephone: nobody tells of all their changes.
    raise AssertionError(f"{row.state} {row.last_outcome} {attempts}: {telephone.events} {house.log('router')[-2000:]}")


def next_moment(row: Callback) -> datetime:
    """When something must happen to a call by itself, if nobody does anything."""
    if row.state == "dialling" and row.claimed_until is not None:
        return row.claimed_until + timedelta(seconds=1)
    if row.state == "answered":
        return row.updated_at + timedelta(minutes=16)
    return row.due_at


def presses(telephone: Phone, over: threading.Event) -> None:
    """Press the keys in each call that is answered: pressed ahead, they are kept for the questions. What rings when it
    is `over` is another test's: keys of two tests at once are no answer to anything."""
    since = 0.0
    with contextlib.suppress(AssertionError, Exception):
        while True:
            since = telephone.wait_for("connected", WITHIN, since).at
            if over.is_set():
                return
            telephone.press(KEYS)


def look(house: DyingHotline, cause: str) -> tuple[Callback, int]:
    with house.stores.reading() as session:
        # In one statement: on PostgreSQL two of one unit of work may see two states.
        made = select(func.count(CallAttempt.id)).where(CallAttempt.callback_id == Callback.id).scalar_subquery()
        row, attempts = session.execute(select(Callback, made).where(Callback.cause == cause)).one()
        assert attempts == row.attempts
        return row, attempts


def rung(telephone: Phone) -> int:
    return sum(event.what in ("ringing", "refused") for event in list(telephone.events))


def scores(house: DyingHotline, cause: str) -> list[int | None]:
    with house.stores.reading() as session:
        return list(session.scalars(select(Rating.score).where(Rating.order_id == int(cause.rsplit("-", 1)[1]))))


@pytest.mark.parametrize(("step", "owed"), [("owed, not committed", 0), ("owed", 1)])
def test_killed_while_it_owes_the_visit_and_its_call_stand_or_fall_together(
    house: DyingHotline, telephone: Phone, step: str, owed: int
) -> None:
    town = Town(house.stores.engine, house.stores.cipher)
    order = town.accept(town.place())
    assert order.worker_id is not None
    town.visits.check_in(order.worker_id, DEMO.wang.number, "in")

    def check_out() -> int:
        command = [sys.executable, "-m", "tests.routing.outreach.dying", "visit", str(house.folder)]
        return subprocess.run(
            [*command, str(order.worker_id)], cwd=ROOT, env=house.environment(), check=False, timeout=60
        ).returncode

    def calls() -> int:
        query = select(func.count()).where(Callback.order_id == order.id, Callback.kind == "after_service")
        with house.stores.reading() as session:
            return session.scalar(query) or 0

    (house.folder / "die").write_text(step)
    assert check_out() == -signal.SIGKILL
    assert (calls(), town.orders.get(order.id).state is OrderState.DONE) == (owed, bool(owed))
    if not owed:
        assert check_out() == 0
    assert calls() == 1
    assert not telephone.events


@pytest.mark.parametrize(("house", "step"), BOTH, indirect=["house"])
def test_a_process_killed_in_a_step_neither_loses_the_call_nor_makes_it_twice(
    house: DyingHotline, telephone: Phone, cause: str, step: str
) -> None:
    (house.folder / "die").write_text(step)
    assert play(house, telephone, cause) == "done"
    house.eventually(f"died in {step!r}", lambda: not (house.folder / "die").exists())
    assert scores(house, cause) == [5]
    assert rung(telephone) >= 1


@pytest.mark.parametrize("step", TALKING)
@pytest.mark.parametrize(
    "killed",
    [
        ("worker", "router"),
        pytest.param(("worker",), marks=pytest.mark.long),
        pytest.param(("router",), marks=pytest.mark.long),
    ],
    ids="+".join,
)
def test_whoever_is_killed_while_the_elder_talks_she_is_asked_once(
    house: DyingHotline, telephone: Phone, cause: str, step: str, killed: tuple[str, ...]
) -> None:
    house.killed_in_talk[step] = killed
    assert play(house, telephone, cause) == "done"
    assert not house.killed_in_talk
    assert (scores(house, cause), rung(telephone)) == ([5], 1)


def test_killed_while_it_rings_and_nobody_answers_it_ends_with_an_sms(
    house: DyingHotline, telephone: Phone, cause: str
) -> None:
    telephone.answers = False
    killer = threading.Thread(
        target=lambda: (telephone.wait_for("ringing", WITHIN), house.slay("router"), house.slay("worker")), daemon=True
    )
    killer.start()
    assert play(house, telephone, cause) in ("failed", "listed")
    row, attempts = look(house, cause)
    assert attempts == 3
    assert 1 <= rung(telephone) <= 3
    with house.stores.reading() as session:
        asked = session.scalars(select(SmsMessage.order_id).where(SmsMessage.question != "")).all()
    assert asked.count(row.order_id) == 1
    house.forward_to(house.now() + SMS_ANSWERED_WITHIN + timedelta(minutes=1))
    house.eventually("it is on the list of a person", lambda: look(house, cause)[0].state == "listed")


def test_the_first_word_comes_within_two_seconds_of_the_answer(
    house: DyingHotline, telephone: Phone, cause: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the telephone's 200 OK to the first sound that it hears (Ofcom and FTC: a message within 2 s)."""
    house.run_parts()
    answered = telephone.wait_for("ringing", WITHIN).at  # It picks up at once.
    listening = telephone.wait_for("listening", WITHIN).at
    house.eventually("a word", lambda: bool((loud(telephone)).any()))
    took = listening - answered + int(np.argmax(loud(telephone))) / RATE
    telephone.hang_up()
    with capsys.disabled():
        print(f" {cause}: first word {took * 1000:.0f} ms after the answer")
    assert took < 2


def loud(telephone: Phone) -> np.ndarray:
    """Which samples of the latest call are louder than the line's own noise."""
    return np.abs(telephone.heard().astype(np.int32)) > LOUD
