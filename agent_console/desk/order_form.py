"""The desk's form of a new order: read, and priced before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from sqlalchemy import select

from agent_console.languages import language
from agent_console.orders.payers import payer_names
from agent_console.services import ConsoleServices
from agent_console.texts import text
from db.models import Company
from routing.errors import Invalid
from routing.orders.intake import Asked
from routing.orders.pricing.policy import Price
from routing.orders.pricing.words import in_words
from routing.orders.quotes import Quote

FIELDS = ("key", "item", "due", "quantity", "note", "told", "confirm_repeat", "place_anyway")
"""What a person fills in or confirms, and what is kept when the form is asked back."""
_LONGEST_NOTE, _LONGEST_CALL = 2_000, 64  # Characters.
_SHORTEST_KEY, _LONGEST_KEY = 8, 80
_MOST = 10_000
"""Of anything: a longer number is a slip, and is refused before it is reckoned with."""


@dataclass(frozen=True)
class OrderForm:
    """A new order as it was filled in. `amount` is pieces or hours, by the tariff of the day; None: the usual one."""

    elder_id: int
    item_id: int
    key: str
    due_at: datetime | None
    amount: Decimal | None
    told_fen: int | None
    """What the page showed that the elder pays."""
    note: str = field(repr=False)
    call_id: str | None
    confirm_repeat: bool
    place_anyway: bool

    @property
    def order_key(self) -> str:
        """The key of the order: the same form sent twice makes one."""
        return f"desk-{self.key}"

    def asked(self, actor: str, quantity: int) -> Asked:
        """Give what is asked for, of so many pieces or minutes."""
        return Asked(
            self.elder_id, self.item_id, key=self.order_key, actor=actor, due_at=self.due_at, note=self.note,
            call_id=self.call_id, confirm_repeat=self.confirm_repeat, place_anyway=self.place_anyway,
            quantity=quantity, told_fen=self.told_fen,
        )  # fmt: skip


@dataclass(frozen=True)
class AskedFirst:
    """The company that would be asked first: its name, how far it is (kilometres, None if not known), and how many more
    could be asked."""

    company: str
    km: float | None
    others: int


def read_form(form: Mapping[str, str], zone: ZoneInfo) -> OrderForm | None:
    """Read the form; None for one that no page of ours has made. Raises Invalid for what a person mistyped."""
    elder, item, key, told = form.get("elder", ""), form.get("item", ""), form.get("key", ""), form.get("told", "")
    if not (_is_id(elder) and _is_id(item) and _SHORTEST_KEY <= len(key) <= _LONGEST_KEY):
        return None
    return OrderForm(
        int(elder), int(item), key, _due(form.get("due", ""), zone), read_amount(form.get("quantity", "")),
        int(told) if _is_id(told) else None, form.get("note", "").strip()[:_LONGEST_NOTE],
        form.get("call", "")[:_LONGEST_CALL] or None, "confirm_repeat" in form, "place_anyway" in form,
    )  # fmt: skip


def quote_of(services: ConsoleServices, given: OrderForm) -> Quote:
    """Quote what is asked for. Raises as `Quotes.of` does."""
    return services.quotes.of(given.elder_id, given.item_id, due_at=given.due_at, amount=given.amount)


def reasons_of(price: Price) -> list[str]:
    """Say the reasons of a price on the page."""
    return [in_words(each, language(), payer_names()) for each in price.reasons]


def _is_id(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) < 10


def _due(given: str, zone: ZoneInfo) -> datetime | None:
    """Read the form's local time; empty means as soon as promised. Whether it can be is the gate's to say."""
    if not given:
        return None
    try:
        return datetime.fromisoformat(given).replace(tzinfo=zone)
    except ValueError:
        raise Invalid(text("order.due.bad")) from None


def read_amount(given: str) -> Decimal | None:
    """Read a number of pieces or hours; None when nothing is given. Raises Invalid."""
    if not given.strip():
        return None
    try:
        amount = Decimal(given.strip())
    except InvalidOperation:
        raise Invalid(text("order.quantity.bad")) from None
    if not (amount.is_finite() and 0 < amount < _MOST):
        raise Invalid(text("order.quantity.bad"))
    return amount


def who_comes_first(services: ConsoleServices, given: OrderForm, quote: Quote) -> AskedFirst | None:
    """Tell which company would be asked first if this were ordered now; None if nobody would be."""
    chosen = services.dispatch.preview(given.elder_id, given.item_id, quote.due_at).chosen
    if not chosen:
        return None
    with services.reading() as session:
        name = session.scalars(select(Company.name).where(Company.id == chosen[0].company_id)).one()
    return AskedFirst(name, chosen[0].facts.km, len(chosen) - 1)
