"""When the hotline is open, and whose telephones ring when it is not."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Line


class OpeningHours(Base):
    """The hours of one kind of day. A kind without a row is closed; without any row at all it is always open."""

    __tablename__ = "opening_hours"

    day_kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    """mon to sun, holiday or make_up."""
    hours: Mapped[Line]
    """As 08:00-12:00, 14:00-18:00, in the hotline's zone; what ends before it begins ends on the next day."""


class ExceptionHours(Base):
    """The hours of one date alone, before all others; empty: closed."""

    __tablename__ = "exception_hours"

    day: Mapped[date] = mapped_column(primary_key=True)
    hours: Mapped[Line]
    why: Mapped[Line]


class DutyNumber(Base):
    """A duty phone. They are rung in order of `position`."""

    __tablename__ = "duty_numbers"

    id: Mapped[Id]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Sealed("duty.name"))
    number: Mapped[str] = mapped_column(Sealed("duty.number"))
    """E.164."""
    times: Mapped[str] = mapped_column(String(400), default="")
    """As mon-fri 18:00-08:00; sat-sun 00:00-24:00; empty: always."""
