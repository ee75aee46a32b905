"""Sessions of users that can be ended, passwords that must be changed, and merged records of elders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "elder_merges",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.String(length=60), nullable=False),
        sa.Column("undo", sa.LargeBinary(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["gone_id"], ["elders.id"], name=op.f("fk_elder_merges_gone_id_elders")),
        sa.ForeignKeyConstraint(["kept_id"], ["elders.id"], name=op.f("fk_elder_merges_kept_id_elders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_elder_merges")),
    )
    with op.batch_alter_table("elder_merges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_elder_merges_gone_id"), ["gone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_elder_merges_kept_id"), ["kept_id"], unique=False)

    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("place_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_user_sessions_key_hash")),
    )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_sessions_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("one_time_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("one_time_until")

    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_sessions_user_id"))

    op.drop_table("user_sessions")
    with op.batch_alter_table("elder_merges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_elder_merges_kept_id"))
        batch_op.drop_index(batch_op.f("ix_elder_merges_gone_id"))

    op.drop_table("elder_merges")
