"""The demo town: on SQLite for most tests, and on both databases for those about concurrency."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from db.encryption import FieldCipher
from tests.routing.town import Town
from tests.routing.town_fixture import demo_file, town

__all__ = ["demo_file", "town"]


@pytest.fixture
def any_town(engine: Engine, cipher: FieldCipher) -> Town:
    """The town on each kind of database in turn."""
    return Town(engine, cipher)
