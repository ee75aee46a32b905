"""`elderline import` and `migrate`: what goes into the database from outside."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from db.counting import recount
from db.elders_import import ImportReport, MissingColumns, UnreadableFile, import_elders
from db.elders_import.files import open_table
from db.encryption import FieldCipher, FieldKeyError
from db.migrate import SchemaTooNew, upgrade
from db.session import make_engine, make_unit_of_work
from routing.elders.entry import elders_number
from routing.errors import Invalid
from routing.orders.providers.importing import import_companies
from scripts.commands.settings import current_settings
from scripts.commands.store import work
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import now, open_stores

MOST_FAULTS = 50
"""Bad rows of companies that are printed."""


@click.group("import")
def import_group() -> None:
    """Bring records in from files."""


@import_group.command("elders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write all bad rows to this CSV file.")
def elders(file: Path, report: Path | None) -> None:
    """Bring elders in from a CSV or XLSX FILE: good rows go in, each bad one is named with its reason.

    Elders are matched by their registration number; importing a file again changes nothing.
    """
    settings = current_settings()
    try:
        cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
        engine = make_engine(settings.database, cipher, settings.zone)
        with tqdm(unit=" rows", file=sys.stderr, desc=file.name) as bar:
            done = import_elders(
                file, make_unit_of_work(engine), cipher, elders_number(settings.country, settings.area_code),
                progress=lambda read, about: _advance(bar, read, about), report_path=report,
                today=datetime.now(settings.zone).date(),
            )  # fmt: skip
    except (UnreadableFile, MissingColumns, FieldKeyError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database failed ({type(error).__name__}); the rows before are in, run the import again"
        ) from error
    _tell(done, report)


def _advance(bar: tqdm[NoReturn], read: int, about: int | None) -> None:
    bar.total = about
    bar.update(read)


def _tell(done: ImportReport, report: Path | None) -> None:
    """Say in both languages what was done, and name each bad row: whoever gave the file may read only one."""
    click.echo(f"{done.summary('zh-CN')}\n{done.summary('en')}")
    for fault in done.faults:
        place = " ".join(filter(None, (f"行 row {fault.row}", fault.code, fault.column)))
        click.echo(f"  {place}: {fault.reason('zh-CN')} / {fault.reason('en')}")
    if done.fault_count > len(done.faults):
        click.echo(f"  ... 共 {done.fault_count} 条 / {done.fault_count} in all; --report FILE")
    if done.ignored_columns:
        click.echo(f"未使用的列 / columns not used: {', '.join(done.ignored_columns)}")
    if report is not None:
        click.echo(f"报告 / report: {report}")


@import_group.command("companies")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def companies(file: Path) -> None:
    """Bring companies in from a CSV or XLSX FILE: good rows go in, each bad one is named with what to do.

    Columns: code, name, phone, items (codes), and if wanted districts, daily_capacity, latitude, longitude. Companies
    are matched by their code; importing a file again changes nothing.
    """
    services = HotlineServices(open_stores(current_settings()))
    try:
        done = import_companies(open_table(file).rows, services.company_register)
    except (UnreadableFile, Invalid, OSError) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database failed ({type(error).__name__}); the rows before are in, run the import again"
        ) from error
    click.echo(f"新增 {done.added}，已有 {done.known}，有误 {len(done.faults)}")
    click.echo(f"added {done.added}, known {done.known}, wrong {len(done.faults)}")
    for fault in done.faults[:MOST_FAULTS]:
        click.echo(f"  行 row {fault.row} {fault.code}: {fault.reason}")
    if len(done.faults) > MOST_FAULTS:
        click.echo(f"  ... 共 {len(done.faults)} 条 / {len(done.faults)} in all")


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    settings = current_settings()
    try:
        upgrade(settings.database)
        with work(settings) as session:  # A migration that adds the counts leaves them empty.
            recount(session, settings.zone, now().astimezone(settings.zone).date(), repair=True)
    except SchemaTooNew as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database could not be migrated: {getattr(error, 'orig', error)}") from error
    click.echo("the database has the newest schema")
