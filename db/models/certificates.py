"""Workers' certificates, with the day on which they end."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.encryption import Sealed
from db.models.base import Base, Id, Word
from db.models.providers import Worker


class WorkerCertificate(Base):
    """A certificate of a worker. Rows stay: one that is renewed gets another row, one that was wrong is revoked."""

    __tablename__ = "worker_certificates"
    __table_args__ = (
        Index("ix_worker_certificates_worker_id_kind", "worker_id", "kind"),
        Index("ix_worker_certificates_expires", "expires"),
    )

    id: Mapped[Id]
    worker_id: Mapped[int] = mapped_column(ForeignKey("workers.id"))
    kind: Mapped[Word]
    """As items name it in `required_certificate`: care."""
    number: Mapped[str | None] = mapped_column(Sealed("worker_certificate.number"))
    issued: Mapped[date | None]
    expires: Mapped[date | None]
    """Its last day; none: it does not end."""
    state: Mapped[str] = mapped_column(String(20))
    """valid or revoked; whether it has expired is a question of the day."""
    checked_by: Mapped[str] = mapped_column(String(60))
    """Who has seen it, as user:2."""
    added_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(60))
    why: Mapped[str | None] = mapped_column(Sealed("worker_certificate.why"))
    """Why it was revoked."""

    worker: Mapped[Worker] = relationship()
