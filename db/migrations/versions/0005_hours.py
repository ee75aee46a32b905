"""Opening hours, duty phones, and messages as call-backs that a person closes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening_hours",
        sa.Column("day_kind", sa.String(length=10), nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day_kind", name=op.f("pk_opening_hours")),
    )
    op.create_table(
        "exception_hours",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", sa.String(length=200), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_exception_hours")),
    )
    op.create_table(
        "duty_numbers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_numbers")),
    )
    op.add_column("callbacks", sa.Column("call_id", sa.String(length=64), nullable=True))
    op.add_column("callbacks", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("callbacks", sa.Column("closed_by", sa.String(length=60), nullable=True))
    op.add_column("callbacks", sa.Column("closing_note", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_callbacks_call_id"), "callbacks", ["call_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_callbacks_call_id"), table_name="callbacks")
    for name in ("closing_note", "closed_by", "closed_at", "call_id"):
        op.drop_column("callbacks", name)
    for name in ("duty_numbers", "exception_hours", "opening_hours"):
        op.drop_table(name)
