"""A copy of this checkout, to run `./scripts/up` and `./scripts/down` in without touching the real one."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_LEFT_OUT = shutil.ignore_patterns("var", ".git", "__pycache__", ".*_cache", "node_modules", "tests", ".env")


@dataclass(frozen=True)
class Checkout:
    """The copy, with the ports and folders of its instance as environment variables."""

    folder: Path
    variables: Mapping[str, str]

    def run(self, *command: str, seconds: float = 240, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy, without the variables of whoever runs the tests."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ELDERLINE_")}
        return subprocess.run(
            command, cwd=self.folder, env={**environment, **self.variables, **variables}, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip

    def lend_python(self) -> None:
        """Let the copy use the Python that runs the tests, as if `./scripts/up` had installed its own."""
        python = self.folder / "var/venv/bin/python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
        lock = (self.folder / "requirements.txt").read_bytes()
        (self.folder / "var/venv/.installed").write_text(f"{hashlib.sha256(lock).hexdigest()}  -\n")


def copy_checkout(target: Path) -> Path:
    """Copy what a clone would have (the tests are not needed there)."""
    shutil.copytree(ROOT, target, ignore=_LEFT_OUT)
    return target


def one_sentence(done: subprocess.CompletedProcess[str], program: str = "up") -> str:
    """Check that a command failed with one sentence on standard error and no traceback, and give the sentence."""
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith(f"{program}: "), lines
    return lines[0]
