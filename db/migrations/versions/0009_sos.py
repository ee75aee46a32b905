"""SOS: how a door is found and opened, where a phone is, what became of a case, and machines that write it once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("elders", sa.Column("landmarks", sa.LargeBinary(), nullable=True))
    op.add_column("elders", sa.Column("way_in", sa.LargeBinary(), nullable=True))
    op.add_column("elder_phones", sa.Column("place", sa.LargeBinary(), nullable=True))
    op.add_column("contacts", sa.Column("has_key", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("cases", sa.Column("result", sa.String(length=30), nullable=True))
    op.add_column("case_events", sa.Column("key", sa.String(length=80), nullable=True))
    op.create_index("ix_case_events_case_id_key", "case_events", ["case_id", "key"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_case_events_case_id_key", table_name="case_events")
    for table, column in (
        ("case_events", "key"), ("cases", "result"), ("contacts", "has_key"), ("elder_phones", "place"),
        ("elders", "way_in"), ("elders", "landmarks"),
    ):  # fmt: skip
        op.drop_column(table, column)
