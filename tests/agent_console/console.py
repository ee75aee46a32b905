"""A console with real services for the tests, and clients that are logged in or bear a token."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from agent_console.app import create_app
from agent_console.hub import LiveHub
from agent_console.services import ConsoleServices, attach
from agent_console.supervision.board_feed import BoardFeed
from db.demo import DEMO, load
from db.encryption import new_key
from db.models import (
    AgentSpell,
    ApiToken,
    AuditEntry,
    Bulletin,
    BulletinRead,
    CallAttempt,
    Callback,
    CallMark,
    CallRecord,
    CallScore,
    Campaign,
    CampaignMove,
    CampaignRecipient,
    Case,
    CaseEvent,
    Company,
    Consent,
    DispatchDecision,
    Elder,
    ElderDeparture,
    ElderImport,
    ElderPhoto,
    JourneyEvent,
    LateVisit,
    LookIn,
    MedicineDose,
    MedicineReminder,
    NeverCall,
    Offer,
    Order,
    OrderEscalation,
    OrderEvent,
    OrderPlan,
    PlanException,
    PlanPause,
    QuotaMonth,
    Rating,
    RecordingPlay,
    ReportRun,
    ReportSchedule,
    ScoreCriterion,
    ScoreForm,
    ServiceItem,
    SettingChange,
    SmsMessage,
    SmsTextChange,
    TaskClaim,
    TicketRecord,
    User,
    Visit,
    VisitCorrection,
    VisitException,
    VisitTask,
    WellBeingCheck,
    WellBeingEnrolment,
)
from routing.changeable.book import LiveSettings, SettingBook
from routing.settings import Settings
from routing.staff.passwords import Passwords
from scripts.wiring.services import HotlineServices
from scripts.wiring.staff import StaffServices
from scripts.wiring.stores import now, open_stores

PASSWORD = "a-password-of-the-tests"
ROLES = ("agent", "supervisor", "administrator", "auditor", "company")
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Argon2id with small parameters: the tests check the console's use of it, not the machine's patience."""
_LOGINS = {each.role: each.login for each in (DEMO.agent, DEMO.supervisor, DEMO.administrator)}
_FIELD_KEY, _INDEX_KEY = new_key(), new_key()
_HAPPENED = (
    CallMark, CallScore, ScoreCriterion, ScoreForm, RecordingPlay, BulletinRead, Bulletin,
    TaskClaim, ReportRun, ReportSchedule, AgentSpell,
    AuditEntry, ElderPhoto, SettingChange, SmsTextChange, ElderImport, ElderDeparture, LookIn,
    WellBeingCheck, WellBeingEnrolment, MedicineDose, MedicineReminder,
    TicketRecord, VisitCorrection, VisitException, VisitTask, LateVisit, Visit, CaseEvent, Case, OrderEscalation,
    OrderEvent, DispatchDecision, Offer, CallAttempt, Callback, CampaignMove, CampaignRecipient, Campaign,
    Consent, NeverCall, SmsMessage, Rating, Order,
    QuotaMonth, PlanException, PlanPause, OrderPlan, JourneyEvent, CallRecord,
)  # fmt: skip
_CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')


@cache
def _quick_hash(password: str) -> str:
    return QUICK.hash(password)


def make_settings(database_url: str, redis_url: str, folder: Path, **more: Any) -> Settings:
    """Settings of an instance of the tests' own. Nothing is read from the environment's files."""
    return Settings(
        database_url=database_url, redis_url=redis_url, var_dir=folder, field_key=_FIELD_KEY, index_key=_INDEX_KEY,
        session_key=secrets.token_hex(32), **more,
    )  # fmt: skip


def make_services(
    settings: Settings, *, environment: Settings | None = None, live: LiveSettings | None = None, **replaced: Any
) -> ConsoleServices:
    """Join the real services, as the composition root does."""
    stores = open_stores(settings)
    joined = HotlineServices(stores)
    staff = StaffServices(stores, now, Passwords(QUICK))
    parts: dict[str, Any] = {
        "settings": settings, "unit_of_work": stores.unit_of_work, "reading": stores.reading, "cipher": stores.cipher,
        "redis": stores.redis, "clock": now, "health": lambda: {"redis": {"ok": True, "detail": "answers"}},
        "orders": joined.orders, "intake": joined.intake, "plans": joined.planning.plans, "cases": joined.cases,
        "recorded_cases": joined.recorded_cases, "tasks": joined.tasks, "escalations": joined.escalations,
        "items": joined.items, "prices": joined.prices, "payer_classes": joined.payer_classes, "quotes": joined.quotes,
        "statements": joined.statements,
        "well_being": joined.wellbeing.checks, "enrolments": joined.wellbeing.enrolments,
        "reminders": joined.wellbeing.reminders,
        "campaigns": joined.campaigns.book, "recipients": joined.campaigns.recipients,
        "dispatch": joined.dispatch,
        "scorecards": joined.scorecards, "responses": joined.responses, "reports": joined.reports,
        "board_counts": joined.board_counts,
        "report_schedules": joined.report_schedules,
        "bulletins": joined.bulletins, "quality": joined.quality, "talk_recordings": joined.talk_recordings,
        "suspensions": joined.suspensions, "availability": joined.availability,
        "company_register": joined.company_register, "provider_keeping": joined.provider_keeping,
        "inbox": joined.inbox, "sms": joined.sms, "sms_texts": joined.sms_texts,
        "sms_reports": joined.sms_reports, "board": joined.agents, "tickets": joined.tickets,
        "messages": joined.messages, "announcements": joined.announcements, "hours_register": joined.hours_register,
        "consents": joined.outreach.consents, "never_call": joined.outreach.never_call,
        "not_reached": joined.outreach.not_reached, "pace": joined.outreach.pace,
        "manners": joined.manners, "visit_book": joined.visit_book, "certificates": joined.certificates,
        "users": staff.users,
        "elder_merges": joined.elders.merges, "elder_register": joined.elders.register,
        "departures": joined.elders.departures,
        "elder_imports": joined.elders.imports, "elder_photos": joined.elders.photos,
        "sessions": staff.sessions, "log_in": staff.log_in,
        "setting_book": (book := SettingBook(stores.unit_of_work, stores.reading, now, environment or settings)),
        "live_settings": live or LiveSettings(book, settings),
        "studio": joined.studio, "wishes": joined.wishes, "sayings": joined.sayings,
    }  # fmt: skip
    parts["made_for"] = lambda changed: make_services(
        changed, environment=environment or settings, live=parts["live_settings"], **replaced
    )
    return ConsoleServices(**{**parts, **replaced})


def populate(services: ConsoleServices) -> None:
    """Load the demo people, and a user for each role that they lack. Every user's password is PASSWORD."""
    load(services.unit_of_work, services.cipher, hash_password=lambda _password: _quick_hash(PASSWORD))
    with services.unit_of_work() as work:
        company = work.scalar(select(Company.id).order_by(Company.id).limit(1))
        for role in ("auditor", "company"):
            work.add(
                User(login=role, name=role, role=role, password_hash=_quick_hash(PASSWORD),
                     company_id=company if role == "company" else None)
            )  # fmt: skip


def forget_what_happened(services: ConsoleServices) -> None:
    """Empty the tables that calls and orders fill; people, companies and logins stay."""
    with services.unit_of_work() as work:
        for model in _HAPPENED:
            work.execute(delete(model))


_APPLICATIONS: dict[str, Flask] = {}


def _application(services: ConsoleServices) -> Flask:
    """The application for settings like these, made once: half a second of joining routes, and hundreds of tests.

    Where its data lies is the services' matter, and they are the test's own. Who changes the application makes another.
    """
    settings = services.settings
    key = settings.model_dump_json(exclude={"var_dir", "database_url", "session_key"})
    app = _APPLICATIONS.get(key)
    if app is None:
        app = _APPLICATIONS[key] = create_app(services)
    attach(services, app.extensions)
    app.config["SECRET_KEY"] = settings.session_key.get_secret_value()
    return app


class Desk:
    """The application under test, and what the tests know about its database."""

    def __init__(self, services: ConsoleServices) -> None:
        self.services = services
        self.app: Flask = _application(services)

    def close(self) -> None:
        """Let go of Redis."""
        feed = self.app.extensions.pop("elderline-board", None)
        if isinstance(feed, BoardFeed):
            feed.close()
        hub = self.app.extensions.pop("elderline-live", None)
        if isinstance(hub, LiveHub):
            hub.close()
        self.services.redis.close()

    def anonymous(self) -> FlaskClient:
        """A browser that nobody has logged in with."""
        return self.app.test_client()

    def logged_in(self, role: str) -> FlaskClient:
        """A browser of a user with this role."""
        client = self.anonymous()
        assert self.log_in(client, _LOGINS.get(role, role), PASSWORD).status_code == 302
        return client

    def log_in(self, client: FlaskClient, login: str, password: str, target: str = "") -> TestResponse:
        """Fill in the log-in form."""
        token = csrf(client, "/login")
        form = {"login": login, "password": password, "next": target, "csrf_token": token}
        return client.post("/login", data=form)

    def bearer(self, role: str, **more: Any) -> dict[str, str]:
        """Headers with a new token of this role."""
        token = secrets.token_urlsafe(32)
        at = datetime.now(UTC)
        fields = {"created_at": at, "expires_at": at + timedelta(hours=1), "label": f"test {role}", **more}
        with self.services.unit_of_work() as work:
            work.add(ApiToken(token_hash=hashlib.sha256(token.encode()).hexdigest(), role=role, **fields))
        return {"Authorization": f"Bearer {token}"}

    def elder_id(self, code: str = DEMO.wang.code) -> int:
        """Id of an elder of the demo."""
        with self.services.reading() as work:
            return work.scalars(select(Elder.id).where(Elder.code == code)).one()

    def item_id(self, code: str = "meal") -> int:
        """Id of an item of the demo."""
        with self.services.reading() as work:
            return work.scalars(select(ServiceItem.id).where(ServiceItem.code == code)).one()

    def user_id(self, login: str) -> int:
        """Id of a user."""
        with self.services.reading() as work:
            return work.scalars(select(User.id).where(User.login == login)).one()


def csrf(client: FlaskClient, page: str) -> str:
    """The token that a page gives its forms."""
    found = _CSRF.search(client.get(page, follow_redirects=True).get_data(as_text=True))
    assert found, page
    return found.group(1)
