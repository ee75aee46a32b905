"""Which tariff and which rule hold on a day: parts of statements, and what rows become."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, or_

from db.models import PayerRule, Tariff
from routing.orders.pricing.policy import Rate, Unit


def holds_on(day: date | BindParameter[Any]) -> ColumnElement[bool]:
    """Keep the tariffs that hold on a local day; at most one for an item and company."""
    until = or_(Tariff.valid_to.is_(None), Tariff.valid_to >= day)
    return and_(Tariff.withdrawn_at.is_(None), Tariff.valid_from <= day, until)


def rules_on(day: date | BindParameter[Any]) -> ColumnElement[bool]:
    """Keep the rules of payers that hold on a local day; at most one for a class."""
    until = or_(PayerRule.valid_to.is_(None), PayerRule.valid_to >= day)
    return and_(PayerRule.withdrawn_at.is_(None), PayerRule.valid_from <= day, until)


def rate_of(row: Tariff) -> Rate:
    """Take what counts of a tariff."""
    return Rate(Unit(row.unit), row.price_fen, row.smallest, row.usual, row.largest)
