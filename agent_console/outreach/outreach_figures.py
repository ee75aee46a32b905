"""Figures of automatic calls for supervisors, the API and /metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from redis.exceptions import RedisError

from agent_console.services import ConsoleServices
from routing.outreach.pacing import is_over_limit, lines_for_calls, pace

_GAUGES = {
    "room": "Automatic calls to elders that may be made more at this moment",
    "automatic": "Automatic calls that ring or are talked on",
    "answered": "Automatic calls that a person answered in the last 24 hours",
    "abandoned": "Of these, those in which somebody asked for a person and found none in time",
    "abandoned_share": "Share of them, 0 to 1; the limit is ELDERLINE_ABANDONED_LIMIT",
    "over_limit": "1 if the share is over its limit, of 30 answered calls or more: alert on it",
}


def pace_or_none(services: ConsoleServices) -> dict[str, Any] | None:
    """Give it for a page that has more to show; None while Redis is away."""
    try:
        return outreach_pace(services)
    except RedisError:
        return None


def outreach_metrics(services: ConsoleServices) -> Iterator[GaugeMetricFamily]:
    """Give the gauges of automatic calls. Raises redis.RedisError and SQLAlchemyError."""
    figures = outreach_pace(services)
    for name, meaning in _GAUGES.items():
        family = GaugeMetricFamily(f"elderline_outbound_{name}", meaning)
        family.add_metric([], figures[name])
        yield family
    listed = GaugeMetricFamily("elderline_outbound_not_reached", "Elders on the list of those whom nothing reached")
    listed.add_metric([], services.not_reached.count())
    yield listed
    told = GaugeMetricFamily("elderline_campaign_elders", "Elders of group messages that go on", labels=["state"])
    for state, count in services.recipients.going_on().items():
        told.add_metric([state], count)
    yield told


def outreach_pace(services: ConsoleServices) -> dict[str, Any]:
    """Give the pace with all that it rests on. Raises redis.RedisError and SQLAlchemyError."""
    floor, rules = services.pace.floor(), services.pace.rules
    decided = pace(floor, rules)
    return {
        **asdict(floor), "room": decided.room, "others": decided.others, "because": decided.because.value,
        "most": lines_for_calls(rules), "abandoned_share": floor.abandoned_share,
        "abandoned_limit": rules.abandoned_limit, "over_limit": is_over_limit(floor, rules),
    }  # fmt: skip
