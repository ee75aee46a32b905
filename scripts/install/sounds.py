"""Slow and loud prompts, made beside everything else: until they are there, callers hear the normal ones."""

from __future__ import annotations

import os
import subprocess
import sys

from routing.settings import Settings
from scripts.parts import ROOT, log_file
from scripts.supervise import Supervisor


def make_versions(settings: Settings, supervisor: Supervisor) -> subprocess.Popen[bytes]:
    """Start what makes them, and leave it to itself: after an interruption the next `up` goes on from there.

    It bears the mark of the supervisor's children, so that `./scripts/down` finds it.
    """
    environment = {**os.environ, "SUPERVISOR_SERVER_URL": f"unix://{supervisor.socket}"}
    command = (sys.executable, "-m", "scripts.cli", "prompts", "versions", "--modestly")
    with log_file(settings, "versions").open("wb") as log:
        return subprocess.Popen(
            [*command, "--own", str(settings.var_dir / "prompts")], cwd=ROOT, env=environment,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
