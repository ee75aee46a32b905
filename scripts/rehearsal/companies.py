"""What has happened with companies before one of them calls."""

from __future__ import annotations

from sqlalchemy import select

from db.demo import DEMO
from db.models import Company
from routing.orders.providers.line import CODE_BASE
from scripts.rehearsal.town import Town

COMPANY_CODE, COMPANY_PIN_DIGITS = str(CODE_BASE + 1), "580243"


def company_with_orders(town: Town) -> None:
    """Two orders are to be done today, and the company has said how many it takes."""
    company = town.accepted(DEMO.wang).company_id
    town.accepted(DEMO.quiet)
    if company is not None:
        town.joined.availability.set_capacity(company, 12, actor=f"company:{company}", channel="phone_key")


def company_with_a_pin(town: Town) -> None:
    """The demo's first company may call from any telephone."""
    town.joined.company_register.set_pin(1, COMPANY_PIN_DIGITS, actor="user:1")


def two_companies(town: Town) -> None:
    """Two companies share a switchboard."""
    _share(town, 2)


def six_companies(town: Town) -> None:
    """More than a menu can offer."""
    _share(town, 6)


def _share(town: Town, number: int) -> None:
    with town.stores.unit_of_work() as session:
        first = session.scalars(select(Company).where(Company.code == DEMO.company.code)).one()
        session.add_all(
            Company(code=f"S{at}", name=f"公司{at}", phone=first.phone, phone_index=first.phone_index)
            for at in range(number - 1)
        )
