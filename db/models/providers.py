"""Service companies, their care workers, and what they offer."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.encryption import Sealed
from db.models.base import Base, Id, Line, Word


class ServiceKind(Base):
    """A kind of services, which a voice menu offers by one key. By phone it stands for its item with the lowest key."""

    __tablename__ = "service_kinds"
    __table_args__ = (
        Index("uq_service_kinds_menu_key", "menu", "menu_key", unique=True, sqlite_where=text("active"),
              postgresql_where=text("active")),
    )  # fmt: skip

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[Line]
    """As spoken and shown, in Chinese: 送餐. A name that has no recording is said generically (docs/services.md)."""
    name_en: Mapped[Line]
    menu: Mapped[Word]
    """daily, care, or empty: in none, a person offers it."""
    menu_key: Mapped[int | None]
    """1 to 4 in that menu."""
    day_and_night: Mapped[bool] = mapped_column(default=False)
    """Whether it is promised at any hour, as an urgent repair is."""
    urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it is offered to several companies at once when it is wanted now: the first who accepts has it."""
    menu_times: Mapped[Line] = mapped_column(default="", server_default=text("''"))
    """When the menus offer it: empty for always, ``off``, or days and hours (routing/orders/menu_times.py)."""
    active: Mapped[bool] = mapped_column(default=True)


class ServiceItem(Base):
    """Something that can be ordered. `menu_key` (1 to 4) is its place among those of its kind, if it has one: by phone
    a kind offers the lowest. The others of its kind are a person's to offer."""

    __tablename__ = "service_items"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[Word] = mapped_column(ForeignKey("service_kinds.code"))
    name: Mapped[Line]
    """As spoken and shown, in Chinese: 送餐."""
    name_en: Mapped[Line]
    menu_key: Mapped[int | None]
    price_fen: Mapped[int]
    """Tariff for one piece, in fen."""
    required_certificate: Mapped[str] = mapped_column(String(200), default="")
    """Kinds of certificates that whoever comes must all hold, with commas; `vetting` is a cleared background check."""
    active: Mapped[bool] = mapped_column(default=True)


class Company(Base):
    """A company that serves elders at home."""

    __tablename__ = "companies"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Line]
    phone: Mapped[str] = mapped_column(Sealed("company.phone"))
    """E.164; empty: it has none, and dispatch leaves it out."""
    phone_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    districts: Mapped[str] = mapped_column(String(400), default="")
    """Districts served, with commas; empty: all."""
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    radius_km: Mapped[float | None]
    """How far it goes, as the crow flies; none: as far as its districts reach."""
    daily_capacity: Mapped[int] = mapped_column(default=100)
    open_from: Mapped[int] = mapped_column(default=0)
    """Minute of the local day from which offers are taken."""
    open_until: Mapped[int] = mapped_column(default=1440)
    rating_sum: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    items: Mapped[list[CompanyItem]] = relationship(back_populates="company", cascade="all, delete-orphan")
    workers: Mapped[list[Worker]] = relationship(back_populates="company")


class CompanyItem(Base):
    """A company offers an item."""

    __tablename__ = "company_items"
    __table_args__ = (UniqueConstraint("company_id", "item_id"),)

    id: Mapped[Id]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"), index=True)

    company: Mapped[Company] = relationship(back_populates="items")
    item: Mapped[ServiceItem] = relationship()


class Worker(Base):
    """A care worker. The PIN proves the person on a visit; it is stored as a keyed hash."""

    __tablename__ = "workers"
    __table_args__ = (
        Index("ix_workers_pin_index_active", "pin_index", unique=True, sqlite_where=text("active"),
              postgresql_where=text("active")),
    )  # fmt: skip

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    name: Mapped[str] = mapped_column(Sealed("worker.name"))
    phone: Mapped[str] = mapped_column(Sealed("worker.phone"))
    phone_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    pin_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    """Keyed hash of the PIN, which is unique among active workers, so that a PIN names its worker."""
    pin_failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    vetting: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    """Of the background check: empty (none was made), cleared or refused. Whoever was refused is sent nowhere."""
    vetted_until: Mapped[date | None]
    vetted_by: Mapped[str] = mapped_column(String(60), default="", server_default=text("''"))
    rating_sum: Mapped[int] = mapped_column(default=0)
    rating_count: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    company: Mapped[Company] = relationship(back_populates="workers")
