"""Health and figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from agent_console.app import create_app
from db.models import CallRecord
from routing.calls.messages import AgentState, CallerClass
from routing.figures import LASTS_SECONDS, put, spread_figures
from routing.histogram import Histogram
from routing.settings import Settings
from tests.agent_console.console import Desk, make_services
from tests.agent_console.ringing import put_agent, put_ticket
from tests.redis_server import RedisServer


def figures(desk: Desk) -> dict[tuple[str, str], float]:
    """Every sample of /metrics, by name and labels."""
    answer = desk.anonymous().get("/metrics")
    assert answer.status_code == 200 and answer.content_type.startswith("text/plain")
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name, ",".join(sample.labels.values())): sample.value for sample in samples}


def test_all_well(desk: Desk) -> None:
    answer = desk.anonymous().get("/healthz")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "ok", "parts": {"redis": {"ok": True, "detail": "answers"}}}


def test_one_part_unwell(settings: Settings) -> None:
    services = make_services(settings)
    parts = {"redis": {"ok": True, "detail": ""}, "router": {"ok": False, "detail": "no heartbeat of the router"}}
    sick = replace(services, health=lambda: parts)  # type: ignore[arg-type,return-value]
    answer = create_app(sick).test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "failing"
    assert answer.get_json()["parts"]["router"] == {"ok": False, "detail": "no heartbeat of the router"}


def test_no_parts_at_all_is_not_well(settings: Settings) -> None:
    app = create_app(replace(make_services(settings), health=dict))
    assert app.test_client().get("/healthz").status_code == 503


def test_figures_of_calls_tickets_agents_and_cases(desk: Desk) -> None:
    services = desk.services
    for number in range(3):
        put_ticket(services.redis, CallerClass.FRAIL, name=f"t{number}")
    put_agent(services.redis, AgentState.TALKING)
    services.cases.open("k", "sos")
    with services.unit_of_work() as work:
        work.add(CallRecord(id="c1", node="a", direction="inbound", started_at=services.clock(), outcome="answered"))
    now = figures(desk)
    assert now["elderline_tickets_waiting", "frail"] == 3
    assert now["elderline_tickets_waiting", "sos"] == 0
    assert now["elderline_agents", "talking"] == 1
    assert now["elderline_calls_today", "inbound,answered"] == 1
    assert now["elderline_cases_open", "sos"] == 1
    assert now["elderline_store_up", "redis"] == now["elderline_store_up", "database"] == 1


def test_figures_that_other_processes_count(desk: Desk) -> None:
    put(desk.services.redis, "ivr", {"calls_active": 3, "calls_taken": 17, "unknown_here": 1})
    put(desk.services.redis, "router", {"ami_reconnects": 2})
    now = figures(desk)
    assert now["elderline_calls_active", "ivr"] == 3
    assert now["elderline_calls_taken_total", "ivr"] == 17
    assert now["elderline_ami_reconnects_total", "router"] == 2
    assert ("elderline_sounds_failed_total", "ivr") not in now
    assert 0 < desk.services.redis.ttl("elderline:metrics:ivr") <= LASTS_SECONDS


def test_the_lag_of_the_router_is_a_histogram(desk: Desk) -> None:
    lag = Histogram()
    for seconds in (0.002, 0.004, 0.19):
        lag.observe(seconds)
    put(desk.services.redis, "router", spread_figures("router_event_lag_seconds", lag.snapshot()))
    now = figures(desk)
    assert now["elderline_router_event_lag_seconds_bucket", "0.002,router"] == 1
    assert now["elderline_router_event_lag_seconds_bucket", "0.2,router"] == 3
    assert now["elderline_router_event_lag_seconds_bucket", "+Inf,router"] == 3
    assert now["elderline_router_event_lag_seconds_count", "router"] == 3
    assert now["elderline_router_event_lag_seconds_sum", "router"] == pytest.approx(0.196)


def test_a_store_that_is_down_costs_its_own_figures_only(desk: Desk, redis_server: RedisServer) -> None:
    redis_server.stop()
    try:
        now = figures(desk)
    finally:
        redis_server.start()
    assert now["elderline_store_up", "redis"] == 0
    assert now["elderline_store_up", "database"] == 1
    assert ("elderline_sms_queued", "") in now
