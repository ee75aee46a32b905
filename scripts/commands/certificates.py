"""`elderline certificates import`: workers' certificates from files."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from db.elders_import import MissingColumns, UnreadableFile
from db.encryption import FieldKeyError
from routing.orders.qualifying.importing import CertificateImport
from scripts.commands.settings import current_settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores

_SHOWN = 1_000


@click.group("certificates")
def certificates_group() -> None:
    """Certificates of workers."""


@certificates_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(file: Path) -> None:
    """Take the certificates of a CSV or XLSX FILE: good rows once; each bad one is named with what to do.

    The columns are in docs/visits.md. Exit status 1: the file or the database could not be read; rows that were not
    taken are no failure.
    """
    settings = current_settings()
    try:
        joined = HotlineServices(open_stores(settings))
        bring_in = CertificateImport(
            joined.stores.reading, joined.certificates, lambda: joined.clock().astimezone(settings.zone).date()
        )
        with tqdm(unit=" rows", file=sys.stderr, desc=file.name) as bar:
            done = bring_in.run(file, f"command:{getpass.getuser()}"[:60], bar.update)
    except (UnreadableFile, MissingColumns, FieldKeyError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database failed ({type(error).__name__}); the rows before are in, run the import again"
        ) from error
    click.echo(done.summary())
    for each in done.bad[:_SHOWN]:
        click.echo(f"  行 row {each.row} {each.worker}: {each.reason('zh-CN')} / {each.reason('en')}")
    if len(done.bad) > _SHOWN:
        click.echo(f"  ... 共 {len(done.bad)} 行 / {len(done.bad)} in all")
