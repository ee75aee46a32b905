"""The worker process: what can wait."""

from __future__ import annotations

from functools import cache

from redis import Redis
from rq import Queue, SimpleWorker

from routing.outreach.jobs import QUEUE, JobServices, provide
from routing.settings import Settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Clock, now, open_stores


def job_services(settings: Settings, clock: Clock = now) -> JobServices:
    """The services that jobs use."""
    joined = HotlineServices(open_stores(settings), clock)
    return JobServices(
        dispatch=joined.dispatch, callbacks=joined.callbacks, ratings=joined.ratings, sms=joined.sms,
        inbox=joined.inbox, sos_cases=joined.sos_cases, voice_notes=joined.voice_notes,
        found_notes=joined.found_notes, escalations=joined.escalations, late_visits=joined.late_visits,
        certificate_warnings=joined.certificate_warnings, plans=joined.planning.maker,
        night=joined.planning.night, scorecards=joined.scorecards,
        consents=joined.outreach.consents, unseen=joined.outreach.unseen,
        well_being=joined.wellbeing.checks, medicine=joined.wellbeing.doses,
        campaigns=joined.campaigns.runner, imports=joined.elders.imports,
        withdrawals=joined.withdrawals, clock=clock,
    )  # fmt: skip


def run(settings: Settings, clock: Clock = now) -> None:
    """Work until the process is asked to stop.

    The simple worker runs jobs in its own process: several short jobs a second are not worth a fork each, and should
    one take the process down, the supervisor starts the next within a second and the sweeps find what was left.
    """
    provide(cache(lambda: job_services(settings, clock)))
    connection = Redis.from_url(settings.redis)
    worker = SimpleWorker([Queue(QUEUE, connection=connection)], connection=connection)
    worker.work(logging_level="WARNING")
