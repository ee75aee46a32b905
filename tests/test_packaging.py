"""A wheel holds all that our packages read at run time."""

from __future__ import annotations

import subprocess
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parent.parent
SHELL = "scripts/"
"""Its shell files are for a checkout: they make the environment that a wheel would be installed in."""


def test_each_file_beside_our_modules_is_package_data() -> None:
    setup = ConfigParser(interpolation=None)
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    packed = {
        path.relative_to(ROOT).as_posix()
        for package, patterns in setup["options.package_data"].items()
        for pattern in patterns.split()
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    packages = ("ivr", "routing", "agent_console", "db", "scripts")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *packages], cwd=ROOT, capture_output=True, text=True, check=True
    )
    data = {name for name in listed.stdout.split("\0") if name and not name.endswith(".py")}
    assert {name for name in data - packed if not name.startswith(SHELL)} == set()
