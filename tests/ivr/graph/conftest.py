"""The graph of all conversations, explored once for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from ivr.graph.explorer import Explored, Graph, explore
from ivr.graph.proofs import merged
from scripts.rehearsal.world import RehearsalWorld
from scripts.rehearsal.worlds import all_worlds


@pytest.fixture(scope="session")
def worlds() -> Iterator[tuple[RehearsalWorld, ...]]:
    """All worlds; they share a town, so use one at a time."""
    with all_worlds() as made:
        yield made


@pytest.fixture(scope="session")
def explored(worlds: tuple[RehearsalWorld, ...]) -> Explored:
    """Every path through every conversation, in every world."""
    with capture_logs():
        return explore(worlds)


@pytest.fixture(scope="session")
def whole(explored: Explored) -> Graph:
    """All conversations as one graph."""
    return merged(explored.graphs.values())
