"""What a package tool said, told in one sentence. The outputs are those of apt, pip and mmdebstrap themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.install.words import judge

LOG = Path("var/log/install.log")
DETAILS = f"; the details are in {LOG}"


@pytest.mark.parametrize(
    "output",
    [
        "E: You don't have enough free space in /var/cache/apt/archives/.",
        "dpkg: error processing archive x.deb (--unpack): cannot copy extracted data: No space left on device",
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "Err:1 http://deb.example.org forky InRelease  Could not connect\nE: write: No space left on device",
    ],
)
def test_no_room(output: str) -> None:
    assert judge(output, "the packages", LOG) == "no room on disk while installing the packages" + DETAILS


@pytest.mark.parametrize(
    "output",
    [
        "Err:1 http://deb.example.org bookworm InRelease\n  Temporary failure resolving 'deb.example.org'",
        "E: Failed to fetch http://deb.example.org/redis.deb  Could not connect to deb.example.org:80",
        "E: Unable to locate package mmdebstrap",
        "WARNING: Retrying ... NewConnectionError: Failed to establish a new connection: [Errno 101]",
        "ERROR: No matching distribution found for alembic==1.20.1",
    ],
)
def test_no_source(output: str) -> None:
    assert "a package source could not be reached for the packages" in judge(output, "the packages", LOG)


def test_anything_else_points_to_the_log() -> None:
    assert judge("dpkg: half-installed", "the packages", LOG) == "installing the packages failed" + DETAILS
