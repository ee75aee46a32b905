"""The stage of the demo: what it says where the phones cannot be plugged in."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[3]


def test_a_taken_port_of_the_carrier_is_named_with_its_setting(tmp_path: Path) -> None:
    """In a process of its own, for a process has one PJSIP; the demo comes this far before it asks the hotline."""
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", port))
        done = subprocess.run(
            [sys.executable, "-m", "scripts.story"], cwd=ROOT, text=True, capture_output=True, timeout=60, check=False,
            env={"ELDERLINE_CARRIER_ADDRESS": f"127.0.0.1:{port}", "ELDERLINE_VAR_DIR": str(tmp_path)},
        )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"demo: the phones cannot listen at 127.0.0.1:{port}, ELDERLINE_CARRIER_ADDRESS" in done.stderr
