"""The plain form of a plan: how often in words, turned into a rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from agent_console.texts import text
from routing.errors import Invalid
from routing.orders.planning.views import PlanWish

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
EVERY = ("DAILY", "WORKDAYS", "WEEKLY", "FORTNIGHTLY", "MONTHLY", "MONTH_END", "RULE")


def read_wish(form: Mapping[str, str], weekdays: list[str]) -> PlanWish:
    """Read the form. Raises Invalid."""
    starts, item = read_date(form, "starts"), form.get("item", "")
    if starts is None or not item.isascii() or not item.isdigit() or len(item) > 9:
        raise Invalid(text("plan.bad"))
    company = form.get("company", "")
    return PlanWish(
        item_id=int(item), rule=_rule(form, weekdays, starts), times=form.get("times", ""), starts_on=starts,
        ends_on=read_date(form, "ends"), holidays=form.get("holidays", "usual"),
        note=form.get("note", "").strip()[:2000],
        company_id=int(company) if company.isascii() and company.isdigit() and len(company) < 10 else None,
    )  # fmt: skip


def read_date(form: Mapping[str, str], name: str) -> date | None:
    """Read a date of a form; None when it is empty. Raises Invalid."""
    given = form.get(name, "").strip()
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise Invalid(text("plan.bad")) from None


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
