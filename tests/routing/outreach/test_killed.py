"""Never two calls for one cause: worker, scheduler and router are killed in every step of the job, with SIGKILL.

A real Redis, a real database, the real processes, a real Asterisk, and a telephone that counts how often it rang. The
flow runs in the test's own process, so that it can have the others killed in its steps. Time is not waited for: the
processes' clock is put ahead.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from db.demo import DEMO
from db.models import CallAttempt, Callback, Order, Rating, SmsMessage
from ivr.server import AgiServer
from routing.calls import keys
from routing.numbers import as_dialled
from routing.outreach.following import SMS_ANSWERED_WITHIN
from scripts.parts import ROOT
from scripts.wiring.ivr import flow_services, make_conversations
from scripts.wiring.services import HotlineServices
from tests.hotline import Hotline
from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.routing.town import Town

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.timeout(600)]

WITHIN = 60.0
"""Seconds of the machine's own time for one cause, generously."""
OURS = ("worker", "scheduler", "router")
KEYS = "515"
"""Any key, it was done, five."""
DIES: dict[str, str] = {
    "tick": "scheduler", "job queued": "scheduler",
    "job taken": "worker", "claimed": "worker", "published": "worker",
    "router received": "router", "router recorded": "router", "originated": "router", "answered": "router",
    "router settles": "router", "router settled": "router", "settle job taken": "worker", "settle job done": "worker",
}  # fmt: skip
"""Steps in which a process kills itself, and which one."""
TALKING = ("flow began", "flow scored", "flow finishes", "flow finished")
"""Steps of the flow, in which the test kills others."""
END = frozenset({"done", "failed", "listed"})


class House(Hotline):
    """A hotline whose worker, scheduler and router die when they are told to, and whose clock can be put ahead."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            folder, outbound_ring_seconds=4, callback_attempts=3, callback_retry_seconds=60, call_hours="00:00-23:59"
        )
        self.put_ahead(0)
        self.killed_in_talk: dict[str, tuple[str, ...]] = {}

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / "ahead").read_text()))

    def put_ahead(self, seconds: float) -> None:
        new = self.folder / "ahead.new"
        new.write_text(str(seconds))
        new.replace(self.folder / "ahead")

    def forward_to(self, moment: datetime) -> None:
        """Put the clock ahead to a moment, never back."""
        now = self.now()
        if moment > now:
            self.put_ahead(float((self.folder / "ahead").read_text()) + (moment - now).total_seconds())

    def run_parts(self) -> None:
        """As the supervisor: start what does not run."""
        for name in OURS:
            process = self._running.get(name)
            if process is None or process.poll() is not None:
                if name == "router":
                    self.stores.redis.delete(keys.ROUTER_LEASE, keys.HEARTBEAT)  # As if its seconds were over.
                if name == "scheduler":
                    self.stores.redis.delete("elderline:lock:scheduler")
                self._launch_dying(name)

    def slay(self, name: str) -> None:
        """Kill one of them from outside."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._running[name].pid, signal.SIGKILL)
        self._running[name].wait(10)

    def in_talk(self, step: str) -> None:
        for name in self.killed_in_talk.pop(step, ()):
            self.slay(name)

    def _launch_dying(self, name: str) -> None:
        with (self.folder / "log" / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.routing.outreach.dying", name, str(self.folder)], cwd=ROOT,
                env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("killed"))
    try:
        house.start("redis", "asterisk")
        with flows(house):
            yield house
    finally:
        house.stop()


@contextlib.contextmanager
def flows(house: House) -> Iterator[None]:
    """The real flows over the real services, in this process."""
    joined = HotlineServices(house.stores, house.now)
    step_before(joined.callbacks, "begin", house, after="flow began")
    step_before(joined.ratings, "score", house, after="flow scored")
    step_before(joined.callbacks, "finish", house, before="flow finishes", after="flow finished")
    joined.journey.start()
    server = AgiServer(
        make_conversations(house.stores, flow_services(house.stores, joined)), port=house.settings.agi_port
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(10)
        joined.journey.stop()


def step_before(service: Any, name: str, house: House, before: str = "", after: str = "") -> None:
    whole: Callable[..., Any] = getattr(service, name)

    def stepped(*given: Any, **named: Any) -> Any:
        house.in_talk(before)
        result = whole(*given, **named)
        house.in_talk(after)
        return result

    setattr(service, name, stepped)


@pytest.fixture(scope="module")
def telephone(house: House) -> Iterator[Phone]:
    line = Line(house.carrier_port)
    phone = Phone(line, as_dialled(DEMO.wang.number))
    phone.plug_in()
    yield phone
    line.close()


@pytest.fixture
def cause(house: House, telephone: Phone) -> str:
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


def play(house: House, telephone: Phone, cause: str) -> str:
    """Let things take their course until the cause has an end; give that. The clock goes to whatever is next."""
    presser = threading.Thread(target=partial(presses, telephone), daemon=True)
    presser.start()
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


def presses(telephone: Phone) -> None:
    """Press the keys in each call that is answered: pressed ahead, they are kept for the questions."""
    since = 0.0
    with contextlib.suppress(AssertionError, Exception):
        while True:
            since = telephone.wait_for("connected", WITHIN, since).at
            telephone.press(KEYS)


def look(house: House, cause: str) -> tuple[Callback, int]:
    with house.stores.reading() as session:
        row = session.scalars(select(Callback).where(Callback.cause == cause)).one()
        attempts = session.scalar(select(func.count()).where(CallAttempt.callback_id == row.id)) or 0
        assert attempts == row.attempts
        return row, attempts


def rung(telephone: Phone) -> int:
    return sum(event.what in ("ringing", "refused") for event in list(telephone.events))


def scores(house: House, cause: str) -> list[int | None]:
    with house.stores.reading() as session:
        return list(session.scalars(select(Rating.score).where(Rating.order_id == int(cause.rsplit("-", 1)[1]))))


@pytest.mark.parametrize("step", DIES)
def test_a_process_killed_in_a_step_neither_loses_the_call_nor_makes_it_twice(
    house: House, telephone: Phone, cause: str, step: str
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
    house: House, telephone: Phone, cause: str, step: str, killed: tuple[str, ...]
) -> None:
    house.killed_in_talk[step] = killed
    assert play(house, telephone, cause) == "done"
    assert not house.killed_in_talk
    assert (scores(house, cause), rung(telephone)) == ([5], 1)


def test_killed_while_it_rings_and_nobody_answers_it_ends_with_an_sms(
    house: House, telephone: Phone, cause: str
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
