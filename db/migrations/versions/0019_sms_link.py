"""SMS: when a message may go, its kind, parts and alphabet; a carrier's ids, its reports, and parts that came."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sms_messages", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    for word in ("kind", "alphabet"):
        column = sa.Column(word, sa.String(length=40), server_default=sa.text("''"), nullable=False)
        op.add_column("sms_messages", column)
    op.add_column("sms_messages", sa.Column("parts", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "sms_parts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("carrier_id", sa.String(length=70), nullable=False),
        sa.Column("report", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["sms_messages.id"], name=op.f("fk_sms_parts_message_id_sms_messages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_parts")),
    )
    op.create_index(op.f("ix_sms_parts_message_id"), "sms_parts", ["message_id"])
    op.create_index(op.f("ix_sms_parts_carrier_id"), "sms_parts", ["carrier_id"])
    op.create_table(
        "sms_reports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("carrier_id", sa.String(length=70), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("report", sa.String(length=40), nullable=False),
        sa.Column("said", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["part_id"], ["sms_parts.id"], name=op.f("fk_sms_reports_part_id_sms_parts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_reports")),
    )
    op.create_index("ix_sms_reports_carrier_id_number_index", "sms_reports", ["carrier_id", "number_index"])
    op.create_index(op.f("ix_sms_reports_received_at"), "sms_reports", ["received_at"])
    op.create_table(
        "sms_segments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("whole", sa.String(length=40), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("sender_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number_to", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("coding", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("content_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_segments")),
    )
    op.create_index(op.f("ix_sms_segments_whole"), "sms_segments", ["whole"])
    op.create_index(op.f("ix_sms_segments_handed_at"), "sms_segments", ["handed_at"])
    op.create_index("ix_sms_segments_sender_index_id", "sms_segments", ["sender_index", "id"])


def downgrade() -> None:
    for table in ("sms_segments", "sms_reports", "sms_parts"):
        op.drop_table(table)
    for column in ("parts", "alphabet", "kind", "not_before"):
        op.drop_column("sms_messages", column)
