"""The demo town with all services of orders and outreach on one database, and a clock that the test turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from zoneinfo import ZoneInfo

from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import Engine, select

from db import demo
from db.encryption import FieldCipher
from db.models import Base, Company, Elder, Offer, Order, ServiceItem, SmsMessage, Worker
from db.session import make_reading, make_unit_of_work
from routing.calls.messages import Message, PlaceCall
from routing.hours.due import within_a_working_day
from routing.hours.policy import Calendar
from routing.hours.rota import DutyPhone
from routing.numbers import normalise
from routing.orders.cases import Cases
from routing.orders.dispatch import Dispatch, DispatchRules
from routing.orders.escalation.duty import DutyCalls
from routing.orders.escalation.policy import USUAL_MINUTES, EscalationRules
from routing.orders.escalation.service import Escalations
from routing.orders.evv.book import VisitBook
from routing.orders.evv.late import LateVisits
from routing.orders.notices import Notices
from routing.orders.pins import MemoryPinTries
from routing.orders.pricing.book import PriceBook
from routing.orders.pricing.statements import Statements
from routing.orders.providers.availability import Availability
from routing.orders.providers.line import CompanyLine
from routing.orders.providers.register import CompanyRegister
from routing.orders.providers.suspending import Suspensions
from routing.orders.qualifying.register import CertificateRegister
from routing.orders.qualifying.warnings import CertificateWarnings
from routing.orders.scorecards.service import Scorecards
from routing.orders.service import Orders
from routing.orders.views import OrderView
from routing.orders.visits import Visits
from routing.orders.voice_notes import VoiceNotes
from routing.outreach.announcements import Announcements
from routing.outreach.callbacks import Callbacks
from routing.outreach.consents import Consents
from routing.outreach.elder_words import ElderWords
from routing.outreach.medicine.doses import Doses
from routing.outreach.medicine.policy import LATEST
from routing.outreach.medicine.reminders import Reminders
from routing.outreach.never_call import NeverCallList
from routing.outreach.policy import CallRules
from routing.outreach.promises import PromiseRegister
from routing.outreach.scores import Ratings
from routing.outreach.sms.carrier import UNWANTED, HandOver, OutgoingSms, Receipt
from routing.outreach.sms.company_replies import CompanyReplies
from routing.outreach.sms.inbound import Inbox
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.policy import SmsRules
from routing.outreach.unseen import UnseenVisits
from routing.outreach.wellbeing.checks import WellBeing
from routing.outreach.wellbeing.enrolments import Enrolments
from routing.outreach.wellbeing.policy import WellBeingRules
from tests.routing.town_messages import make_campaigns, make_runner, make_telling

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 3, 4, 9, 10, tzinfo=ZONE)
"""A Wednesday."""
Row = TypeVar("Row", bound=Base)


@dataclass
class Clock:
    """Stands still until it is told to go on."""

    now: datetime = MORNING

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)

    def forward(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


@dataclass
class PaperCarrier:
    """Writes down what it is handed, and answers as it is told."""

    outcome: HandOver = HandOver.ACCEPTED
    handed: list[OutgoingSms] = field(default_factory=list)

    def hand_over(self, message: OutgoingSms) -> Receipt:
        if not message.wanted():
            return UNWANTED
        self.handed.append(message)
        return Receipt(self.outcome, "as the test says")


class NoRedis:
    """Does not answer."""

    def rpush(self, _key: str, *_lines: str) -> None:
        raise RedisConnectionError

    def lrem(self, _key: str, _count: int, _line: str) -> None:
        raise RedisConnectionError


class PaperVoice:
    """Notes which texts are wanted, and has the sounds of those that a test says are spoken."""

    def __init__(self) -> None:
        self.wanted: list[str] = []
        self.spoken: set[tuple[str, str]] = set()

    def sound_of(self, text: str, language: str) -> str | None:
        return "own/spoken/it" if (text, language) in self.spoken else None

    def want(self, text: str, _language: str, /) -> bool:
        self.wanted.append(text)
        return True


class Town:
    """The people of `db.demo` and the services, wired as the composition root does."""

    def __init__(self, engine: Engine, cipher: FieldCipher, *, attempts: int = 3, offer_rounds: int = 3) -> None:
        self.engine, self.cipher, self.clock = engine, cipher, Clock()
        self.unit_of_work, self.reading = make_unit_of_work(engine), make_reading(engine)
        if not self.rows(Elder):
            demo.load(self.unit_of_work, cipher, self.clock().date(), range(0), hash_password=str)
        self.published: list[Message] = []
        self.placed: list[PlaceCall] = []
        self.carrier = PaperCarrier()
        self.pin_tries = MemoryPinTries(lambda: self.clock().timestamp())
        publish = self.published.append
        rules = CallRules((time(8), time(21)), ZONE, attempts, timedelta(hours=2), spread=True)
        self.sms = Sms(
            self.unit_of_work, self.reading, self.clock, self.carrier, cipher.number_index,
            rules=SmsRules((time(8), time(21)), ZONE),
        )  # fmt: skip
        self.cases = Cases(self.unit_of_work, self.reading, self.clock, publish)
        # There is no Redis in the town: what the database cannot take is lost, unless a test says otherwise.
        self.voice_notes = VoiceNotes(self.cases, NoRedis(), self.clock, self.due)  # type: ignore[arg-type]
        self._folder = TemporaryDirectory(prefix="elderline-recordings-")
        self.recordings = Path(self._folder.name)
        self.voice = PaperVoice()
        self.announcements = Announcements(
            self.unit_of_work, self.reading, self.clock, self.recordings, self.voice,
            ticks=lambda: self.clock().timestamp(),
        )  # fmt: skip
        self.ratings = Ratings(self.unit_of_work, self.reading, self.clock, publish)
        self.notices = Notices(self.sms, ZONE, "12348")
        self.dispatch = Dispatch(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, publish=publish, sms=self.sms,
            notices=self.notices,
            rules=DispatchRules(timedelta(minutes=10), offer_rounds, ZONE),
        )  # fmt: skip
        self.orders = Orders(
            self.unit_of_work, self.reading, self.clock, publish, self.dispatch.offer_next, notices=self.notices,
            zone=ZONE,
        )  # fmt: skip
        self.prices = PriceBook(self.unit_of_work, self.reading, self.clock, ZONE)
        self.statements = Statements(self.reading, self.prices, ZONE)
        self.visits = Visits(
            unit_of_work=self.unit_of_work, clock=self.clock, publish=publish, number_index=cipher.number_index,
            pin_index=cipher.pin_index, tries=self.pin_tries, call_rules=rules, callback_delay=timedelta(minutes=30),
            notices=self.notices,
        )  # fmt: skip
        self.visit_book = VisitBook(
            unit_of_work=self.unit_of_work, clock=self.clock, publish=publish, call_rules=rules,
            callback_delay=timedelta(minutes=30), counted_minutes=15,
        )  # fmt: skip
        self.late_visits = LateVisits(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, publish=publish, sms=self.sms,
            grace=timedelta(minutes=15), zone=ZONE,
        )  # fmt: skip
        self.certificates = CertificateRegister(self.unit_of_work, self.reading, self.clock, ZONE)
        self.certificate_warnings = CertificateWarnings(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, publish=publish, sms=self.sms,
            register=self.certificates, zone=ZONE,
        )  # fmt: skip
        self.availability = Availability(self.unit_of_work, self.reading, self.clock, ZONE)
        self.company_line = CompanyLine(
            reading=self.reading, clock=self.clock, zone=ZONE, number_index=cipher.number_index,
            pin_index=cipher.pin_index, tries=self.pin_tries, availability=self.availability,
        )  # fmt: skip
        self.company_register = CompanyRegister(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, normalise=normalise,
            number_index=cipher.number_index, pin_index=cipher.pin_index,
        )  # fmt: skip
        self.suspensions = Suspensions(self.unit_of_work, self.reading, self.clock)
        self.scorecards = Scorecards(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, publish=publish, zone=ZONE
        )  # fmt: skip
        self.callbacks = Callbacks(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, place_call=self.placed.append,
            sms=self.sms, number_index=cipher.number_index, rules=rules, ring_seconds=30, lines=10,
            not_elders=("12348", "12347"),
        )  # fmt: skip
        self.withdrawn: list[str] = []
        self.consents = Consents(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, number_index=cipher.number_index,
            rules=rules, withdraw=self.withdrawn.append,
        )  # fmt: skip
        self.never_call = NeverCallList(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, number_index=cipher.number_index,
            normalise=lambda raw: normalise(raw).number,
        )  # fmt: skip
        self.unseen = UnseenVisits(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, rules=rules,
            delay=timedelta(minutes=30),
        )  # fmt: skip
        self.elder_words = ElderWords(
            unit_of_work=self.unit_of_work, clock=self.clock, publish=publish, consents=self.consents
        )
        self.on_duty: list[DutyPhone] = []
        self.escalations = Escalations(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, publish=publish,
            duty=DutyCalls(lambda: self.on_duty), rules=EscalationRules(USUAL_MINUTES, timedelta(minutes=15)),
        )  # fmt: skip
        self.enrolments = Enrolments(self.unit_of_work, self.reading, self.clock, rules)
        self.well_being = WellBeing(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, publish=publish,
            rules=WellBeingRules(ZONE),
        )  # fmt: skip
        self.reminders = Reminders(self.unit_of_work, self.reading, self.clock, rules=rules, sayings=self.voice)
        self.doses = Doses(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, sms=self.sms, sayings=self.voice,
            rules=WellBeingRules(ZONE, latest=LATEST),
        )  # fmt: skip
        self.campaigns = make_campaigns(self, rules)
        self.campaign_runner, self.telling = make_runner(self, rules), make_telling(self)
        self.promises = PromiseRegister(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, publish=publish, sms=self.sms,
            number_index=cipher.number_index,
        )  # fmt: skip
        self.inbox = Inbox(
            unit_of_work=self.unit_of_work, reading=self.reading, clock=self.clock, publish=publish, sms=self.sms,
            ratings=self.ratings, refusals=self.consents, number_index=cipher.number_index,
            normalise=lambda raw: normalise(raw).number,
            companies=CompanyReplies(self.dispatch, self.sms, self.clock, ZONE),
        )  # fmt: skip

    def due(self, now: datetime) -> datetime:
        """By when a voice note is answered: the town's hotline is open all day."""
        return within_a_working_day(Calendar(ZONE), now)

    def elder_id(self, who: demo.DemoElder) -> int:
        with self.reading() as session:
            return session.scalars(select(Elder.id).where(Elder.code == who.code)).one()

    def item_id(self, code: str) -> int:
        with self.reading() as session:
            return session.scalars(select(ServiceItem.id).where(ServiceItem.code == code)).one()

    def company_id(self, code: str = demo.DEMO.company.code) -> int:
        with self.reading() as session:
            return session.scalars(select(Company.id).where(Company.code == code)).one()

    def worker_id(self, code: str) -> int:
        with self.reading() as session:
            return session.scalars(select(Worker.id).where(Worker.code == code)).one()

    def rows(self, kind: type[Row]) -> list[Row]:
        with self.reading() as session:
            return list(session.scalars(select(kind)))

    def sms_to(self, number: str) -> list[str]:
        """Texts that were queued for a number, in order."""
        return [row.text for row in self.rows(SmsMessage) if row.direction == "out" and row.number == number]

    def place(self, who: demo.DemoElder = demo.DEMO.wang, item: str = "meal", key: str = "") -> OrderView:
        """Order something, also where nobody serves; without a key of the test's own it is the next one."""
        key = key or f"test-{len(self.rows(Order))}"
        return self.orders.place(
            self.elder_id(who), self.item_id(item), key=key, source="voice", call_id=key, place_anyway=True
        )

    def accept(self, order: OrderView) -> OrderView:
        """Have the company that was asked accept."""
        offer_id, _order, company_id = next(each for each in self.open_offers() if each[1] == order.id)
        return self.dispatch.answer(offer_id, True, actor=f"company:{company_id}", channel="phone_key")

    def open_offers(self) -> list[tuple[int, int, int]]:
        """Id, order and company of the offers that are open."""
        with self.reading() as session:
            found = session.scalars(select(Offer).where(Offer.state == "open").order_by(Offer.id))
            return [(offer.id, offer.order_id, offer.company_id) for offer in found]

    def served(self, who: demo.DemoElder = demo.DEMO.wang, item: str = "meal") -> OrderView:
        """Have an order placed, accepted, and done by its worker from the elder's phone."""
        order = self.accept(self.place(who, item))
        assert order.worker_id is not None
        self.visits.check_in(order.worker_id, who.number, "in")
        self.clock.forward(minutes=40)
        self.visits.check_out(order.worker_id, who.number, "out")
        return self.orders.get(order.id)
