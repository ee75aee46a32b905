"""Visits: tasks, exceptions, corrections, what telephone was used; workers' certificates and vetting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), autoincrement=True, nullable=False)


def _of_visit(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["visit_id"], ["visits.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_visit_id_visits")
    )


def upgrade() -> None:
    _certificates()
    _visits()
    op.create_table(
        "item_tasks",
        _id(),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["service_items.id"], ondelete="CASCADE", name=op.f("fk_item_tasks_item_id_service_items")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_tasks")),
        sa.UniqueConstraint("item_id", "code", name=op.f("uq_item_tasks_item_id_code")),
    )
    op.create_table(
        "visit_tasks",
        _id(),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["item_tasks.id"], name=op.f("fk_visit_tasks_task_id_item_tasks")),
        _of_visit("visit_tasks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_tasks")),
        sa.UniqueConstraint("visit_id", "task_id", name=op.f("uq_visit_tasks_visit_id_task_id")),
    )
    op.create_index(op.f("ix_visit_tasks_task_id"), "visit_tasks", ["task_id"], unique=False)
    op.create_table(
        "visit_exceptions",
        _id(),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(length=60), nullable=True),
        _of_visit("visit_exceptions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_exceptions")),
        sa.UniqueConstraint("visit_id", "kind", name=op.f("uq_visit_exceptions_visit_id_kind")),
    )
    op.create_index("ix_visit_exceptions_state_at", "visit_exceptions", ["state", "at"], unique=False)
    op.create_table(
        "visit_corrections",
        _id(),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        _of_visit("visit_corrections"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_corrections")),
    )
    op.create_index(op.f("ix_visit_corrections_visit_id"), "visit_corrections", ["visit_id"], unique=False)
    op.create_table(
        "late_visits",
        sa.Column("order_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], ondelete="CASCADE", name=op.f("fk_late_visits_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", "due_at", name=op.f("pk_late_visits")),
    )


def _visits() -> None:
    with op.batch_alter_table("visits") as visits:
        visits.add_column(sa.Column("assigned_worker_id", sa.Integer(), nullable=True))
        visits.add_column(sa.Column("in_from", sa.String(length=20), server_default=sa.text("''"), nullable=False))
        visits.add_column(sa.Column("out_from", sa.String(length=20), server_default=sa.text("''"), nullable=False))
        visits.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        visits.add_column(sa.Column("worked_minutes", sa.Integer(), nullable=True))
        visits.alter_column("checked_in_at", existing_type=sa.DateTime(timezone=True), nullable=True)
        visits.alter_column("in_call_id", existing_type=sa.String(length=64), nullable=True)
        visits.create_foreign_key(
            op.f("fk_visits_assigned_worker_id_workers"), "workers", ["assigned_worker_id"], ["id"]
        )
    op.create_index(op.f("ix_visits_checked_in_at"), "visits", ["checked_in_at"], unique=False)
    op.execute("UPDATE visits SET in_from = 'home' WHERE in_verified")
    op.execute("UPDATE visits SET out_from = 'home' WHERE out_verified")


def _certificates() -> None:
    op.create_table(
        "worker_certificates",
        _id(),
        sa.Column("worker_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("issued", sa.Date(), nullable=True),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("checked_by", sa.String(length=60), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=60), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name=op.f("fk_worker_certificates_worker_id_workers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_certificates")),
    )
    op.create_index("ix_worker_certificates_expires", "worker_certificates", ["expires"], unique=False)
    op.create_index("ix_worker_certificates_worker_id_kind", "worker_certificates", ["worker_id", "kind"], unique=False)
    op.execute(
        "INSERT INTO worker_certificates (worker_id, kind, expires, state, checked_by, added_at) "
        "SELECT id, certificate, certificate_expires, 'valid', 'system', CURRENT_TIMESTAMP FROM workers "
        "WHERE certificate <> ''"
    )
    for column in ("certificate", "certificate_expires"):
        op.drop_column("workers", column)
    op.add_column("workers", sa.Column("vetting", sa.String(length=20), server_default=sa.text("''"), nullable=False))
    op.add_column("workers", sa.Column("vetted_until", sa.Date(), nullable=True))
    op.add_column("workers", sa.Column("vetted_by", sa.String(length=60), server_default=sa.text("''"), nullable=False))
    with op.batch_alter_table("service_items") as items:
        items.alter_column("required_certificate", existing_type=sa.String(length=40), type_=sa.String(length=200))


def downgrade() -> None:
    for table in ("late_visits", "visit_corrections", "visit_exceptions", "visit_tasks", "item_tasks"):
        op.drop_table(table)
    op.drop_index(op.f("ix_visits_checked_in_at"), table_name="visits")
    # What has no begin cannot be told in the older form.
    op.execute("UPDATE visits SET checked_in_at = checked_out_at WHERE checked_in_at IS NULL")
    op.execute("UPDATE visits SET in_call_id = '' WHERE in_call_id IS NULL")
    with op.batch_alter_table("visits") as visits:
        visits.drop_constraint(op.f("fk_visits_assigned_worker_id_workers"), type_="foreignkey")
        visits.alter_column("checked_in_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        visits.alter_column("in_call_id", existing_type=sa.String(length=64), nullable=False)
        for column in ("worked_minutes", "minutes", "out_from", "in_from", "assigned_worker_id"):
            visits.drop_column(column)
    with op.batch_alter_table("service_items") as items:
        items.alter_column("required_certificate", existing_type=sa.String(length=200), type_=sa.String(length=40))
    for column in ("vetted_by", "vetted_until", "vetting"):
        op.drop_column("workers", column)
    no_word = sa.text("''")
    op.add_column("workers", sa.Column("certificate", sa.String(length=40), server_default=no_word, nullable=False))
    op.add_column("workers", sa.Column("certificate_expires", sa.Date(), nullable=True))
    # A worker had one certificate there: the one that is valid longest.
    op.execute(
        "UPDATE workers SET (certificate, certificate_expires) = "
        "(SELECT kind, expires FROM worker_certificates WHERE worker_id = workers.id AND state = 'valid' "
        "ORDER BY COALESCE(expires, '9999-12-31') DESC, id LIMIT 1) "
        "WHERE id IN (SELECT worker_id FROM worker_certificates WHERE state = 'valid')"
    )
    op.drop_table("worker_certificates")
