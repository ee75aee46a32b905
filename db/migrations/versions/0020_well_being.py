"""Daily calls to those who live alone, reminders and campaigns: who, when, and what came of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "medicine_reminders",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=5), nullable=False),
        sa.Column("rule", sa.String(length=300), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("tell_contact", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_medicine_reminders_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medicine_reminders")),
    )
    op.create_index(op.f("ix_medicine_reminders_elder_id"), "medicine_reminders", ["elder_id"])
    op.create_index(op.f("ix_medicine_reminders_ended_at"), "medicine_reminders", ["ended_at"])

    op.create_table(
        "well_being_enrolments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("active_elder_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.String(length=5), nullable=False),
        sa.Column("rule", sa.String(length=300), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("consent", sa.String(length=40), nullable=False),
        sa.Column("consent_note", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_by", sa.String(length=60), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_well_being_enrolments_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_well_being_enrolments")),
        sa.UniqueConstraint("active_elder_id", name=op.f("uq_well_being_enrolments_active_elder_id")),
    )
    op.create_index(op.f("ix_well_being_enrolments_elder_id"), "well_being_enrolments", ["elder_id"])

    op.create_table(
        "well_being_pauses",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_well_being_pauses_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_well_being_pauses")),
    )
    op.create_index(op.f("ix_well_being_pauses_elder_id"), "well_being_pauses", ["elder_id"])

    op.create_table(
        "medicine_doses",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("later", sa.Integer(), nullable=False),
        sa.Column("told_contact", sa.Boolean(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_medicine_doses_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"],
            ["medicine_reminders.id"],
            name=op.f("fk_medicine_doses_reminder_id_medicine_reminders"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medicine_doses")),
        sa.UniqueConstraint("key", name=op.f("uq_medicine_doses_key")),
        sa.UniqueConstraint("reminder_id", "day", name=op.f("uq_medicine_doses_reminder_id_day")),
    )
    op.create_index(op.f("ix_medicine_doses_day"), "medicine_doses", ["day"])
    op.create_index(op.f("ix_medicine_doses_elder_id"), "medicine_doses", ["elder_id"])
    op.create_index(op.f("ix_medicine_doses_state"), "medicine_doses", ["state"])

    op.create_table(
        "well_being_checks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rang", sa.Integer(), nullable=False),
        sa.Column("no_key", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("looking_in", sa.String(length=40), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_well_being_checks_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_well_being_checks_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_well_being_checks")),
        sa.UniqueConstraint("elder_id", "day", name=op.f("uq_well_being_checks_elder_id_day")),
        sa.UniqueConstraint("key", name=op.f("uq_well_being_checks_key")),
    )
    op.create_index("ix_well_being_checks_day_state", "well_being_checks", ["day", "state"])
    op.create_index(op.f("ix_well_being_checks_state"), "well_being_checks", ["state"])

    op.create_table(
        "look_ins",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("number_at", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=100), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["well_being_checks.id"],
            name=op.f("fk_look_ins_check_id_well_being_checks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_look_ins_contact_id_contacts"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_ins")),
        sa.UniqueConstraint("cause", name=op.f("uq_look_ins_cause")),
        sa.UniqueConstraint("check_id", "number_at", name=op.f("uq_look_ins_check_id_number_at")),
    )
    op.create_index(op.f("ix_look_ins_check_id"), "look_ins", ["check_id"])


def downgrade() -> None:
    for table in (
        "look_ins",
        "well_being_checks",
        "medicine_doses",
        "well_being_pauses",
        "well_being_enrolments",
        "medicine_reminders",
    ):
        op.drop_table(table)
