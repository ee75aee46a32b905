"""A hotline with people on it: what each of them does and hears, and what is left behind when they are gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from db.demo_people import DemoElder
from db.models import Agent, Case, Elder, Order
from db.models.calls import CallRecord, JourneyEvent, TicketRecord
from ivr.prompts.catalogue import Catalogue
from routing.calls.messages import AgentState
from routing.numbers import as_dialled
from tests.ears import RATE, silences, tone_level
from tests.ears.wav import as_samples
from tests.hotline import Hotline, running_hotline
from tests.phones.line import Line
from tests.phones.listening import Listener
from tests.phones.phone import Phone

QUIET_MOST = 5.0
"""Seconds of silence that nobody hears, whatever is broken (docs/architecture.md)."""
LOUD_ENOUGH = 0.03
"""Amplitude (0 to 1) of a tone, or root mean square of speech, that counts as heard; the phones speak at about 0.4."""
AT_WORK = (AgentState.READY, AgentState.RESERVED, AgentState.RINGING, AgentState.TALKING)
LOST = "Traceback"
_ENDED_SECONDS = 60


@dataclass(eq=False)
class Person:
    """Somebody with a phone who knows the prompts by ear."""

    phone: Phone
    ears: Listener

    def hears(self, key: str, seconds: float = 60, /, **values: object) -> None:
        """Wait until the prompt is heard. Raises PhoneTimeoutError."""
        self.ears.hear(key, seconds, **values)

    def hears_beginning(self, key: str, seconds: float = 60, /, **values: object) -> None:
        """Wait until the first sound of a prompt is heard, to press a key while the rest is said."""
        self.ears.hear_beginning(key, 1, seconds, **values)

    def hears_something(self, seconds: float = 30) -> None:
        """Wait until the last fifth of a second was not quiet: somebody speaks. Raises AssertionError.

        A key that is pressed while something is said is heard; one in between may be lost.
        """
        pause = threading.Event()
        for _ in range(int(seconds / 0.1)):
            last = as_samples(self.phone.heard()[-RATE // 5 :])
            if len(last) and np.sqrt((last**2).mean()) > LOUD_ENOUGH:
                return
            pause.wait(0.1)
        raise AssertionError(f"phone {self.phone.number[-4:]} heard nothing within {seconds:g} s")

    def hears_tone(self, hz: int, seconds: float = 60) -> None:
        """Wait until the last half second is full of a tone. Raises AssertionError with how loud it was."""
        pause, level = threading.Event(), 0.0
        for _ in range(int(seconds / 0.25)):
            level = max(level, tone_level(as_samples(self.phone.heard()[-RATE // 2 :]), hz))
            if level > LOUD_ENOUGH:
                return
            pause.wait(0.25)
        raise AssertionError(f"phone {self.phone.number[-4:]} heard no tone of {hz} Hz; the loudest was {level:.4f}")

    def hears_within(self, seconds: float) -> np.ndarray:
        """Give the samples of the next `seconds` of the call."""
        begin, pause = len(self.phone.heard()), threading.Event()
        give_up = time.monotonic() + seconds + 5
        while len(self.phone.heard()) < begin + seconds * RATE and time.monotonic() < give_up:
            pause.wait(0.1)
        return as_samples(self.phone.heard()[begin:])

    def silent_spells(self) -> list[tuple[float, float]]:
        """Begin and length of each silence in the latest call that is longer than anybody should hear."""
        return silences(as_samples(self.phone.heard()), QUIET_MOST)


@dataclass
class Scene:
    """The hotline, the phones' line, and whoever came."""

    hotline: Hotline
    line: Line
    catalogue: Catalogue
    people: list[Person] = field(default_factory=list)

    def person(self, number: str, *, tone_hz: int = 440) -> Person:
        """Somebody outside, with a phone whose From user is `number` (an E.164 number as the carrier gives it)."""
        phone = Phone(self.line, as_dialled(number) if number.startswith("+86") else number, tone_hz=tone_hz)
        phone.plug_in()
        return self._came(phone)

    def agent(self, extension: str = "1001", *, tone_hz: int = 1000, answers: bool = True) -> Person:
        """An agent at the desk: the phone is registered, and the router sends calls there."""
        with self.hotline.stores.reading() as session:
            secret = session.get_one(Agent, extension).sip_secret
        phone = Phone(self.line, extension, tone_hz=tone_hz, answers=answers)
        person = self._came(phone)
        phone.plug_in(self.hotline.dial_to, extension, secret)
        self.until(f"{extension} at work", lambda: self.state(extension) in AT_WORK, 60)
        return person

    def dial(self, person: Person, did: str | None = None) -> float:
        """Dial the hotline, or another of its numbers, and wait until it answers. Gives when it was dialled."""
        since = time.monotonic()
        person.phone.dial(f"sip:{did or self.hotline.settings.did_hotline}@{self.hotline.dial_to}")
        person.phone.wait_for("connected", 60, since)
        return since

    def leave(self, *people: Person) -> None:
        """Hang up and unplug."""
        for person in people:
            person.phone.unplug()
            self.people.remove(person)

    def everybody_leaves(self) -> None:
        """Unplug all phones, and wait until the hotline has nobody left in it."""
        self.leave(*list(self.people))
        self.hotline.services.manners.forget()  # Else who presses nothing in one test would be put through in another.
        self.until("no ticket left", lambda: not self.living(), _ENDED_SECONDS)
        self.until(
            "no agent left", lambda: not any(self.state(each) in AT_WORK for each in ("1001", "1002")), _ENDED_SECONDS
        )

    def at_once(self, *acts: Callable[[], Any]) -> list[Any]:
        """Play several acts, three at a time (PJSIP has four calls in a process); what one raises is raised here."""
        with ThreadPoolExecutor(3) as pool:
            return [each.result() for each in [pool.submit(act) for act in acts]]

    def until(self, what: str, look: Callable[[], Any], seconds: float = 60) -> Any:
        """Look until something true is seen. Raises AssertionError with `what`."""
        return self.hotline.eventually(what, look, seconds)

    def state(self, extension: str) -> AgentState | None:
        """Give an agent's state; None until the router has heard of the agent."""
        record = self.hotline.services.agents.get(extension)
        return record.state if record else None

    def living(self) -> list[str]:
        """Give the ids of tickets that have not ended."""
        return [ticket.ticket_id for ticket in self.hotline.services.tickets.waiting()]

    def calls(self) -> dict[str, CallRecord]:
        """Give the records of all calls that came in, by id."""
        with self.hotline.stores.reading() as session:
            return {each.id: each for each in session.scalars(select(CallRecord)) if each.direction == "inbound"}

    def new_calls(self, before: dict[str, CallRecord], count: int) -> list[CallRecord]:
        """Wait until there are `count` more records than `before`, all ended, and give them. Never more."""

        def ended() -> bool:
            new = [each for each in self.calls().values() if each.id not in before]
            return len(new) >= count and all(each.ended_at and each.outcome for each in new)

        self.until(f"{count} new calls, ended", ended, _ENDED_SECONDS)
        new = [each for each in self.calls().values() if each.id not in before]
        assert len(new) == count, f"{count} calls left {len(new)} records"
        return new

    def journey(self, call_id: str) -> list[str]:
        """Give the words of a call's steps, in order."""
        with self.hotline.stores.reading() as session:
            steps = session.scalars(
                select(JourneyEvent).where(JourneyEvent.call_id == call_id).order_by(JourneyEvent.id)
            )
            return [f"{step.what} {step.detail}".strip() for step in steps]

    def tickets(self, call_id: str) -> Sequence[TicketRecord]:
        """Give the tickets of a call as the database has them."""
        with self.hotline.stores.reading() as session:
            return session.scalars(select(TicketRecord).where(TicketRecord.call_id == call_id)).all()

    def elder_id(self, elder: DemoElder) -> int:
        """Give the id of one of the demo's elders."""
        with self.hotline.stores.reading() as session:
            return session.scalars(select(Elder.id).where(Elder.code == elder.code)).one()

    def orders(self, code: str) -> Sequence[Order]:
        """Give the orders of an elder, by registration number."""
        with self.hotline.stores.reading() as session:
            return session.scalars(select(Order).join(Elder).where(Elder.code == code)).all()

    def cases(self, kind: str) -> Sequence[Case]:
        """Give all cases of a kind."""
        with self.hotline.stores.reading() as session:
            return session.scalars(select(Case).where(Case.kind == kind)).all()

    def assert_well(self, *parts: str) -> None:
        """Raise AssertionError if a part has written a traceback."""
        for part in parts or ("ivr", "router"):
            log = self.hotline.log(part)
            assert LOST not in log, f"{part}:\n{log[log.index(LOST) - 2000 :][:6000]}"

    def greeting(self) -> str:
        """Give the key of the greeting of this hour."""
        hour = datetime.now(self.hotline.settings.zone).hour
        return f"welcome.greet_{'morning' if 5 <= hour < 12 else 'afternoon' if 12 <= hour < 18 else 'evening'}"

    def _came(self, phone: Phone) -> Person:
        person = Person(phone, Listener(phone, self.catalogue, self.hotline.settings.language))
        self.people.append(person)
        return person


@contextmanager
def open_scene(folder: Path, *parts: str, **settings: Any) -> Iterator[Scene]:
    """A hotline with its carrier's phones while the block lasts."""
    with running_hotline(folder, *parts, **settings) as hotline:
        line = Line(hotline.carrier_port, 44000)
        try:
            yield Scene(hotline, line, Catalogue.load())
        finally:
            line.close()
