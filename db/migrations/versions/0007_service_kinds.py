"""Kinds of services, which the voice menus are made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KINDS = (
    # Code, Chinese name, English name, menu, key in it, served by day and by night.
    ("meals", "送餐", "meals", "daily", 1, False),
    ("cleaning", "保洁", "cleaning", "daily", 2, False),
    ("personal_care", "洗澡护理", "bathing and personal care", "daily", 3, False),
    ("repairs", "维修", "repairs", "daily", 4, True),
    ("medical", "陪诊", "an escort to the doctor", "care", 1, False),
    ("medicines", "代买药", "medicines", "care", 2, False),
    ("companionship", "陪聊", "companionship", "care", 3, False),
)
_LINK = "fk_service_items_kind_service_kinds"


def upgrade() -> None:
    kinds = op.create_table(
        "service_kinds",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("menu", sa.String(length=40), nullable=False),
        sa.Column("menu_key", sa.Integer(), nullable=True),
        sa.Column("day_and_night", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_service_kinds")),
    )
    active = sa.text("active")
    op.create_index(
        "uq_service_kinds_menu_key", "service_kinds", ["menu", "menu_key"], unique=True, sqlite_where=active,
        postgresql_where=active,
    )  # fmt: skip
    names = ("code", "name", "name_en", "menu", "menu_key", "day_and_night")
    op.bulk_insert(kinds, [dict(zip(names, each, strict=True)) | {"active": True} for each in _KINDS])
    # Any other kind that items have is kept, in no menu: a person offers it, as before.
    op.execute(
        "INSERT INTO service_kinds (code, name, name_en, menu, menu_key, day_and_night, active) "
        "SELECT DISTINCT kind, kind, kind, '', CAST(NULL AS INTEGER), kind = 'emergency', true FROM service_items "
        "WHERE kind NOT IN (SELECT code FROM service_kinds)"
    )
    # These two had no key because one menu of four had no room for them; each now is the first of its kind.
    op.execute(
        "UPDATE service_items SET menu_key = 1 WHERE menu_key IS NULL AND "
        "((code = 'escort' AND kind = 'medical') OR (code = 'companionship' AND kind = 'companionship'))"
    )
    with op.batch_alter_table("service_items") as items:
        items.create_foreign_key(_LINK, "service_kinds", ["kind"], ["code"])


def downgrade() -> None:
    with op.batch_alter_table("service_items") as items:
        items.drop_constraint(_LINK, type_="foreignkey")
    op.drop_index("uq_service_kinds_menu_key", table_name="service_kinds")
    op.drop_table("service_kinds")
