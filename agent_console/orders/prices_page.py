"""The catalogue with its tariffs and the rules of payers: what supervisors see, and change. Each change is audited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from agent_console import privacy
from agent_console.access import identity
from agent_console.asked_days import needed_day
from agent_console.languages import language
from agent_console.services import console_services
from agent_console.texts import text
from db.models import Company
from routing.errors import Invalid
from routing.orders.pricing.book import Written
from routing.orders.pricing.classes import ClassEnded, ClassTaken
from routing.orders.pricing.errors import PriceRefused
from routing.orders.pricing.policy import Rate, Unit

blueprint = Blueprint("prices_page", __name__, url_prefix="/supervisor/prices")
Done = TypeVar("Done")


@blueprint.get("")
def show() -> str:
    """Items with their tariffs, classes with their rules, and the forms."""
    services = console_services()
    with services.reading() as work:
        companies = work.execute(select(Company.id, Company.name).order_by(Company.code)).all()
    return render_template(
        "prices.html", items=services.prices.catalogue(), classes=services.prices.classes(), companies=companies,
        today=services.prices.today(), units=list(Unit),
    )  # fmt: skip


@blueprint.post("/tariffs")
def set_tariff() -> ResponseReturnValue:
    """Let a price hold from a day on."""
    form = request.form
    item, company = whole("item"), whole("company") if form.get("company") else None
    try:
        unit = Unit(form.get("unit", ""))
    except ValueError:
        raise Invalid(text("prices.bad")) from None
    fen = fen_of(form.get("yuan", ""))
    rate = Rate(unit, fen, whole("smallest"), whole("usual"), whole("largest"))
    _in_words(lambda: console_services().prices.set_tariff(item, rate, _written(), company))
    return _done("price.tariff", f"item:{item} company:{company or '-'} {fen} fen per {unit.value} from {form['from']}")


@blueprint.post("/tariffs/end")
def end_tariff() -> ResponseReturnValue:
    """Let a company's own price end."""
    item, company, last = whole("item"), whole("company"), needed_day(request.form.get("last", ""))
    _in_words(lambda: console_services().prices.end_tariff(item, company, last, identity().actor))
    return _done("price.tariff_ended", f"item:{item} company:{company} last day {last}")


@blueprint.post("/rules")
def set_rule() -> ResponseReturnValue:
    """Let a rule hold for a class of payers from a day on."""
    form = request.form
    payer_class, percent = form.get("class", ""), whole("percent")
    monthly = fen_of(form["monthly"]) if form.get("monthly", "").strip() else None
    _in_words(lambda: console_services().prices.set_rule(payer_class, percent, monthly, _written()))
    bound = "no bound" if monthly is None else f"{monthly} fen a month"
    return _done("price.rule", f"{payer_class} {percent} %, {bound}, from {form['from']}")


@blueprint.post("/classes")
def add_class() -> ResponseReturnValue:
    """Add a class of payers with its first rule."""
    form = request.form
    percent, written = whole("percent"), _written()
    monthly = fen_of(form["monthly"]) if form.get("monthly", "").strip() else None
    made = _in_words(
        lambda: console_services().payer_classes.add(
            form.get("code", ""), form.get("name", ""), form.get("name_en", ""), percent, monthly, written
        )
    )
    return _done("price.class_added", f"{made.code} {percent} % from {form['from']}")


@blueprint.post("/classes/end")
def end_class() -> ResponseReturnValue:
    """Let a class of payers end."""
    form, last = request.form, needed_day(request.form.get("last", ""))
    code, sure = form.get("class", ""), bool(form.get("sure"))
    elders = _in_words(lambda: console_services().payer_classes.end(code, last, identity().actor, sure=sure))
    return _done("price.class_ended", f"{code} last day {last}, {elders} elders are of it")


def whole(name: str) -> int:
    """Read a whole number of the form. Raises Invalid."""
    found = request.form.get(name, type=int)
    if found is None:
        raise Invalid(text("prices.bad"))
    return found


def fen_of(given: str) -> int:
    """Read yuan as they are written, with a point or without, as fen. Raises Invalid for what is no whole fen."""
    try:
        fen = Decimal(given.strip()) * 100
        if fen != fen.to_integral_value():
            raise Invalid(text("prices.bad"))
    except InvalidOperation:
        raise Invalid(text("prices.bad")) from None
    return int(fen)


def _written() -> Written:
    form = request.form
    last: date | None = needed_day(form["to"]) if form.get("to") else None
    return Written(identity().actor, needed_day(form.get("from", "")), last, bool(form.get("sure")))


def _in_words(change: Callable[[], Done]) -> Done:
    """Make a change; what is refused is said in the words of the page."""
    try:
        return change()
    except PriceRefused as refused:
        raise Invalid(refused.why.words(language())) from refused
    except ClassTaken as refused:
        raise Invalid(text("payers.taken")) from refused
    except ClassEnded as refused:
        raise Invalid(text("payers.over")) from refused


def _done(action: str, detail: str) -> ResponseReturnValue:
    privacy.write_down(console_services(), identity(), action, "prices", detail)
    flash(text("prices.saved"))
    return redirect(url_for("prices_page.show"))
