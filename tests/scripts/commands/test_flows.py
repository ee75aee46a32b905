"""`elderline flows`."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from scripts.cli import elderline

DOCS = Path(__file__).parents[3] / "docs" / "flows"


def test_a_page_for_a_conversation_is_written(tmp_path: Path) -> None:
    """That all pages in docs/flows are true is shown in tests/ivr/graph, where the graph of everything is at hand."""
    done = CliRunner().invoke(elderline, ["flows", "--write", str(tmp_path), "promised"])
    assert done.exit_code == 0, done.output
    (page,) = tmp_path.iterdir()
    assert page.read_text(encoding="utf-8") == (DOCS / "promised.md").read_text(encoding="utf-8")


def test_one_conversation_is_printed_in_each_form() -> None:
    for form, begin in (("mermaid", "flowchart TD"), ("dot", 'digraph "promised" {'), ("json", "{")):
        done = CliRunner().invoke(elderline, ["flows", "--format", form, "promised"])
        assert done.exit_code == 0, done.output
        assert done.output.startswith(begin)
    promised = json.loads(done.output)["promised"]
    assert [state["words"] for state in promised["states"]] == [["callback.promised"], ["callback.promised"]]


def test_a_conversation_that_is_none_is_refused() -> None:
    assert CliRunner().invoke(elderline, ["flows", "nowhere"]).exit_code == 2
