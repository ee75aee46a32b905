"""`elderline visits`: the six facts of visits as a file."""

from __future__ import annotations

import getpass
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from agent_console.identity import Identity
from agent_console.privacy import Lens
from db.models import AuditEntry
from routing.errors import Invalid
from routing.orders.evv.export import csv_of
from routing.orders.evv.facts import facts_of
from scripts.commands.settings import current_settings
from scripts.wiring.stores import now, open_stores

_ROLES = ("auditor", "supervisor")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("visits")
def visits_group() -> None:
    """Visits as they were verified."""


@visits_group.command("export")
@click.option("--from", "first", type=_DAY, required=True, help="First day, as 2026-03-01.")
@click.option("--to", "last", type=_DAY, required=True, help="Last day, included.")
@click.option("--role", type=click.Choice(_ROLES), default="auditor", show_default=True, help="Whose eyes it is for.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write there instead of printing.")
def export_command(first: datetime, last: datetime, role: str, output: Path | None) -> None:
    """Write the six facts of each visit (21st Century Cures Act s.12006) as CSV, UTF-8 with a BOM.

    Names and places are masked unless the role is supervisor; who exported what is in the audit either way.
    """
    settings = current_settings()
    stores = open_stores(settings)
    days = f"{first.date()} to {last.date()}"
    try:
        facts = facts_of(stores.reading, settings.zone, first.date(), last.date())
        with stores.unit_of_work() as work:
            detail = f"{days}, {'whole' if role == 'supervisor' else 'masked'}"
            actor = f"command:{getpass.getuser()}"[:60]
            work.add(AuditEntry(at=now(), actor=actor, action="visit.exported", subject="visits", detail=detail))
        lines = csv_of(facts, Lens(Identity(actor, "", role)), settings.zone)
        if output is None:
            for line in lines:
                click.echo(line.encode(), nl=False)
        else:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
    except Invalid as wrong:
        raise click.UsageError(str(wrong)) from wrong
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database does not answer ({type(error).__name__}); run ./scripts/up"
        ) from error
    finally:
        stores.redis.close()
        stores.engine.dispose()
