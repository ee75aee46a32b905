"""Keys by which elders are found by part of a name, Pinyin, the end of a number or an address.

Who is registered already gets them when an instance is set up (scripts/install/data.py): a migration has no cipher.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "elder_search_keys",
        sa.Column("key", sa.LargeBinary(length=8), nullable=False),
        sa.Column("elder_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_elder_search_keys_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "elder_id", name=op.f("pk_elder_search_keys")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("elder_search_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_elder_search_keys_elder_id"), ["elder_id"], unique=False)


def downgrade() -> None:
    op.drop_table("elder_search_keys")
