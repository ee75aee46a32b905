"""Plans of the demo: three rules that show what a plan can be. None gives an order in the first days of an instance, so
that the story of the demo, which counts orders, is not disturbed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.demo_people import ELDERS, WANG
from db.models import Company, Elder, OrderPlan, PlanException, PlanPause, ServiceItem, Worker
from db.session import UnitOfWork

ZONE = "Asia/Shanghai"
FIRST_AFTER = timedelta(days=8)
"""Orders are made three days ahead: for five days nothing is made of a plan that begins then."""
_LATER_PLANS_AFTER = timedelta(days=28)


@dataclass(frozen=True)
class DemoPlan:
    """One plan. Codes name elder, item, company and worker; `quantity` is pieces or minutes."""

    key: str
    elder: str
    item: str
    rule: str
    times: str
    after: timedelta
    holidays: str = "usual"
    company: str = ""
    worker: str = ""
    quantity: int | None = None
    note: str = ""
    skips: int | None = None
    """A date that is skipped, in days from the first."""
    pauses: tuple[int, int, str] | None = None
    """First and last day of a pause, from the first date, and why."""


PLANS = (
    DemoPlan(
        "demo-lunch", ELDERS[6].code, "meal", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "11:30", FIRST_AFTER,
        holidays="skip", company="C01", note="少盐，软一点", skips=2,
    ),
    DemoPlan(
        "demo-cleaning", ELDERS[8].code, "cleaning", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "14:00", FIRST_AFTER,
        holidays="next_working_day", company="C02", worker="W04", quantity=120, pauses=(10, 20, "住院体检"),
    ),
    DemoPlan(
        "demo-company", WANG.code, "companionship", "FREQ=MONTHLY;BYDAY=1MO", "15:00", _LATER_PLANS_AFTER, worker="W01",
    ),
)  # fmt: skip


def load_plans(unit_of_work: UnitOfWork, today: date | None = None) -> int:
    """Add the plans that are not there yet, by their keys, and give how many; the demo's people must be there."""
    day = today or datetime.now(UTC).date()
    with unit_of_work() as session:
        known = set(session.scalars(select(OrderPlan.key)))
        new = [each for each in PLANS if each.key not in known]
        for each in new:
            _add(session, each, day)
        return len(new)


def first_monday(today: date, after: timedelta) -> date:
    """Give the first Monday that is at least so far ahead."""
    day = today + after
    return day + timedelta(days=-day.weekday() % 7)


def _add(session: Session, each: DemoPlan, today: date) -> None:
    first, now = first_monday(today, each.after), datetime.now(UTC)
    plan = OrderPlan(
        key=each.key, elder_id=session.scalars(select(Elder.id).where(Elder.code == each.elder)).one(),
        item_id=session.scalars(select(ServiceItem.id).where(ServiceItem.code == each.item)).one(),
        company_id=session.scalar(select(Company.id).where(Company.code == each.company)),
        worker_id=session.scalar(select(Worker.id).where(Worker.code == each.worker)), quantity=each.quantity,
        rule=each.rule, times=each.times, zone=ZONE, starts_on=first, holidays=each.holidays, note=each.note,
        state="active", version=1, created_at=now, updated_at=now,
    )  # fmt: skip
    if each.skips is not None:
        plan.exceptions.append(PlanException(day=first + timedelta(days=each.skips), why="家里人接走"))
    if each.pauses is not None:
        begin, end, why = each.pauses
        pause = PlanPause(first_day=first + timedelta(days=begin), last_day=first + timedelta(days=end), why=why)
        plan.pauses.append(pause)
    session.add(plan)
