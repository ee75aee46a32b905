"""`elderline import` and `migrate`: what goes into the database from outside."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from db.migrate import SchemaTooNew, upgrade
from scripts.commands.settings import current_settings


@click.group("import")
def import_group() -> None:
    """Bring records in from files."""


@import_group.command("elders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def elders(file: Path) -> None:
    """Bring elders in from a CSV or XLSX FILE: good rows go in, each bad one is named with its reason."""
    import_module("db.elders_import").command(current_settings(), file)


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    settings = current_settings()
    try:
        upgrade(settings.database)
    except SchemaTooNew as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database could not be migrated: {getattr(error, 'orig', error)}") from error
    click.echo("the database has the newest schema")
