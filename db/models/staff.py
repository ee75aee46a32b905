"""Users of the console, agents, API tokens, and the audit of who looked at what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class User(Base):
    """A person who logs in."""

    __tablename__ = "users"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))
    """Argon2id."""
    role: Mapped[Word]
    """agent, supervisor, administrator, auditor or company."""
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    active: Mapped[bool] = mapped_column(default=True)
    one_time_until: Mapped[datetime | None]
    """The password was set by somebody else: good until then, and for nothing but choosing another. None: their own."""
    failures: Mapped[int] = mapped_column(default=0)
    """Wrong passwords from places where this user never logged in, since the guard was last down."""
    locked_until: Mapped[datetime | None]
    """The guard is up: until then only places where this user logged in before may log in (docs/security.md)."""


class UserSession(Base):
    """A browser that a user logged in with. The cookie holds a random key, the database its hash."""

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 in hex: keys are 256 random bits."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    place_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    """Keyed hash of the network address: tells a place where the user logged in before, and nothing else."""
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """Of the last request that a person made, to the minute."""
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[Word] = mapped_column(default="")
    """left, idle, over, password, disabled, ended or too_many."""


class Agent(Base):
    """An agent's telephone account. The live state is in Redis; here is what lasts."""

    __tablename__ = "agents"

    extension: Mapped[str] = mapped_column(String(10), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), unique=True)
    sip_secret: Mapped[str] = mapped_column(Sealed("agent.sip_secret"))
    skills: Mapped[str] = mapped_column(String(400), default="")
    """With commas."""
    active: Mapped[bool] = mapped_column(default=True)


class ApiToken(Base):
    """A bearer token, kept as a hash."""

    __tablename__ = "api_tokens"

    id: Mapped[Id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 in hex: tokens are 256 random bits, which need no slow hash."""
    role: Mapped[Word]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    label: Mapped[str] = mapped_column(String(60), default="")


class AuditEntry(Base):
    """Who did or saw what."""

    __tablename__ = "audit"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60))
    """As elder:12."""
    detail: Mapped[str] = mapped_column(Text, default="")
