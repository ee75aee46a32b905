"""Imports among our modules: no two need each other, not even for their annotations."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp


def test_no_modules_import_each_other() -> None:
    graph = grimp.build_graph("ivr", "routing", "agent_console", "db", "scripts", cache_dir=None)
    assert len(graph.modules) > 100
    needs = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(needs).prepare()  # Raises CycleError, which names the modules.
