"""Plans as the services give them: frozen values, and the policy's view of a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo

from db.models import OrderPlan
from routing.orders.planning.policy import HolidayWay, Pause, PlanRule, PlanState
from routing.orders.planning.rules import read_rule, read_times


@dataclass(frozen=True)
class PlanWish:
    """What a plan shall be. `rule` and `times` are as people write them; `zone` empty: the hotline's."""

    item_id: int
    rule: str
    times: str
    starts_on: date
    ends_on: date | None = None
    holidays: str = HolidayWay.USUAL.value
    zone: str = ""
    company_id: int | None = None
    worker_id: int | None = None
    quantity: int | None = None
    """Pieces, or minutes of an item by the hour; None: the usual one."""
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class PlanView:
    """A plan as it stands."""

    id: int
    elder_id: int
    item_id: int
    item_name: str
    rule: str
    times: str
    zone: str
    starts_on: date
    ends_on: date | None
    holidays: str
    company_id: int | None
    worker_id: int | None
    state: PlanState
    end_reason: str
    version: int
    made_until: date | None
    pauses: tuple[Pause, ...]
    moved: tuple[tuple[date, date | None], ...]
    """Dates with the day they are moved to; None: skipped."""
    quantity: int | None
    note: str = field(repr=False, default="")


def plan_view(plan: OrderPlan) -> PlanView:
    """Take a view within its unit of work."""
    return PlanView(
        plan.id, plan.elder_id, plan.item_id, plan.item.name, plan.rule, plan.times, plan.zone, plan.starts_on,
        plan.ends_on, plan.holidays, plan.company_id, plan.worker_id, PlanState(plan.state), plan.end_reason,
        plan.version, plan.made_until, pauses_of(plan),
        tuple((each.day, each.moved_to) for each in plan.exceptions), plan.quantity, plan.note,
    )  # fmt: skip


def pauses_of(plan: OrderPlan) -> tuple[Pause, ...]:
    """Take the pauses of a plan."""
    return tuple(Pause(each.first_day, each.last_day, each.why) for each in plan.pauses)


def rule_of(plan: OrderPlan | PlanView) -> PlanRule:
    """Take what the policy must know."""
    moved = {each.day: each.moved_to for each in plan.exceptions} if isinstance(plan, OrderPlan) else dict(plan.moved)
    return PlanRule(
        read_rule(plan.rule), read_times(plan.times), ZoneInfo(plan.zone), plan.starts_on, plan.ends_on,
        HolidayWay(plan.holidays), MappingProxyType(moved),
    )  # fmt: skip
