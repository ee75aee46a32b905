"""Is everything well, and how much is going on: /healthz and /metrics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from math import inf

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from agent_console.desk.sos_board import open_sos
from agent_console.outreach.outreach_figures import outreach_metrics
from agent_console.services import ConsoleServices, console_services
from db.models import CallRecord, Case
from routing.calls.messages import AgentState, CallerClass
from routing.figures import FIGURES, SPREADS, left, spread_of
from routing.outreach.sms.due import OutboxFigures, outbox_figures

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def parts() -> Response:
    """200 only if all parts are well; the body tells of each."""
    found = console_services().health()
    well = bool(found) and all(part["ok"] for part in found.values())
    body = {
        "status": "ok" if well else "failing",
        "parts": {name: {"ok": part["ok"], "detail": part["detail"]} for name, part in sorted(found.items())},
    }
    return Response(json.dumps(body, ensure_ascii=False), 200 if well else 503, content_type="application/json")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures for Prometheus. They are read from the stores at each scrape, so every web process tells the same."""
    registry = CollectorRegistry()
    registry.register(HotlineCollector(console_services()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class HotlineCollector(Collector):
    """The state of the hotline as gauges. A store that does not answer costs its own figures only."""

    def __init__(self, services: ConsoleServices) -> None:
        self._services = services

    def describe(self) -> list[Metric]:
        """Promise nothing, so that registering reads no store."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read and give all figures, and for each store whether it answered."""
        up = GaugeMetricFamily("elderline_store_up", "1 if the store answered this scrape", labels=["store"])
        for store, read in (("redis", self._from_redis), ("database", self._kept)):
            try:
                families = list(read())
            except (RedisError, SQLAlchemyError, OSError):
                up.add_metric([store], 0)
            else:
                up.add_metric([store], 1)
                yield from families
        yield up

    def _from_redis(self) -> Iterator[Metric]:
        yield from self._live()
        yield from outreach_metrics(self._services)
        yield from self._counted()

    def _counted(self) -> Iterator[Metric]:
        """What other processes count about themselves; a part that does not run has no sample."""
        parts = left(self._services.redis)
        for figure in FIGURES:
            kind = CounterMetricFamily if figure.grows else GaugeMetricFamily
            family = kind(f"elderline_{figure.name}", figure.meaning, labels=["part"])
            for part, counted in parts.items():
                if figure.name in counted:
                    family.add_metric([part], counted[figure.name])
            yield family
        for figure in SPREADS:
            histogram = HistogramMetricFamily(f"elderline_{figure.name}", figure.meaning, labels=["part"])
            for part, counted in parts.items():
                if spread := spread_of(counted, figure.name):
                    buckets = [(_bound(each), count) for each, count in spread.cumulative().items()]
                    histogram.add_metric([part], buckets, sum_value=spread.total)
            yield histogram

    def _live(self) -> Iterator[Metric]:
        waiting = Counter(str(ticket.caller_class) for ticket in self._services.tickets.waiting())
        family = GaugeMetricFamily("elderline_tickets_waiting", "Tickets that wait for a person", labels=["class"])
        for each in CallerClass:
            family.add_metric([each.value], waiting[each.value])
        yield family
        agents = Counter(str(agent.state) for agent in self._services.board.all())
        family = GaugeMetricFamily("elderline_agents", "Agents by state", labels=["state"])
        for state in AgentState:
            family.add_metric([state.value], agents[state.value])
        yield family

    def _kept(self) -> Iterator[Metric]:
        zone = self._services.settings.zone
        midnight = self._services.clock().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        with self._services.reading() as work:
            calls = GaugeMetricFamily(
                "elderline_calls_today", "Calls since local midnight by outcome", labels=["direction", "outcome"]
            )
            counted = select(CallRecord.direction, CallRecord.outcome, func.count()).where(
                CallRecord.started_at >= midnight
            )
            for direction, outcome, count in work.execute(counted.group_by(CallRecord.direction, CallRecord.outcome)):
                calls.add_metric([direction, outcome or "open"], count)
            yield calls
            cases = GaugeMetricFamily("elderline_cases_open", "Cases that a person must close", labels=["kind"])
            for kind, count in work.execute(
                select(Case.kind, func.count()).where(Case.state == "open").group_by(Case.kind)
            ):
                cases.add_metric([kind], count)
            yield cases
            cries = open_sos(self._services)
            alarming = GaugeMetricFamily("elderline_sos_alarming", "Open SOS cases that no person has been on for long")
            alarming.add_metric([], sum(each.alarming for each in cries))
            yield alarming
            oldest = GaugeMetricFamily("elderline_sos_oldest_seconds", "Age of the oldest open SOS case")
            now = self._services.clock()
            oldest.add_metric([], max(((now - each.opened_at).total_seconds() for each in cries), default=0.0))
            yield oldest
            yield from _outbox(outbox_figures(work, now), now)


def _outbox(figures: OutboxFigures, now: datetime) -> Iterator[Metric]:
    queued = GaugeMetricFamily("elderline_sms_queued", "Messages that wait in the outbox")
    queued.add_metric([], figures.states.get("queued", 0))
    yield queued
    states = GaugeMetricFamily("elderline_sms_messages", "Outgoing messages of the last day by state", labels=["state"])
    for state in ("queued", "sending", "sent", "delivered", "failed", "expired"):
        states.add_metric([state], figures.states.get(state, 0))
    yield states
    silent = GaugeMetricFamily("elderline_sms_unreported", "Messages of the last day taken an hour ago, not reported")
    silent.add_metric([], figures.unreported)
    yield silent
    oldest = GaugeMetricFamily("elderline_sms_oldest_seconds", "How long a message has waited that may go")
    oldest.add_metric([], max((now - figures.oldest).total_seconds(), 0.0) if figures.oldest else 0.0)
    yield oldest


def _bound(seconds: float) -> str:
    """Write a bucket's bound as Prometheus wants it."""
    return "+Inf" if seconds == inf else f"{seconds:g}"
