"""Room on disk, asked for before anything is begun."""

from __future__ import annotations

import shutil
from pathlib import Path

from scripts.install.steps import Trouble

ROOT_FILE_SYSTEM_BYTES = 1_500_000_000
"""Asterisk's root file system takes 430 MB, the packages it is unpacked from as much again, and some to spare."""
RUNNING_BYTES = 350_000_000
"""For the database, logs and Redis's file of a first day, and 120 MB of slow and loud prompts."""


def need_room(folder: Path, size: int, why: str) -> None:
    """Raise Trouble unless the file system of `folder` (which need not exist yet) has `size` bytes free."""
    place = folder
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < size:
        raise Trouble(
            f"no room on disk: {why} needs {size / 1e6:.0f} MB in {folder}, and {free / 1e6:.0f} MB are free there"
        )
