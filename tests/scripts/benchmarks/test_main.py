"""The command: one object on stdout, whatever else is written there."""

from __future__ import annotations

import json
import subprocess
import sys

from scripts.parts import ROOT

PROGRAM = """
import os
from scripts.benchmarks import __main__ as bench

def stage(folder, say, until, alone):
    say("for people")
    os.write(1, b"a library's own words")
    return {"lookup_p99_ms_14k": 0.5}

bench._STAGES["lookup"] = stage
bench.machine = dict
bench.main(["--json", "--only", "lookup"])
"""


def test_nothing_but_the_object_is_on_stdout() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout)["lookup_p99_ms_14k"] == 0.5
    assert "for people" in done.stderr
    assert "a library's own words" in done.stderr
