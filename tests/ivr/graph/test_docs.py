"""The pages in docs/flows are what the code gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.graph.explorer import Explored
from scripts.commands.flows import page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

DOCS = Path(__file__).parents[3] / "docs" / "flows"


def test_every_page_is_as_the_code_is(explored: Explored) -> None:
    """If it is not: `elderline flows --write docs/flows`."""
    kept = {path.stem: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md") if path.stem != "README"}
    assert {name: page(graph) for name, graph in explored.graphs.items()} == kept
