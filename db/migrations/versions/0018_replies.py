"""Messages hold the scale on which they ask, and replies the question that they answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sms_messages") as table:
        table.add_column(sa.Column("scale", sa.String(length=8), nullable=False, server_default="1-5"))
        table.add_column(sa.Column("answers", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_sms_messages_answers_sms_messages"), "sms_messages", ["answers"], ["id"])
        table.create_index(op.f("ix_sms_messages_answers"), ["answers"])


def downgrade() -> None:
    with op.batch_alter_table("sms_messages") as table:
        table.drop_index(op.f("ix_sms_messages_answers"))
        table.drop_constraint(op.f("fk_sms_messages_answers_sms_messages"), type_="foreignkey")
        table.drop_column("answers")
        table.drop_column("scale")
