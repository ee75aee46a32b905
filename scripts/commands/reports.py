"""`elderline report`: one of the reports, on the screen or as a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from agent_console.catalogue import ENGLISH, speaking
from agent_console.texts import word
from db.encryption import FieldKeyError
from db.models import AuditEntry
from routing.errors import DomainError
from routing.reports.book import NAMES
from routing.reports.periods import By
from routing.reports.sheets import file_of, shown
from routing.reports.tables import Report
from scripts.commands.settings import current_settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import now, open_stores

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("report")
@click.argument("name", type=click.Choice(NAMES))
@click.option("--from", "first", type=_DAY, help="First day, as 2026-03-01; default: the last seven days.")
@click.option("--to", "last", type=_DAY, help="Last day, included.")
@click.option("--by", type=click.Choice(list(By)), default=By.DAY, show_default=True, help="What a row is of.")
@click.option("--csv", "csv", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV file.")
@click.option("--xlsx", "xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Write a workbook.")
def report_command(
    *, name: str, first: datetime | None, last: datetime | None, by: str, csv: Path | None, xlsx: Path | None
) -> None:
    """Print a report, or write it to a file. docs/reports.md says what each figure is."""
    try:
        stores = open_stores(current_settings())
    except FieldKeyError as error:
        raise click.ClickException(str(error)) from error
    try:
        made = HotlineServices(stores).reports.make(name, first and first.date(), last and last.date(), by)
        if csv or xlsx:
            with stores.unit_of_work() as work:
                detail = f"{made.first}/{made.last}; by command"
                about = {"action": "report.exported", "subject": f"report:{name}", "detail": detail}
                work.add(AuditEntry(at=now(), actor="system", **about))
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database does not answer ({type(error).__name__}); run ./scripts/up"
        ) from error
    finally:
        stores.redis.close()
        stores.engine.dispose()
    with speaking(ENGLISH):
        for form, path in (("csv", csv), ("xlsx", xlsx)):
            if path is not None:
                path.write_bytes(file_of(made, form, word))
                click.echo(f"written: {path}")
        if csv is None and xlsx is None:
            _print(made)


def _print(made: Report) -> None:
    click.echo(f"{word('report_name', made.name)}, {made.first} to {made.last}")
    for table in made.tables:
        click.echo(f"\n{word('report_table', table.name)}")
        rows = [row for row in (*table.rows, *([table.total] if table.total else [])) if any(row[1:])]
        for row in rows:
            label = shown(row[0], table.columns[0], word) if row is not table.total else word("report", "total")
            told = [
                f"{word('report_column', column.code)} {shown(value, column, word)}"
                for value, column in zip(row[1:], table.columns[1:], strict=True)
                if value not in (None, "", 0)
            ]
            click.echo(f"  {label}: {', '.join(told)}")
        if not rows:
            click.echo("  nothing happened")
