"""What the staffing commands share: days of calls (from the profile that ships, a file, the database), pictures."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import SQLAlchemyError

from db.encryption import FieldCipher, FieldKeyError
from db.session import make_engine, make_reading
from routing.calls.history import CallHistory
from routing.settings import Settings
from routing.staffing.history import Day, HistoryError, count, read_history, read_profile

SHIPPED = "bank_calls"
"""Mean calls by half hour of a large bank's 164 working days in 2003 (`bank_calls` of the R package fpp3; first used
by J. Weinberg, L. Brown and J. Stroud, "Bayesian forecasting of an inhomogeneous Poisson process", JASA 102, 2007)."""
LARGEST_BYTES = 100_000_000


def profile(name: str) -> Day:
    """Read the profile that ships, or that of a CSV file. Raises click.ClickException."""
    if name == SHIPPED:
        return read_profile((files("routing.staffing") / "profiles" / f"{SHIPPED}.csv").read_text("utf-8").splitlines())
    try:
        return read_profile(_lines(Path(name)))
    except HistoryError as error:
        raise click.ClickException(f"{name}: {error}") from error


def history_of_file(path: Path, zone: ZoneInfo) -> dict[date, Day]:
    """Read a history from CSV. Raises click.ClickException."""
    try:
        return read_history(_lines(path), zone)
    except HistoryError as error:
        raise click.ClickException(f"{path}: {error}") from error


def history_of_database(settings: Settings, weeks: int) -> dict[date, Day]:
    """Count the calls in the database of the latest `weeks` weeks, until yesterday. Raises click.ClickException."""
    today = datetime.now(settings.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
        engine = make_engine(settings.database, cipher)
        try:
            moments = CallHistory(make_reading(engine)).inbound_since(today - timedelta(weeks=weeks))
            return count((moment for moment in moments if moment < today), settings.zone)
        finally:
            engine.dispose()
    except FieldKeyError as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise click.ClickException(f"the database does not answer as it should ({reason}); is it migrated?") from error


def keep_pictures_cache(settings: Settings) -> None:
    """Have matplotlib, once it is imported, keep its list of fonts below var like all else that is made at run time."""
    os.environ.setdefault("MPLCONFIGDIR", str(settings.var_dir / "matplotlib"))


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise click.ClickException(f"{path} is larger than {LARGEST_BYTES // 1_000_000} MB")
        return path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is not UTF-8 text") from error
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}") from error
