"""Debian 12's Python beside the machine's own: ``python3 -m scripts.install.older_python FOLDER PROGRAM``.

The library of the SIP phones (docs/dependencies.md) has wheels for Python 3.11 and 3.12 only, and Debian 13 comes with
3.13. The hotline itself needs none of this. Debian 12's Python runs on a later Debian from wherever it is unpacked.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from scripts.install.debian import Packages, unpack
from scripts.install.steps import Steps, Trouble, exit_with

PACKAGES = Packages(
    what="a Python 3.11 for the SIP phones",
    suite="bookworm",
    variant="extract",
    names=("python3.11-venv",),  # With it come the interpreter, and the pip that fills environments made by it.
    proof="usr/bin/python3.11",
    room_bytes=300_000_000,
)


def main(folder: Path, program: str) -> int:
    """Unpack it into `folder` unless it is there. Gives the exit status; `program` is who says so if it fails."""
    if (folder / PACKAGES.proof).exists():
        return 0
    try:
        unpack(PACKAGES, folder, Path(os.environ["INSTALL_LOG"]).resolve(), Steps())
    except Trouble as error:
        return exit_with(str(error), program)
    except KeyboardInterrupt:
        return exit_with("interrupted; run it again to go on from here", program)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
