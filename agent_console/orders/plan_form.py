"""The plain form of a plan: how often in words, turned into a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from agent_console.asked_days import day_of
from agent_console.texts import text
from routing.errors import Invalid
from routing.orders.planning.views import PlanView, PlanWish

FIELDS = (
    "item", "every", "rule", "times", "starts", "ends", "quantity", "holidays", "company", "worker", "note",
)  # fmt: skip
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKLY = re.compile(r"FREQ=WEEKLY;(INTERVAL=2;)?BYDAY=(?P<days>[A-Z,]+)")
EVERY = ("DAILY", "WORKDAYS", "WEEKLY", "FORTNIGHTLY", "MONTHLY", "MONTH_END", "RULE")


def read_wish(form: Mapping[str, str], weekdays: list[str], zone: str = "") -> PlanWish:
    """Read the form, but for the quantity, whose unit the tariff knows. Raises Invalid."""
    starts, item = day_of(form, "starts"), form.get("item", "")
    if starts is None or not item.isascii() or not item.isdigit() or len(item) > 9:
        raise Invalid(text("plan.bad"))
    return PlanWish(
        item_id=int(item), rule=_rule(form, weekdays, starts), times=form.get("times", ""), starts_on=starts,
        ends_on=day_of(form, "ends"), holidays=form.get("holidays", "usual"),
        note=form.get("note", "").strip()[:2000],
        zone=zone, company_id=_id(form, "company"), worker_id=_id(form, "worker"),
    )  # fmt: skip


def fields_of(plan: PlanView) -> tuple[dict[str, str], list[str]]:
    """Give a plan as its form shows it, but for the quantity, and the days of the week that are ticked."""
    given = {
        "item": str(plan.item_id), "every": "RULE", "rule": plan.rule, "times": plan.times,
        "starts": str(plan.starts_on), "ends": str(plan.ends_on or ""), "holidays": plan.holidays,
        "company": str(plan.company_id or ""), "worker": str(plan.worker_id or ""), "note": plan.note,
    }  # fmt: skip
    weekly = _WEEKLY.fullmatch(plan.rule)
    ticked = weekly["days"].split(",") if weekly else [WEEKDAYS[plan.starts_on.weekday()]]
    same = next((each for each in EVERY[:-1] if _rule({"every": each}, ticked, plan.starts_on) == plan.rule), "RULE")
    return given | {"every": same, "rule": plan.rule if same == "RULE" else ""}, ticked if weekly else []


def _id(form: Mapping[str, str], name: str) -> int | None:
    given = form.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _rule(form: Mapping[str, str], weekdays: list[str], starts: date) -> str:
    days = ",".join(day for day in WEEKDAYS if day in weekdays) or WEEKDAYS[starts.weekday()]
    rules = {
        "DAILY": "FREQ=DAILY",
        "WORKDAYS": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "WEEKLY": f"FREQ=WEEKLY;BYDAY={days}",
        "FORTNIGHTLY": f"FREQ=WEEKLY;INTERVAL=2;BYDAY={days}",
        "MONTHLY": f"FREQ=MONTHLY;BYMONTHDAY={starts.day}",
        "MONTH_END": "FREQ=MONTHLY;BYMONTHDAY=-1",
    }
    return rules.get(form.get("every", ""), form.get("rule", ""))
