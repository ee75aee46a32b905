"""The worker process: what can wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from redis import Redis
from rq import Queue, SimpleWorker

from routing.changeable.book import LiveSettings, SettingBook
from routing.outreach.jobs import QUEUE, JobServices, provide
from routing.settings import Settings
from scripts.wiring.reports import report_runner
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Clock, Stores, now, open_stores


def job_services(settings: Settings, clock: Clock = now) -> JobServices:
    """The services that jobs use."""
    return _services_of(open_stores(settings), clock)


def following_services(
    stores: Stores, clock: Clock = now, elapsed: Callable[[], float] = time.monotonic
) -> Callable[[], JobServices]:
    """Give what gives the services that jobs use now: made anew when a setting was changed (docs/administration.md)."""
    live = LiveSettings(
        SettingBook(stores.unit_of_work, stores.reading, clock, stores.settings), stores.settings, elapsed
    )
    made: dict[int, JobServices] = {}

    def services() -> JobServices:
        revision, settings = live.now()
        found = made.get(revision)
        if found is None:
            found = _services_of(replace(stores, settings=settings), clock)
            made.clear()
            made[revision] = found
        return found

    return services


def _services_of(stores: Stores, clock: Clock) -> JobServices:
    joined = HotlineServices(stores, clock)
    return JobServices(
        dispatch=joined.dispatch, callbacks=joined.callbacks, ratings=joined.ratings, sms=joined.sms,
        inbox=joined.inbox, sos_cases=joined.sos_cases, voice_notes=joined.voice_notes,
        found_notes=joined.found_notes, escalations=joined.escalations, late_visits=joined.late_visits,
        certificate_warnings=joined.certificate_warnings, plans=joined.planning.maker,
        night=joined.planning.night, scorecards=joined.scorecards,
        consents=joined.outreach.consents, unseen=joined.outreach.unseen,
        well_being=joined.wellbeing.checks, medicine=joined.wellbeing.doses,
        campaigns=joined.campaigns.runner, imports=joined.elders.imports,
        reports=report_runner(joined.stores, clock, joined.reports),
        withdrawals=joined.withdrawals, clock=clock,
    )  # fmt: skip


def _when_asked(settings: Settings, clock: Clock) -> Callable[[], JobServices]:
    """Open the stores with the first job."""
    following = cache(lambda: following_services(open_stores(settings), clock))

    def services() -> JobServices:
        return following()()

    return services


def run(settings: Settings, clock: Clock = now) -> None:
    """Work until the process is asked to stop.

    The simple worker runs jobs in its own process: several short jobs a second are not worth a fork each, and should
    one take the process down, the supervisor starts the next within a second and the sweeps find what was left.
    """
    provide(_when_asked(settings, clock))
    connection = Redis.from_url(settings.redis)
    worker = SimpleWorker([Queue(QUEUE, connection=connection)], connection=connection)
    worker.work(logging_level="WARNING")
