"""What the console needs from the rest of the hotline. The composition root makes it; views find it on their app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, cast

from flask import current_app
from redis import Redis

from db.encryption import FieldCipher
from db.session import UnitOfWork
from routing.bulletins.book import Bulletins
from routing.calls.agents import AgentBoard
from routing.calls.tickets import Tickets
from routing.changeable.book import LiveSettings, SettingBook
from routing.elders.departures import Departures
from routing.elders.imports import ElderImports
from routing.elders.merging import ElderMerges
from routing.elders.photos import ElderPhotos
from routing.elders.register import ElderRegister
from routing.hours.register import HoursRegister
from routing.manners.book import MannerBook
from routing.orders.cases import Cases
from routing.orders.dispatch import Dispatch
from routing.orders.escalation.service import Escalations
from routing.orders.evv.book import VisitBook
from routing.orders.intake import Intake
from routing.orders.items import ItemRegister
from routing.orders.planning.plans import OrderPlans
from routing.orders.pricing.book import PriceBook
from routing.orders.pricing.classes import PayerClasses
from routing.orders.pricing.statements import Statements
from routing.orders.providers.availability import Availability
from routing.orders.providers.keeping import ProviderKeeping
from routing.orders.providers.register import CompanyRegister
from routing.orders.providers.suspending import Suspensions
from routing.orders.qualifying.register import CertificateRegister
from routing.orders.quotes import Quotes
from routing.orders.recorded_cases import RecordedCases
from routing.orders.scorecards.service import Scorecards
from routing.orders.service import Orders
from routing.outreach.announcements import Announcements
from routing.outreach.campaigns.book import Campaigns
from routing.outreach.campaigns.progress import Recipients
from routing.outreach.consents import Consents
from routing.outreach.medicine.reminders import Reminders
from routing.outreach.messages import Messages
from routing.outreach.never_call import NeverCallList
from routing.outreach.not_reached import NotReachedList
from routing.outreach.pace_reading import PaceReader
from routing.outreach.responses.service import ResponseRates
from routing.outreach.sms.inbound import Inbox
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.reports import ReportAddress
from routing.outreach.sms.text_book import TextBook
from routing.outreach.wellbeing.checks import WellBeing
from routing.outreach.wellbeing.enrolments import Enrolments
from routing.quality.recordings import TalkRecordings
from routing.quality.scores import Quality
from routing.reports.book import Reports
from routing.reports.schedules import Schedules
from routing.settings import Settings
from routing.staff.log_in import LogIn
from routing.staff.sessions import Sessions
from routing.staff.users import UserRegister
from routing.voice.sayings import Sayings
from routing.voice.studio import Studio, Wishes
from routing.wallboard.counting import BoardCounts
from routing.worklists.lists import TaskLists


class PartHealth(TypedDict):
    """How one part of the hotline is; `detail` is a sentence for whoever looks after it, without personal data."""

    ok: bool
    detail: str


Health = Callable[[], Mapping[str, PartHealth]]
"""Looks at every part, by name; answers within a few seconds and never raises."""


@dataclass(frozen=True)
class ConsoleServices:
    """Everything that views call. Threads share it."""

    settings: Settings
    unit_of_work: UnitOfWork
    """Units of work that write."""
    reading: UnitOfWork
    """Units of work that only read: on SQLite they wait for no writer, and keep none waiting."""
    cipher: FieldCipher
    redis: Redis
    clock: Callable[[], datetime]
    """Aware instants."""
    health: Health
    orders: Orders
    escalations: Escalations
    well_being: WellBeing
    enrolments: Enrolments
    """In the daily calls."""
    reminders: Reminders
    campaigns: Campaigns
    recipients: Recipients
    """Of group messages."""
    intake: Intake
    """Places orders that people ask for, and asks back."""
    quotes: Quotes
    """What an order would cost, before it is placed."""
    plans: OrderPlans
    items: ItemRegister
    """The list of services."""
    prices: PriceBook
    payer_classes: PayerClasses
    statements: Statements
    dispatch: Dispatch
    cases: Cases
    recorded_cases: RecordedCases
    tasks: TaskLists
    scorecards: Scorecards
    responses: ResponseRates
    reports: Reports
    board_counts: BoardCounts
    """For the large screen."""
    report_schedules: Schedules
    bulletins: Bulletins
    """Notes to all agents."""
    quality: Quality
    talk_recordings: TalkRecordings
    suspensions: Suspensions
    availability: Availability
    company_register: CompanyRegister
    provider_keeping: ProviderKeeping
    inbox: Inbox
    sms: Sms
    sms_reports: ReportAddress
    board: AgentBoard
    tickets: Tickets
    messages: Messages
    announcements: Announcements
    hours_register: HoursRegister
    manners: MannerBook
    consents: Consents
    never_call: NeverCallList
    not_reached: NotReachedList
    pace: PaceReader
    visit_book: VisitBook
    certificates: CertificateRegister
    studio: Studio
    """Recordings of prompts by people."""
    users: UserRegister
    elder_merges: ElderMerges
    elder_register: ElderRegister
    departures: Departures
    elder_imports: ElderImports
    elder_photos: ElderPhotos
    sessions: Sessions
    log_in: LogIn
    setting_book: SettingBook
    live_settings: LiveSettings
    sms_texts: TextBook
    made_for: Callable[[Settings], ConsoleServices]
    """These services once more, for settings that were changed."""
    wishes: Wishes
    sayings: Sayings
    """Sounds of texts that are not in the catalogue, made by a background job."""


_KEY = "elderline"


def attach(services: ConsoleServices, extensions: dict[str, Any]) -> None:
    """Put the services where `console_services` finds them."""
    extensions[_KEY] = services
    extensions.pop(_REVISION, None)


_REVISION = "elderline-settings"


def follow_settings() -> None:
    """Before a request: take up settings that somebody changed. It costs one short query every two seconds."""
    services, extensions = console_services(), current_app.extensions
    revision, settings = services.live_settings.now()
    if revision != extensions.get(_REVISION, 0):
        attach(services.made_for(settings), extensions)
        extensions[_REVISION] = revision


def console_services() -> ConsoleServices:
    """Give the services of the current application."""
    return cast(ConsoleServices, current_app.extensions[_KEY])
