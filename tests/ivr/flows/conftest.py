"""The demo town behind the flows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.encryption import FieldCipher
from db.session import make_engine
from tests.ivr.flows.talk import Exchange
from tests.routing.town import Town


@pytest.fixture
def town(sqlite_url: str, cipher: FieldCipher) -> Iterator[Town]:
    engine = make_engine(sqlite_url, cipher)
    yield Town(engine, cipher)
    engine.dispose()


@pytest.fixture
def exchange(town: Town) -> Exchange:
    return Exchange(town)
