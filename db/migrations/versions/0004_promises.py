"""Promised call-backs: their place in the queue, and one open promise for each person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = sa.text("kind = 'promise' AND state = 'due'")


def upgrade() -> None:
    op.add_column("callbacks", sa.Column("number_index", sa.LargeBinary(length=16), nullable=True))
    op.add_column("callbacks", sa.Column("place", sa.Text(), nullable=True))
    for name, column in (("number", "number_index"), ("elder", "elder_id")):
        op.create_index(
            f"uq_callbacks_promised_{name}", "callbacks", [column], unique=True, sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        )  # fmt: skip


def downgrade() -> None:
    for name in ("number", "elder"):
        op.drop_index(f"uq_callbacks_promised_{name}", table_name="callbacks")
    op.drop_column("callbacks", "place")
    op.drop_column("callbacks", "number_index")
