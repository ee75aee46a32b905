"""What stands on the large screen at this moment: counts, and the agents' names. It holds nothing of any elder."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_console.desk.sos_board import open_sos
from agent_console.services import ConsoleServices
from agent_console.supervision.board import agent_names
from routing.calls.messages import AgentState, CallerClass
from routing.calls.records import Ticket
from routing.settings import Settings
from routing.wallboard.policy import ENOUGH_CALLS, Level, Limits

COUNT_SECONDS: Final = 0.7
"""What is counted in the database is counted again after so long."""
NAMES_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


def limits_of(settings: Settings) -> dict[str, Limits]:
    """Give from where each figure is pressing."""
    return {
        "longest": Limits(settings.board_longest_warn_seconds, settings.board_longest_alarm_seconds),
        "waiting": Limits(settings.board_waiting_warn, settings.board_waiting_alarm),
        "service": Limits(
            settings.board_service_warn_percent / 100, settings.board_service_alarm_percent / 100, falling=True
        ),
        "sos": Limits(1, 2),
    }


class Artist:
    """Draws pictures, one after the other; not for threads. `services` gives those that count now."""

    def __init__(self, services: Callable[[], ConsoleServices], ticks: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._ticks = ticks
        self._levels: dict[str, Level] = {}
        self._counted: dict[str, Any] = {}
        self._counted_at = -COUNT_SECONDS
        self._names: dict[str, str] = {}
        self._names_at = -NAMES_SECONDS

    def draw(self) -> dict[str, Any]:
        """Draw what is now. Without the database the counts are those of before, with their time. Raises RedisError."""
        services = self._services()
        now = services.clock().timestamp()
        tickets = services.tickets.waiting()
        agents = services.board.all()
        self._count(services, now)
        on_the_line = [each for each in tickets if not each.called_back]
        longest = min((each.joined_at for each in on_the_line), default=None)
        sos_waits = any(each.caller_class is CallerClass.SOS for each in tickets)
        cases, alarming = self._counted.get("sos_cases", 0), self._counted.get("sos_alarming", 0)
        judged = {
            "longest": now - longest if longest is not None else None,
            "waiting": len(on_the_line),
            "service": self._counted.get("service") if self._counted.get("decided", 0) >= ENOUGH_CALLS else None,
            "sos": 2 if sos_waits or alarming else min(cases, 1),
        }
        for name, limits in limits_of(services.settings).items():
            self._levels[name] = limits.level(judged[name], self._levels.get(name, Level.CALM))
        states = Counter(each.state for each in agents)
        return {
            "at": now,
            "waiting": len(on_the_line),
            "longest_since": longest,
            "classes": [[each.value, *_of_class(on_the_line, each)] for each in CallerClass],
            "promised": len(tickets) - len(on_the_line),
            "states": [[each.value, states[each]] for each in AgentState],
            "agents": sorted(
                [each.extension, self._names.get(each.extension, ""), each.state.value, each.since] for each in agents
            ),
            "levels": {name: level.value for name, level in self._levels.items()},
            **self._counted,
        }

    def _count(self, services: ConsoleServices, now: float) -> None:
        ticks = self._ticks()
        if ticks - self._counted_at < COUNT_SECONDS:
            return
        self._counted_at = ticks
        try:
            if ticks - self._names_at >= NAMES_SECONDS:
                self._names, self._names_at = agent_names(services), ticks
            cases = open_sos(services)
            served = services.board_counts.served()
            decided = served.offered - served.waiting
            self._counted = {
                "counted_at": now,
                "offered": served.offered, "answered": served.answered, "in_time": served.in_time,
                "abandoned": served.abandoned, "calls": served.calls, "self_served": served.self_served,
                "decided": decided, "service": served.in_time / decided if decided else None,
                "orders": list(services.board_counts.orders().items()), "overdue": services.escalations.count(),
                "sos_cases": len(cases), "sos_alarming": sum(each.alarming for each in cases),
            }  # fmt: skip
        except SQLAlchemyError as error:
            log.warning("board.not_counted", error=type(error).__name__)


def _of_class(tickets: list[Ticket], caller_class: CallerClass) -> tuple[int, float | None]:
    joined = [each.joined_at for each in tickets if each.caller_class is caller_class]
    return len(joined), min(joined, default=None)
