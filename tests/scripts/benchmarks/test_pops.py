"""The bench of the desk on real parts, small: what it times is a record that stood in a page for a call that rang."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.parts import ROOT

PROGRAM = """
import json, os, sys
from pathlib import Path
from scripts.benchmarks import pops

answer = os.dup(1)
os.dup2(2, 1)
figures = pops.run(Path(sys.argv[1]), print, elders=40, offers=3)
os.write(answer, json.dumps(figures).encode())
"""
"""A process of its own: Playwright's driver cannot be started twice in one."""


@pytest.mark.asterisk
@pytest.mark.phones
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(400)
def test_each_offer_is_timed_to_the_record_that_was_drawn(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=360,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    figures = json.loads(done.stdout)
    assert figures["desk_offers"] == 3
    for share in ("p50", "p99", "most"):
        order = [figures[f"desk_{name}_ms_{share}"] for name in ("asked", "answered", "drawn")]
        assert 0 < order[0] < order[1] < order[2], "in this order, and by one clock"
