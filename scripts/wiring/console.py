"""The console process: pages, live stream, JSON API and SMS webhook, under gunicorn."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import partial

from flask import Flask

from agent_console.app import create_app
from agent_console.services import ConsoleServices
from routing.changeable.book import LiveSettings, SettingBook
from routing.settings import Settings, load_settings
from routing.staff.passwords import Passwords
from scripts.health import check
from scripts.wiring.logs import adopt_gunicorn, configure_logs
from scripts.wiring.services import HotlineServices
from scripts.wiring.staff import StaffServices
from scripts.wiring.stores import Stores, now, open_stores


def make_app(settings: Settings) -> Flask:
    """Join the console with its services."""
    stores = open_stores(settings)
    book = SettingBook(stores.unit_of_work, stores.reading, now, settings)
    return create_app(_services(stores, book, LiveSettings(book, settings)))


def _services(stores: Stores, book: SettingBook, live: LiveSettings) -> ConsoleServices:
    """Join the services for settings as they are; they are made anew when a setting was changed."""
    settings = stores.settings
    joined = HotlineServices(stores)
    staff = StaffServices(stores, now, Passwords())
    return ConsoleServices(
            setting_book=book, live_settings=live,
            made_for=lambda changed: _services(replace(stores, settings=changed), book, live),
            settings=settings, unit_of_work=stores.unit_of_work, reading=stores.reading, cipher=stores.cipher,
            redis=stores.redis, clock=now, health=partial(check, settings), orders=joined.orders, intake=joined.intake,
            plans=joined.planning.plans, cases=joined.cases,
            recorded_cases=joined.recorded_cases, tasks=joined.tasks, escalations=joined.escalations,
            items=joined.items, prices=joined.prices, payer_classes=joined.payer_classes, quotes=joined.quotes,
            statements=joined.statements,
            well_being=joined.wellbeing.checks, enrolments=joined.wellbeing.enrolments,
            reminders=joined.wellbeing.reminders,
            campaigns=joined.campaigns.book, recipients=joined.campaigns.recipients,
            dispatch=joined.dispatch,
            scorecards=joined.scorecards, responses=joined.responses, reports=joined.reports,
            board_counts=joined.board_counts,
            report_schedules=joined.report_schedules,
            bulletins=joined.bulletins, quality=joined.quality, talk_recordings=joined.talk_recordings,
            suspensions=joined.suspensions,
            availability=joined.availability, company_register=joined.company_register,
            provider_keeping=joined.provider_keeping,
            inbox=joined.inbox, sms=joined.sms, sms_texts=joined.sms_texts, sms_reports=joined.sms_reports,
            board=joined.agents, tickets=joined.tickets, messages=joined.messages, announcements=joined.announcements,
            hours_register=joined.hours_register, manners=joined.manners,
            consents=joined.outreach.consents, never_call=joined.outreach.never_call,
            not_reached=joined.outreach.not_reached, pace=joined.outreach.pace,
            visit_book=joined.visit_book, certificates=joined.certificates,
            users=staff.users, elder_merges=joined.elders.merges,
            elder_register=joined.elders.register, departures=joined.elders.departures,
            elder_imports=joined.elders.imports, elder_photos=joined.elders.photos,
            sessions=staff.sessions, log_in=staff.log_in,
            studio=joined.studio, wishes=joined.wishes, sayings=joined.sayings,
    )  # fmt: skip


def app() -> Flask:
    """What gunicorn's worker calls."""
    settings = load_settings()
    configure_logs(settings)
    adopt_gunicorn(settings)
    return make_app(settings)


def run(settings: Settings) -> None:
    """Become gunicorn."""
    gunicorn = ("-m", "gunicorn", "-c", "python:agent_console.gunicorn_conf")
    bind = ("--bind", f"{settings.web_host}:{settings.web_port}")
    os.execv(sys.executable, (sys.executable, *gunicorn, *bind, "scripts.wiring.console:app()"))  # noqa: S606  # Our own words.
