"""The scheduler process: the clock of what is due."""

from __future__ import annotations

import signal
import threading

from redis import Redis

from routing.outreach.jobs import Jobs
from routing.outreach.scheduler import Scheduler
from routing.settings import Settings


def run(settings: Settings) -> None:
    """Queue what is due until the process is asked to stop."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    redis = Redis.from_url(settings.redis, socket_timeout=5, socket_connect_timeout=3)
    Scheduler(redis, Jobs(redis)).run(stop)
