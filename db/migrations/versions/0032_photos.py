"""A photo in an elder's record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "elder_photos",
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_elder_photos_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("elder_id", name=op.f("pk_elder_photos")),
    )


def downgrade() -> None:
    op.drop_table("elder_photos")
