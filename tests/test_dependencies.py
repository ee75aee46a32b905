"""What we depend on: nothing that is not used, and nothing without its reason in docs/dependencies.md."""

from __future__ import annotations

import ast
import json
import re
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GIVEN = {"panoramisk", "pyst2", "flask", "sqlalchemy", "rq", "redis", "pytest"}
"""Named by the project itself; docs/dependencies.md says so in one sentence."""
NOT_IMPORTED = {"tzdata"}
"""Data that zoneinfo finds by itself."""


def required(section: str, option: str) -> set[str]:
    setup = ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup[section][option].split("\n")
    return {re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0] for line in lines if line and not line.startswith("#")}


def imported_distributions() -> set[str]:
    """Give the distributions, in lower case with hyphens, that our packages import from."""
    owners = packages_distributions()
    modules: set[str] = set()
    for package in ("ivr", "routing", "agent_console", "db", "scripts"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules.add(node.module.partition(".")[0])
    return {plain(owner) for module in modules for owner in owners.get(module, ())}


def plain(name: str) -> str:
    return name.lower().replace("_", "-")


@pytest.mark.parametrize(
    ("section", "option"),
    [("options", "install_requires"), ("options.extras_require", "dev"), ("options.extras_require", "ears")],
)
def test_each_dependency_has_its_reason(section: str, option: str) -> None:
    told = {plain(word) for word in re.findall(r"[\w-]+", (ROOT / "docs/dependencies.md").read_text(encoding="utf-8"))}
    assert {plain(name) for name in required(section, option)} - told - GIVEN == set()


def test_each_dependency_is_used() -> None:
    needed = {plain(name) for name in required("options", "install_requires")} - NOT_IMPORTED
    assert needed - imported_distributions() == set()


def test_the_libraries_of_the_browser_are_those_that_the_lock_names() -> None:
    lock = json.loads((ROOT / "scripts/browser_library/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all("integrity" in package and "resolved" not in package for name, package in lock.items() if name)
    static = ROOT / "agent_console/static"
    jssip, uplot = ((static / f"{name}.js").read_text(encoding="utf-8") for name in ("jssip", "uplot"))
    version = lock["node_modules/jssip"]["version"]
    assert jssip.startswith(f"/* JsSIP {version},")
    assert f'title:"JsSIP",description:"The Javascript SIP library",version:"{version}"' in jssip
    assert uplot.startswith(f"/* uPlot {lock['node_modules/uplot']['version']},")
    bundled = {name.removeprefix("node_modules/") for name in lock if name and not lock[name].get("optional")}
    licences = [(static / f"{name}.licences.txt").read_text(encoding="utf-8") for name in ("jssip", "uplot")]
    told = {line[3:] for text in licences for line in text.splitlines() if line.startswith("== ")}
    assert told == bundled - {"esbuild"}
