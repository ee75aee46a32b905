"""The stage of the story: a running hotline, the phones of everybody in it, and what can be seen from outside."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from db.demo import DEMO
from db.demo_services import WORKERS, DemoWorker
from db.models import Agent, ApiToken, Elder, Worker
from ivr.prompts.catalogue import Catalogue
from routing.numbers import as_dialled
from routing.settings import Settings
from scripts.story.api import Api
from scripts.story.timeline import Timeline
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Stores, now, open_stores
from tests.phones.line import Line
from tests.phones.listening import Listener
from tests.phones.phone import Phone, PhoneTimeoutError

RTP_FIRST = 42000


class LineTaken(Exception):
    """The phones cannot listen where the hotline sends calls to the carrier."""


@dataclass
class Actor:
    """A person with a phone who knows what to listen for."""

    phone: Phone
    ears: Listener
    folder: Path

    def hears(self, key: str, seconds: float = 20, /, **values: object) -> None:
        """Wait until the prompt is heard. Raises PhoneTimeoutError, and keeps what was heard instead below var/."""
        try:
            self.ears.hear(key, seconds, **values)
        except PhoneTimeoutError:
            self.phone.keep(self.folder / f"heard-instead-of-{key}.wav")
            raise


@dataclass
class Stage:
    """Everything that the acts use."""

    settings: Settings
    stores: Stores
    line: Line
    api: Api
    timeline: Timeline
    catalogue: Catalogue
    base: str
    actors: dict[str, Actor] = field(default_factory=dict)

    def somebody(self, number: str, *, tone_hz: int = 0, answers: bool = True) -> Actor:
        """Give the person with the phone of this E.164 number, plugged in at the carrier."""
        local = as_dialled(number)
        if local not in self.actors:
            phone = Phone(self.line, local, tone_hz=tone_hz, answers=answers)
            phone.plug_in()
            self.actors[local] = Actor(
                phone, Listener(phone, self.catalogue, self.settings.language), self.settings.var_dir
            )
        return self.actors[local]

    def leaves(self, number: str) -> None:
        """Unplug somebody whose part is over: one process has eight phones at most."""
        actor = self.actors.pop(as_dialled(number), None)
        if actor is not None:
            actor.phone.unplug()

    def agent(self, extension: str, *, tone_hz: int) -> Actor:
        """Give an agent whose SIP phone is registered and rings until it is answered."""
        with self.stores.reading() as session:
            secret = session.get_one(Agent, extension).sip_secret
        phone = Phone(self.line, extension, tone_hz=tone_hz, answers=False)
        phone.plug_in(f"{self.settings.bind_address}:{self.settings.sip_port}", extension, secret)
        self.actors[extension] = Actor(
            phone, Listener(phone, self.catalogue, self.settings.language), self.settings.var_dir
        )
        return self.actors[extension]

    def dial(self, actor: Actor, did: str) -> None:
        """Have somebody dial a number of the hotline, and wait until it answers."""
        before = actor.phone.events[-1].at if actor.phone.events else 0.0
        actor.phone.dial(f"sip:{did}@{self.settings.bind_address}:{self.settings.sip_port}")
        actor.phone.wait_for("connected", 10, since=before)

    def worker(self, worker_id: int) -> DemoWorker:
        """Give the demo's care worker of this id, with her number and PIN."""
        with self.stores.reading() as session:
            code = session.get_one(Worker, worker_id).code
        return next(worker for worker in WORKERS if worker.code == code)

    def clear_up(self) -> None:
        """Settle what an earlier story that was interrupted left open, so that nobody is asked about it now, and
        forget what it taught about the ways of its people."""
        services = HotlineServices(self.stores)
        # Who presses nothing in one story after the other would be put straight through.
        people = (DEMO.wang, DEMO.quiet, DEMO.straight, DEMO.one_key, *DEMO.couple)
        services.manners.forget(*(self.elder_id(each.code) for each in people))
        reason = "left by an earlier demonstration"
        for order in self.api.get("orders", limit=100)["items"]:
            order_id, state = order["id"], order["state"]
            if state in ("requested", "offered", "unassigned", "accepted"):
                services.orders.cancel(order_id, actor="system", channel="job", reason=reason)
            if state == "visiting":
                services.visits.check_out(order["worker_id"], None, reason, order_id)
            if state in ("visiting", "done"):
                services.ratings.score(order_id, "desk", done=True, score=5, actor="system")

    def elder_id(self, code: str) -> int:
        """Give the id of a demo elder by registration number."""
        with self.stores.reading() as session:
            return session.scalars(select(Elder.id).where(Elder.code == code)).one()


@contextmanager
def open_stage(settings: Settings, timeline: Timeline) -> Iterator[Stage]:
    """Open the stores and the phones' line, make a token for as long as the story lasts, and clear up afterwards."""
    try:
        line = Line(int(settings.carrier_address.rsplit(":", 1)[1]), RTP_FIRST)
    except RuntimeError as error:
        raise LineTaken(
            f"the phones cannot listen at {settings.carrier_address}, ELDERLINE_CARRIER_ADDRESS ({error})"
        ) from error
    stores = open_stores(settings)
    token, token_id = _token(stores)
    base = f"http://{settings.web_host}:{settings.web_port}"
    stage = Stage(settings, stores, line, Api(base, token), timeline, Catalogue.load(), base)
    try:
        yield stage
    finally:
        for actor in stage.actors.values():
            actor.phone.unplug()
        line.close()
        with stores.unit_of_work() as session:
            session.delete(session.get_one(ApiToken, token_id))
        stores.engine.dispose()
        stores.redis.close()


def _token(stores: Stores) -> tuple[str, int]:
    token = secrets.token_urlsafe(32)
    row = ApiToken(
        token_hash=hashlib.sha256(token.encode()).hexdigest(), role="supervisor", label="demo", created_at=now(),
        expires_at=now() + timedelta(hours=1),
    )  # fmt: skip
    with stores.unit_of_work() as session:
        session.add(row)
    return token, row.id
