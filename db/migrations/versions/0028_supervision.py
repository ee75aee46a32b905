"""Scores of talks, who listened to recordings, and notes to all agents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _quality()
    _plays()
    _bulletins()


def _quality() -> None:
    op.create_table(
        "score_forms",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_forms")),
        sa.UniqueConstraint("version", name=op.f("uq_score_forms_version")),
    )
    op.create_table(
        "score_criteria",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["score_forms.id"], name=op.f("fk_score_criteria_form_id_score_forms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_criteria")),
        sa.UniqueConstraint("form_id", "place", name=op.f("uq_score_criteria_form_id_place")),
    )
    op.create_table(
        "call_scores",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("ticket_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("extension", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("talked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("remark", sa.LargeBinary(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scored_by", sa.String(length=60), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["form_id"], ["score_forms.id"], name=op.f("fk_call_scores_form_id_score_forms")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_call_scores_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_scores")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_call_scores_ticket_id")),
    )
    op.create_index(op.f("ix_call_scores_call_id"), "call_scores", ["call_id"])
    op.create_index(op.f("ix_call_scores_user_id"), "call_scores", ["user_id"])
    op.create_index("ix_call_scores_extension_talked_at", "call_scores", ["extension", "talked_at"])
    op.create_table(
        "call_marks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("score_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["score_id"], ["call_scores.id"], name=op.f("fk_call_marks_score_id_call_scores"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["criterion_id"], ["score_criteria.id"], name=op.f("fk_call_marks_criterion_id_score_criteria")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_marks")),
        sa.UniqueConstraint("score_id", "criterion_id", name=op.f("uq_call_marks_score_id_criterion_id")),
    )


def _plays() -> None:
    op.create_table(
        "recording_plays",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("remark", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_plays")),
    )
    op.create_index(op.f("ix_recording_plays_call_id"), "recording_plays", ["call_id"])


def _bulletins() -> None:
    op.create_table(
        "bulletins",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletins")),
    )
    op.create_index(op.f("ix_bulletins_until"), "bulletins", ["until"])
    op.create_table(
        "bulletin_reads",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletins.id"], name=op.f("fk_bulletin_reads_bulletin_id_bulletins")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_bulletin_reads_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_reads")),
        sa.UniqueConstraint("bulletin_id", "user_id", name=op.f("uq_bulletin_reads_bulletin_id_user_id")),
    )


def downgrade() -> None:
    for table in ("bulletin_reads", "bulletins", "recording_plays"):
        op.drop_table(table)
    for table in ("call_marks", "call_scores", "score_criteria", "score_forms"):
        op.drop_table(table)
