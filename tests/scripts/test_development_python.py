"""The Python of the phones and the tests, on a machine whose own is too new for the phones' library: Debian 12's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.scripts.checkout import Checkout

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NEED = """
set -euo pipefail
PROGRAM=test
. scripts/lib/steps.sh
. scripts/lib/packages.sh
. scripts/lib/python.sh
need_folder var
need_python var/venv-try nothing.txt $0
"""


def test_a_python_that_is_too_new_gives_way_to_debian_12s(checkout: Checkout, tmp_path: Path) -> None:
    """This machine's own plays the one that is too new: what is asked for is older than 3.11."""
    (checkout.folder / "nothing.txt").write_text("")
    cache = {"ELDERLINE_CACHE_DIR": str(tmp_path)}
    own = checkout.run("bash", "-c", NEED, "99", **cache)
    assert own.returncode == 0, own.stdout + own.stderr
    assert not list(tmp_path.iterdir()), "the machine's own Python will do, and nothing is unpacked"

    (checkout.folder / "var/venv-try/.installed").unlink()
    (tmp_path / "python-3.11/usr/bin").mkdir(parents=True)  # Half of one, which is no reason not to make it.
    older = checkout.run("bash", "-c", NEED, "11", seconds=240, **cache)
    assert older.returncode == 0, older.stdout + older.stderr
    python = checkout.folder / "var/venv-try/bin/python"
    assert python.resolve().is_relative_to(tmp_path)
    said = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, text=True, check=True).stdout
    assert "venv-try" in said
