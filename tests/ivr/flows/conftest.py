"""The demo town behind the flows."""

from __future__ import annotations

import pytest

from tests.ivr.flows.talk import Exchange
from tests.routing.town import Town
from tests.routing.town_fixture import demo_file, town

__all__ = ["demo_file", "town"]


@pytest.fixture
def exchange(town: Town) -> Exchange:
    """Puts calls through to the flows."""
    return Exchange(town)
