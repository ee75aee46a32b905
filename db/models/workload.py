"""How much a company has to do on a day, kept beside the orders and offers themselves (db.counting)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class CompanyDay(Base):
    """One local day of a company. What is counted is what a recount finds; no row: nothing."""

    __tablename__ = "company_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(
        ForeignKey("companies.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    orders: Mapped[int] = mapped_column(default=0, server_default="0")
    """That it has taken and that are due on this day, done or not (db.counting.COUNTED)."""
    offers: Mapped[int] = mapped_column(default=0, server_default="0")
    """That it was made on this day, whatever became of them."""
