"""What an order costs: two statements read what counts on its day, and the policy decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Connection, and_, bindparam, select

from db.models import Elder, PayerRule, QuotaMonth, ServiceItem, ServiceKind, Tariff
from routing.errors import NotFound
from routing.orders.errors import NotServed
from routing.orders.placing import ITEM, item_of
from routing.orders.pricing.errors import NotPriced, PriceRefused
from routing.orders.pricing.ledger import Account, month_of
from routing.orders.pricing.lookup import holds_on, rules_on
from routing.orders.pricing.policy import Payer, Price, Rate, Unit, fits, price
from routing.orders.pricing.refusals import absurd
from routing.orders.views import MenuItem


@dataclass(frozen=True)
class Cost:
    """An item, and what it costs an elder on a day."""

    item: MenuItem
    rate: Rate
    payer: Payer | str
    """The code of the class, when it has no rule."""
    price: Price
    day: date
    account: Account | None
    """The month that pays, if the class has a quota."""
    district: str
    """Where the elder lives."""

    def after(self, taken_fen: int) -> Cost:
        """Give the cost when so much of the month was taken before."""
        return replace(self, price=price(self.rate, self.price.quantity, self.payer, taken_fen))


# Statements are made once: making one takes longer than SQLite needs to answer it.
_DAY: BindParameter[date] = bindparam("day")
_PAYER = (
    select(
        Elder.state, Elder.payer_class, Elder.district, PayerRule.elder_percent, PayerRule.monthly_fen,
        QuotaMonth.taken_fen,
    )
    .outerjoin(PayerRule, and_(PayerRule.payer_class == Elder.payer_class, rules_on(_DAY)))
    .outerjoin(
        QuotaMonth,
        and_(
            QuotaMonth.elder_id == Elder.id, QuotaMonth.month == bindparam("month"),
            QuotaMonth.payer_class == Elder.payer_class,
        ),
    )
    .where(Elder.id == bindparam("elder_id"))
)  # fmt: skip
_TARIFF = (Tariff.unit, Tariff.price_fen, Tariff.smallest, Tariff.usual, Tariff.largest)
_WANTED = (
    select(ServiceItem.active, *_TARIFF, *ITEM)
    .join(ServiceKind, ServiceKind.code == ServiceItem.kind)
    .outerjoin(Tariff, and_(Tariff.item_id == ServiceItem.id, Tariff.company_id.is_(None), holds_on(_DAY)))
    .where(ServiceItem.id == bindparam("item_id"))
)


def cost_of(
    connection: Connection, elder_id: int, item_id: int, day: date, quantity: int | None = None
) -> Cost:  # fmt: skip
    """Give what an order for a visit on a local `day` costs; without a quantity (pieces, or minutes) the usual one.

    Raises NotFound, NotServed for what is not served any more, NotPriced, and PriceRefused for a quantity that the
    tariff does not allow.
    """
    who = connection.execute(_PAYER, {"elder_id": elder_id, "day": day, "month": month_of(day)}).one_or_none()
    if who is None:
        raise NotFound("there is no such elder")
    if who.state != "active":
        raise NotServed(f"elder {elder_id} is {who.state}: correct the record first if that is wrong")
    found = connection.execute(_WANTED, {"item_id": item_id, "day": day}).one_or_none()
    if found is None:
        raise NotFound("there is no such item")
    active, *tariff = found[:6]
    item = item_of(found[6:])
    if not active:
        raise NotServed(f"{item.name} is not offered any more")
    rate = _rate(item, tariff, day)
    wanted = rate.usual if quantity is None else quantity
    if not fits(rate, wanted):
        code = "quantity.refused.hour" if rate.unit is Unit.HOUR else "quantity.refused"
        raise PriceRefused(absurd(code, given=wanted, item=item.name, smallest=rate.smallest, largest=rate.largest))
    payer: Payer | str = who.payer_class
    if who.elder_percent is not None:
        payer = Payer(who.payer_class, who.elder_percent, who.monthly_fen)
    account = Account(elder_id, month_of(day), who.payer_class) if who.monthly_fen is not None else None
    decided = price(rate, wanted, payer, who.taken_fen or 0)
    return Cost(item, rate, payer, decided, day, account, who.district)


def _rate(item: MenuItem, tariff: Sequence[Any], day: date) -> Rate:
    unit, *numbers = tariff
    if unit is not None:
        return Rate(Unit(unit), *numbers)
    if item.price_fen < 0:
        raise NotPriced(f"{item.name} has no price on {day}: a supervisor writes one down under prices")
    return Rate(Unit.PIECE, item.price_fen)  # An item that nobody wrote a tariff for has the price of its record.
