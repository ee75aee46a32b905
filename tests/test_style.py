"""What no linter asks of the files of this repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOST_LINES = 300
VAGUE = re.compile(r"(^|[/_])(utils?|helpers?|misc)([._/]|$)")
OF_ONE_MACHINE = re.compile(
    r"/(root|work)/|pypi\.org|deb\.debian\.org|registry\.npmjs\.org|snapshot\.debian\.org", re.IGNORECASE
)
"""Folders of whoever wrote a file, and hosts of packages: both are the machine's own to set."""
SKIPS = re.compile(r"pytest\.(mark\.)?(skip|importorskip)|[S]kipTest|run=[F]alse")
WITHOUT_CODE = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!: ?[A-Z]+[0-9]))")


def tracked(*patterns: str) -> Iterator[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # What was moved or deleted and not yet committed is listed still.
    return (name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def lines_with(pattern: re.Pattern[str], *files: str) -> list[str]:
    found = []
    for name in tracked(*files):
        content = (ROOT / name).read_bytes()
        if b"\0" in content:  # Sounds and pictures.
            continue
        for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    return found


def test_a_file_is_about_one_thing() -> None:
    long = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in tracked("*.py")}
    assert long
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}


def test_names_say_what_is_in_a_file() -> None:
    assert [name for name in tracked() if VAGUE.search(name)] == []


def test_nothing_holds_for_one_machine_only() -> None:
    assert lines_with(OF_ONE_MACHINE) == []


def test_what_is_ignored_is_named() -> None:
    assert lines_with(WITHOUT_CODE, "*.py") == []


def test_no_test_is_skipped() -> None:
    """./scripts/test installs whatever a test needs, so what is missing is an error."""
    assert lines_with(SKIPS, "tests/*.py", "setup.cfg") == []


def test_the_patterns_find_what_they_are_for() -> None:
    assert all(VAGUE.search(name) for name in ("db/utils.py", "helpers/x.py", "a/call_util.py", "misc"))
    assert not VAGUE.search("ivr/miscarried.py")
    here = "/".join(("", "root", "elderline"))
    assert OF_ONE_MACHINE.search(here) and OF_ONE_MACHINE.search("https://" + "pypi" + ".org/simple")
    for way in ("mark.skipif(x)", "skip('needs y')", "importorskip('z')"):
        assert SKIPS.search("pytest." + way)
    for ignored in ("type: ignore", "noqa", "noqa, S603"):
        assert WITHOUT_CODE.search("x = 1  # " + ignored)
    assert not WITHOUT_CODE.search("x = 1  # " + "type: ignore[misc]  # " + "noqa: S603")
