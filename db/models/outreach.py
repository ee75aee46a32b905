"""What goes out: call-backs, ratings, SMS."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word

_EMPTY, _ZERO = text("''"), text("0")
_OPEN: Final = text("kind = 'promise' AND state = 'due'")
_OPEN_PROMISE: Final[dict[str, Any]] = {"sqlite_where": _OPEN, "postgresql_where": _OPEN}


class Callback(Base):
    """A call that is owed. `cause` is unique: never two rows, so never two calls, for one cause."""

    __tablename__ = "callbacks"
    __table_args__ = (
        Index("ix_callbacks_state_due_at", "state", "due_at"),
        Index("ix_callbacks_kind_created_at", "kind", "created_at"),
        # One person is promised one call at a time, by whatever telephone and however often they ask.
        Index("uq_callbacks_promised_number", "number_index", unique=True, **_OPEN_PROMISE),
        Index("uq_callbacks_promised_elder", "elder_id", unique=True, **_OPEN_PROMISE),
    )

    id: Mapped[Id]
    cause: Mapped[str] = mapped_column(String(80), unique=True)
    """As after-service-order-12, offer-7, promise-<ticket>."""
    kind: Mapped[Word]
    """after_service, offer, overdue, promise or message."""
    flow: Mapped[Word]
    reference: Mapped[str] = mapped_column(String(80))
    number: Mapped[str] = mapped_column(Sealed("callback.number"))
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    """Of promises only."""
    place: Mapped[str | None] = mapped_column(Text)
    """Of a promise: its ticket as JSON, without the number, so that the place in the queue outlives Redis."""
    elder_id: Mapped[int | None] = mapped_column(ForeignKey("elders.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    """due, dialling, answered, done, asking (an SMS asks when it may), failed (asked by SMS), listed (for a person),
    closed (by that person) or cancelled; a promise is due while open."""
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    last_outcome: Mapped[str] = mapped_column(String(20), default="")
    call_id: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of a message: the call in which it was left, and by which its recording is named."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(60))
    """Of a message or a listed call: who closed it, as user:3 or token:5. Nothing closes by itself."""
    closing_note: Mapped[str | None] = mapped_column(Sealed("callback.closing_note"))
    """Of a message or a listed call: what became of it, in that person's words."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CallAttempt(Base):
    """One attempt of a call that is owed: at most one dial. Written with its claim, before anything dials."""

    __tablename__ = "call_attempts"
    __table_args__ = (UniqueConstraint("callback_id", "attempt"),)

    id: Mapped[Id]
    callback_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    """From 1; the attempt's own cause is ``<cause>.<attempt>``."""
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    """busy, no_answer, refused, failed, expired, unknown, answered, not_reached, done; empty while it lasts."""


class Rating(Base):
    """An elder's word on an order: one for each order and channel; the latest wins, changes are kept in `history`."""

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint("order_id", "channel"),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 5", name="score_1_to_5"),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    channel: Mapped[Word]
    """call, sms or desk."""
    done: Mapped[bool | None]
    score: Mapped[int | None]
    """1 (very dissatisfied) to 5 (very satisfied)."""
    remark: Mapped[str | None] = mapped_column(Sealed("rating.remark"))
    history: Mapped[str] = mapped_column(Text, default="")
    """Earlier scores, as JSON."""
    at: Mapped[datetime] = mapped_column(index=True)


class SmsMessage(Base):
    """A message in or out. Outgoing ones form the outbox: claimed, sent at most once, with a deadline."""

    __tablename__ = "sms_messages"
    __table_args__ = (Index("ix_sms_messages_state_created_at", "state", "created_at"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Idempotency key: the cause of an outgoing message, or the carrier's id of an incoming one."""
    direction: Mapped[Word]
    """in or out."""
    number: Mapped[str] = mapped_column(Sealed("sms.number"))
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    text: Mapped[str] = mapped_column(Sealed("sms.text"))
    state: Mapped[str] = mapped_column(String(20))
    """out: queued, sending, sent, delivered, failed, expired; in: received, understood, unclear, stranger."""
    elder_id: Mapped[int | None] = mapped_column(ForeignKey("elders.id"), index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    question: Mapped[str] = mapped_column(String(40), default="")
    """What an outgoing message asks, as rating-1-5; empty: nothing."""
    scale: Mapped[str] = mapped_column(String(8), default="1-5", server_default="1-5")
    """On which an outgoing message asks for a score, worst first; of an incoming one, on which it was read."""
    answers: Mapped[int | None] = mapped_column(ForeignKey("sms_messages.id"), index=True)
    """The outgoing message whose question an incoming one answers, if it is known."""
    understood: Mapped[str] = mapped_column(Text, default="")
    """How an incoming message was read, as JSON; of an outgoing one, why it waits or failed."""
    deadline: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    """A queued message waits until then: quiet hours, or the limit of a day. `understood` says which."""
    kind: Mapped[Word] = mapped_column(default="", server_default=_EMPTY)
    """Of an outgoing message: notice, answer or urgent."""
    parts: Mapped[int] = mapped_column(default=0, server_default=_ZERO)
    """Short messages that an outgoing text takes."""
    alphabet: Mapped[Word] = mapped_column(default="", server_default=_EMPTY)
    """Of an outgoing message: gsm7, latin1 or ucs2."""
    number_to: Mapped[str] = mapped_column(String(40), default="")
    """The service's own number: that an incoming message was sent to, or that answers to an outgoing one come to, if it
    is not the usual one."""


class OptOut(Base):
    """A number that wants no more messages or calls of a kind."""

    __tablename__ = "opt_outs"
    __table_args__ = (UniqueConstraint("number_index", "channel"),)

    id: Mapped[Id]
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    channel: Mapped[Word]
    """sms or call."""
    at: Mapped[datetime]
