"""`elderline statement`: a month of a company or an elder, as XLSX, CSV or a table of figures."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from db.encryption import FieldKeyError
from db.models import AuditEntry
from routing.errors import DomainError
from routing.orders.pricing.refusals import yuan
from routing.orders.pricing.sheets import as_csv, as_xlsx
from routing.orders.pricing.statements import Statement
from scripts.commands.settings import current_settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Stores, now, open_stores

_WRITERS = {".csv": as_csv, ".xlsx": as_xlsx}


@click.command("statement")
@click.option("--month", required=True, help="As 2026-03.")
@click.option("--company", help="Code of a company.")
@click.option("--elder", help="Registration number of an elder.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write, .xlsx or .csv.")
@click.option("--names", is_flag=True, help="Write names whole; without it, 王**.")
def statement_command(month: str, company: str | None, elder: str | None, out: Path | None, names: bool) -> None:
    """Print what a month of a company or an elder came to, and write the statement to a file."""
    if (company is None) == (elder is None):
        raise click.UsageError("give either --company or --elder")
    if out is not None and out.suffix.lower() not in _WRITERS:
        raise click.UsageError("--out ends in .xlsx or .csv")
    try:
        stores = open_stores(current_settings())
    except FieldKeyError as error:
        raise click.ClickException(str(error)) from error
    try:
        whose, code = ("company", company) if company is not None else ("elder", elder)
        drawn = HotlineServices(stores).statements.by_code(whose, str(code), month)
        if out is not None:
            _note(stores, drawn, names)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database does not answer ({type(error).__name__}); run ./scripts/up"
        ) from error
    finally:
        stores.redis.close()
        stores.engine.dispose()
    if out is not None:
        out.write_bytes(_WRITERS[out.suffix.lower()](drawn, str if names else _masked))
    click.echo(_summary(drawn))


def _note(stores: Stores, drawn: Statement, names: bool) -> None:
    """Write down that a statement is handed out, before it is."""
    with stores.unit_of_work() as work:
        detail = f"{drawn.month}; by command, {'names' if names else 'masked'}"
        subject = f"{drawn.whose}:{drawn.id}"
        work.add(AuditEntry(at=now(), actor="system", action="statement.drawn", subject=subject, detail=detail))


def _masked(name: str) -> str:
    return f"{name[:1]}**" if name else ""


def _summary(drawn: Statement) -> str:
    sums = drawn.totals
    owed = f", owed {yuan(sums.owed_fen)}, of it by the fund {yuan(sums.fund_fen)}" if drawn.whose == "company" else ""
    return (
        f"{drawn.whose} {drawn.code}, {drawn.month}: {sums.orders} orders, price {yuan(sums.price_fen)}, "
        f"subsidy {yuan(sums.subsidy_fen)}, elders pay {yuan(sums.pays_fen)}{owed}; disputed: {len(drawn.disputed)}"
    )
