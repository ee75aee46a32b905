"""The demo town, on SQLite for most tests and on both databases for those about concurrency."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from db.encryption import FieldCipher
from db.session import make_engine
from tests.routing.town import Town


@pytest.fixture
def town(sqlite_url: str, cipher: FieldCipher) -> Iterator[Town]:
    """The town on a SQLite of the test's own."""
    engine = make_engine(sqlite_url, cipher)
    yield Town(engine, cipher)
    engine.dispose()


@pytest.fixture
def any_town(engine: Engine, cipher: FieldCipher) -> Town:
    """The town on each kind of database in turn."""
    return Town(engine, cipher)
