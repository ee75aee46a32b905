"""Cases with a recording and the number of whoever left it, and announcements by district."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("number", sa.LargeBinary(), nullable=True))
    op.add_column("cases", sa.Column("recording", sa.String(length=100), nullable=True))
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("district", sa.String(length=60), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("recording", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_table(
        "announcements_heard",
        sa.Column("announcement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("elder_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcements.id"], ondelete="CASCADE",
            name=op.f("fk_announcements_heard_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], ondelete="CASCADE", name=op.f("fk_announcements_heard_elder_id")
        ),
        sa.PrimaryKeyConstraint("announcement_id", "elder_id", name=op.f("pk_announcements_heard")),
    )  # fmt: skip
    op.create_index(op.f("ix_announcements_heard_elder_id"), "announcements_heard", ["elder_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_announcements_heard_elder_id"), table_name="announcements_heard")
    op.drop_table("announcements_heard")
    op.drop_table("announcements")
    for name in ("recording", "number"):
        op.drop_column("cases", name)
