"""How well talks went: forms of criteria, scores, what agents answered; and who listened to which recording."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.encryption import Sealed
from db.models.base import Base, Id, Word


class ScoreForm(Base):
    """One version of the form by which talks are scored. It is never changed: whoever changes it makes the next one."""

    __tablename__ = "score_forms"

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(60))


class ScoreCriterion(Base):
    """One line of a form."""

    __tablename__ = "score_criteria"
    __table_args__ = (UniqueConstraint("form_id", "place"),)

    id: Mapped[Id]
    form_id: Mapped[int] = mapped_column(ForeignKey("score_forms.id"))
    place: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    weight: Mapped[int]


class CallScore(Base):
    """What one talk of one agent was given, by the form of that time. A talk is what a ticket was answered with."""

    __tablename__ = "call_scores"
    __table_args__ = (Index("ix_call_scores_extension_talked_at", "extension", "talked_at"),)

    id: Mapped[Id]
    ticket_id: Mapped[str] = mapped_column(String(64), unique=True)
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    extension: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    """Whose extension it was when it was scored: another agent who gets it later does not get the scores."""
    talked_at: Mapped[datetime]
    form_id: Mapped[int] = mapped_column(ForeignKey("score_forms.id"))
    total: Mapped[float]
    """0 to 100."""
    remark: Mapped[str] = mapped_column(Sealed("call_score.remark"), default="")
    scored_at: Mapped[datetime]
    scored_by: Mapped[str] = mapped_column(String(60))
    seen_at: Mapped[datetime | None]
    """When the agent first saw it."""
    answer: Mapped[str] = mapped_column(Sealed("call_score.answer"), default="")
    answered_at: Mapped[datetime | None]


class CallMark(Base):
    """What one criterion was given; none: it did not apply."""

    __tablename__ = "call_marks"
    __table_args__ = (UniqueConstraint("score_id", "criterion_id"),)

    id: Mapped[Id]
    score_id: Mapped[int] = mapped_column(ForeignKey("call_scores.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("score_criteria.id"))
    mark: Mapped[int | None]
    """0 to 5."""


class RecordingPlay(Base):
    """Somebody opened the recording of a talk, and why. However the browser fetches it, this is one row."""

    __tablename__ = "recording_plays"

    id: Mapped[Id]
    call_id: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    """Of the file, without folder or ending."""
    actor: Mapped[str] = mapped_column(String(60))
    reason: Mapped[Word]
    remark: Mapped[str] = mapped_column(Sealed("recording_play.remark"), default="")
    at: Mapped[datetime]
