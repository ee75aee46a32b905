"""`elderline orders`: work orders from files, and the counts that dispatch goes by."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError
from tqdm import tqdm

from db.counting import recount
from db.elders_import import MissingColumns, UnreadableFile
from db.encryption import FieldKeyError
from routing.orders.orders_import.report import write_report
from routing.orders.orders_import.run import OrdersImport
from routing.orders.service import Orders
from scripts.commands.settings import current_settings
from scripts.commands.store import work
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import now, open_stores

_SHOWN = 1_000


@click.group("orders")
def orders_group() -> None:
    """Work orders."""


@orders_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write all bad rows to this CSV file.")
def import_command(file: Path, report: Path | None) -> None:
    """Place the orders of a CSV or XLSX FILE: good rows once, by their reference; each bad one is told.

    The columns, and what can be wrong, are in docs/plans.md.
    """
    settings = current_settings()
    try:
        stores = open_stores(settings)
        joined = HotlineServices(stores)
        # Nobody is asked from here: the worker's sweep takes up what was placed, a hundred at a time.
        orders = Orders(
            stores.unit_of_work, stores.reading, joined.clock, lambda _moved: None, lambda _order: None,
            notices=joined.notices,
        )  # fmt: skip
        with tqdm(unit=" rows", file=sys.stderr, desc=file.name) as bar:
            done = OrdersImport(stores.reading, joined.clock, orders, settings.zone).run(file, bar.update)
    except (UnreadableFile, MissingColumns, FieldKeyError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database failed ({type(error).__name__}); the rows before are in, run the import again"
        ) from error
    click.echo(done.summary())
    for each in done.bad[:_SHOWN]:
        click.echo(f"  行 row {each.row} {each.reference}: {each.reason('zh-CN')} / {each.reason('en')}")
    if len(done.bad) > _SHOWN:
        click.echo(f"  ... 共 {len(done.bad)} 行 / {len(done.bad)} in all; --report FILE")
    if report is not None:
        write_report(report, done.bad)
        click.echo(f"报告 / report: {report}")


@orders_group.command("recount")
@click.option("--repair", is_flag=True, help="Put right what is wrong.")
def recount_command(repair: bool) -> None:
    """Compare what dispatch knows of each company's days with the orders and offers themselves.

    Exit status 1: something is wrong, and was not put right.
    """
    settings = current_settings()
    with work(settings) as session:
        wrong = recount(session, settings.zone, now().astimezone(settings.zone).date(), repair=repair)
    for each in wrong:
        click.echo(
            f"  company {each.slot.company_id}, {each.slot.day}, {each.slot.what}: kept {each.kept}, found {each.found}"
        )
    click.echo(f"{len(wrong)} counts are wrong{' and were put right' if wrong and repair else ''}")
    if wrong and not repair:
        raise click.exceptions.Exit(1)
