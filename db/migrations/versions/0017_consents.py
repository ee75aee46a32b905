"""Consents, whom never to call, attempts of calls that are owed, and an elder's hours of rest."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        _id(),
        *_person("consents"),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index("ix_consents_elder_id_channel_purpose", "consents", ["elder_id", "channel", "purpose"])
    op.create_index("ix_consents_number_index_channel_purpose", "consents", ["number_index", "channel", "purpose"])
    op.create_table(
        "never_call",
        _id(),
        *_person("never_call"),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_never_call")),
    )
    op.create_index(op.f("ix_never_call_elder_id"), "never_call", ["elder_id"])
    op.create_index(op.f("ix_never_call_number_index"), "never_call", ["number_index"])
    op.create_table(
        "call_attempts",
        _id(),
        sa.Column("callback_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["callback_id"], ["callbacks.id"], ondelete="CASCADE", name=op.f("fk_call_attempts_callback_id_callbacks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempts")),
        sa.UniqueConstraint("callback_id", "attempt", name=op.f("uq_call_attempts_callback_id_attempt")),
    )
    op.add_column("elders", sa.Column("rest", sa.String(length=11), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column("elders", "rest")
    for table in ("call_attempts", "never_call", "consents"):
        op.drop_table(table)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), autoincrement=True, nullable=False)


def _person(table: str) -> tuple[sa.Column[Any] | sa.ForeignKeyConstraint, ...]:
    return (
        sa.Column("elder_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=True),
        sa.ForeignKeyConstraint(["elder_id"], ["elders.id"], name=op.f(f"fk_{table}_elder_id_elders")),
    )
