"""Units of work for commands: the database of this checkout's settings, opened for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.encryption import FieldCipher, FieldKeyError
from db.session import make_engine, make_unit_of_work
from routing.settings import Settings


@contextmanager
def work(settings: Settings) -> Iterator[Session]:
    """Give a session that commits at the end. Raises click.ClickException when the database or the keys fail."""
    try:
        cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
        engine = make_engine(settings.database, cipher, settings.zone)
        try:
            with make_unit_of_work(engine)() as session:
                yield session
        finally:
            engine.dispose()
    except FieldKeyError as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise click.ClickException(f"the database does not answer as it should ({reason}); is it migrated?") from error
