"""When the voice menus offer a kind of services."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "service_kinds", sa.Column("menu_times", sa.String(200), nullable=False, server_default=sa.text("''"))
    )


def downgrade() -> None:
    op.drop_column("service_kinds", "menu_times")
