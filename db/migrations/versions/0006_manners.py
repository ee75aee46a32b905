"""How each elder is spoken with: what people set, and what talks taught."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "elder_manners",
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Boolean(), nullable=True),
        sa.Column("loud", sa.Boolean(), nullable=True),
        sa.Column("key_seconds", sa.Double(), nullable=True),
        sa.Column("hints", sa.Integer(), nullable=True),
        sa.Column("favourite_offered", sa.Boolean(), nullable=True),
        sa.Column("straight_set", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("learnt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_elder_manners_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("elder_id", name=op.f("pk_elder_manners")),
    )


def downgrade() -> None:
    op.drop_table("elder_manners")
