"""Checkouts to run the scripts in, and settings of instances that disturb nobody."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port, free_ports, free_udp_block
from tests.scripts.checkout import Checkout, copy_checkout


def instance_variables() -> dict[str, str]:
    """Give an instance's ports, all free at this moment."""
    redis, http, ami, agi, web = free_ports(5)
    rtp = free_udp_block(100)
    ports = {
        "REDIS": redis, "HTTP": http, "AMI": ami, "AGI": agi, "WEB": web, "SIP": free_port(),
    }  # fmt: skip
    named = {f"ELDERLINE_{name}_PORT": str(port) for name, port in ports.items()}
    return {**named, "ELDERLINE_RTP_FIRST": str(rtp), "ELDERLINE_RTP_LAST": str(rtp + 99)}


@pytest.fixture(scope="session")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of the checkout for all tests of the session."""
    assert os.geteuid() == 0, "needs root, as ./scripts/up does"
    return copy_checkout(tmp_path_factory.mktemp("checkout") / "elderline")


@pytest.fixture
def checkout(copied: Path) -> Iterator[Checkout]:
    """The copy with nothing under ``var`` yet, and free ports."""
    shutil.rmtree(copied / "var", ignore_errors=True)
    yield Checkout(copied, instance_variables())
    shutil.rmtree(copied / "var", ignore_errors=True)
