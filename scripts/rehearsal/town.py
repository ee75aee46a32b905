"""A town to try conversations on: the demo's people in a throw-away SQLite, and the hotline's own services.

What goes to Redis is kept in memory (`Book`), the clock stands still on a Wednesday morning, and `restore` brings
everything back to where it was, within milliseconds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from redis import Redis
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import OperationalError

from db import demo, migrate
from db.demo_people import DemoElder
from db.encryption import FieldCipher, new_key
from db.models import Elder, Offer, ServiceItem
from db.session import make_engine, make_reading, make_unit_of_work
from ivr.flows.desk import FlowServices
from routing.calls.journey import Journey
from routing.calls.messages import Message
from routing.calls.records import Ticket
from routing.calls.tickets import Tickets
from routing.manners.learning import NoFares
from routing.orders.pins import MemoryPinTries
from routing.orders.providers.line import CompanyLine
from routing.orders.views import OrderView
from routing.orders.visits import Visits
from routing.outreach.jobs import Jobs
from routing.settings import Settings
from routing.voice.studio import PhoneStudio, Trouble, Wish
from scripts.rehearsal.book import Book, BookJourney, BookStudio, BookTickets, LearningAtOnce, NoJobs
from scripts.rehearsal.rows import Kept, Rows
from scripts.wiring.ivr import flow_services
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Stores

MORNING = datetime(2026, 3, 4, 9, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Wednesday, within all opening hours."""
_NOWHERE = "unix:///nonexistent/redis.sock"
"""What asks Redis and is not in the book finds it away, as it must be able to."""


class _RehearsalStores(Stores):
    def publish(self, message: Message) -> None:
        """Nobody looks at a page here."""


@dataclass(frozen=True)
class RehearsalServices(HotlineServices):
    """The hotline's services, with a book in the place of Redis."""

    book: Book = field(default_factory=Book)

    @cached_property
    def tickets(self) -> Tickets:
        return BookTickets(self.book)

    @cached_property
    def journey(self) -> Journey:
        return BookJourney(self.book)

    @cached_property
    def jobs(self) -> Jobs:
        return NoJobs(self.book)

    @cached_property
    def telephone_studio(self) -> PhoneStudio:
        return BookStudio(self.book)

    @cached_property
    def visits(self) -> Visits:
        return Visits(
            unit_of_work=self.stores.unit_of_work, clock=self.clock, publish=self.stores.publish,
            number_index=self.stores.cipher.number_index, pin_index=self.stores.cipher.pin_index,
            tries=MemoryPinTries(lambda: self.clock().timestamp()), call_rules=self.call_rules,
            callback_delay=timedelta(seconds=self.stores.settings.callback_delay),
        )  # fmt: skip

    @cached_property
    def company_line(self) -> CompanyLine:
        stores = self.stores
        return CompanyLine(
            reading=stores.reading, clock=self.clock, zone=stores.settings.zone,
            number_index=stores.cipher.number_index, pin_index=stores.cipher.pin_index,
            tries=MemoryPinTries(lambda: self.clock().timestamp()), availability=self.availability,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything as it was at one moment."""

    rows: Kept
    now: datetime
    living: dict[str, Ticket]
    wishes: dict[str, Wish]
    trouble: Trouble | None


class Town:
    """One database, and what can be done with it. Used by one thread; an SOS writes its case in another, as ever."""

    def __init__(self, folder: Path, *, learns: bool = False) -> None:
        """With `learns` it is learnt from each talk how the elder fared, as in the product; else nothing is."""
        self.learns = learns
        file = folder / "town.db"
        url = f"sqlite:///{file}"
        # Not from the environment: the graph is the same on every machine.
        self.settings = Settings.model_construct(
            database_url=url, field_key=SecretStr(new_key()), index_key=SecretStr(new_key()), var_dir=folder
        )
        self.cipher = FieldCipher(
            self.settings.field_key.get_secret_value(), self.settings.index_key.get_secret_value()
        )
        migrate.upgrade(url)
        self.engine = make_engine(url, self.cipher)
        event.listen(self.engine, "connect", _without_syncing)
        event.listen(self.engine, "begin", self._begins, insert=True)
        self.before_transaction: Callable[[], None] = nothing_is_broken
        self._rows = Rows(file, self.engine)
        self.stores = _RehearsalStores(
            self.settings, self.cipher, self.engine, make_unit_of_work(self.engine), make_reading(self.engine),
            Redis.from_url(_NOWHERE),
        )  # fmt: skip
        self.now = MORNING
        self.book = Book()
        demo.load(self.stores.unit_of_work, self.cipher, self.now.date(), range(0), hash_password=str)
        self.joined = self._join()

    def clock(self) -> datetime:
        """The time, which stands still."""
        return self.now.astimezone(UTC)

    def _join(self) -> RehearsalServices:
        return RehearsalServices(self.stores, self.clock, self.book)

    def snapshot(self) -> Snapshot:
        """Keep everything as it is."""
        book = self.book
        return Snapshot(self._rows.keep(), self.now, dict(book.living), dict(book.wishes), book.trouble)

    def restore(self, snapshot: Snapshot) -> None:
        """Bring everything back, and mend what was broken."""
        self.before_transaction = nothing_is_broken
        self._rows.bring_back(snapshot.rows)
        self.now = snapshot.now
        self.book.begin()
        self.book.living, self.book.wishes = dict(snapshot.living), dict(snapshot.wishes)
        self.book.trouble = snapshot.trouble
        self.joined = self._join()

    def _begins(self, _connection: Connection) -> None:
        self.before_transaction()

    def flow_services(self) -> FlowServices:
        """The services of flows, as the ivr process has them."""
        services = flow_services(self.stores, self.joined)
        if not self.learns:
            return replace(services, fares=NoFares())
        learning = LearningAtOnce(self.stores.unit_of_work, self.settings.zone, self.clock)
        return replace(services, fares=learning)

    def close(self) -> None:
        self._rows.close()
        self.engine.dispose()

    # What worlds are made of.

    def elder_id(self, who: DemoElder) -> int:
        with self.stores.reading() as session:
            return session.scalars(select(Elder.id).where(Elder.code == who.code)).one()

    def item_id(self, code: str) -> int:
        with self.stores.reading() as session:
            return session.scalars(select(ServiceItem.id).where(ServiceItem.code == code)).one()

    def order(self, who: DemoElder, item: str = "meal", *, offered: bool = True) -> OrderView:
        """Have an elder order something, and a company asked; half an hour goes by."""
        key = f"rehearsal-{who.code}-{item}-{self.now.isoformat()}"
        order = self.joined.orders.place(self.elder_id(who), self.item_id(item), key=key, source="voice", call_id=key)
        if offered:
            self.joined.dispatch.offer_next(order.id)
        return order

    def offer_of(self, order: OrderView) -> Offer:
        with self.stores.reading() as session:
            return session.scalars(select(Offer).where(Offer.order_id == order.id, Offer.state == "open")).one()

    def accepted(self, who: DemoElder, item: str = "meal") -> OrderView:
        """Have an order accepted by the company that was asked."""
        order = self.order(who, item)
        offer = self.offer_of(order)
        return self.joined.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="phone_key")

    def served(self, who: DemoElder, item: str = "meal") -> OrderView:
        """Have an order done by its worker, who called from the elder's telephone."""
        order = self.accepted(who, item)
        if order.worker_id is None:
            raise ValueError("the order has no worker")
        self.joined.visits.check_in(order.worker_id, who.number, "in")
        self.now += timedelta(minutes=40)
        self.joined.visits.check_out(order.worker_id, who.number, "out")
        return self.joined.orders.get(order.id)


def nothing_is_broken() -> None:
    """All is well."""


def _without_syncing(connection: sqlite3.Connection, _record: object) -> None:
    """Nothing here has to outlive a loss of power."""
    connection.execute("PRAGMA synchronous=OFF")


def database_away() -> None:
    """Be no database. Raises OperationalError, as the driver does."""
    raise OperationalError("BEGIN", None, ConnectionError("the rehearsal's database is away"))
