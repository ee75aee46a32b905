"""Packages of the machine's own Debian mirror, unpacked below the cache folder: made once, whole or not at all.

Only the standard library here: this also runs before there is a Python environment.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from scripts.install.room import need_room
from scripts.install.steps import Steps, Trouble
from scripts.install.words import judge

_BUILD_SECONDS = 1200.0


@dataclass(frozen=True)
class Packages:
    """What is unpacked, from which release, and how: `variant` is mmdebstrap's; without `proof` it is not whole."""

    what: str
    suite: str
    variant: str
    names: tuple[str, ...]
    proof: str
    room_bytes: int

    @property
    def key(self) -> str:
        """Hexadecimal, of what will be in the folder; part of its name."""
        return hashlib.sha256("\0".join((self.suite, platform.machine(), *self.names)).encode()).hexdigest()[:12]


def unpack(packages: Packages, target: Path, log: Path, steps: Steps) -> None:
    """Fill `target`, unless another run has done so meanwhile. Raises Trouble."""
    need_room(target.parent, packages.room_bytes, f"building {packages.what}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target.parent / "building.lock", steps):
        if not (target / packages.proof).exists():
            shutil.rmtree(target, ignore_errors=True)  # Somebody removed a part of it, or a disk lost it.
            with steps.step(f"Building {packages.what} in {target} (about a minute)"):
                _build(packages, target, log, steps)


def _build(packages: Packages, target: Path, log: Path, steps: Steps) -> None:
    """Build beside `target` and move into place, so that what is there is always whole."""
    draft = Path(mkdtemp(prefix=f".making-{target.name}-", dir=target.parent))
    draft.chmod(0o755)  # It becomes a root folder, in which others than root have to find their way.
    command = [
        # If we are killed, so that we cannot end it, it still must not go on beside the next run.
        "setpriv", "--pdeathsig", "TERM",
        "mmdebstrap", f"--variant={packages.variant}", '--aptopt=Acquire::Check-Valid-Until "false"',
        # A source that does not answer is given up within a minute, and says so.
        "--aptopt=Acquire::Retries \"2\"", "--aptopt=Acquire::http::Timeout \"20\"",
        "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
        f"--include={','.join(packages.names)}", packages.suite, str(draft), debian_mirror(packages.what),
    ]  # fmt: skip
    try:
        done = steps.run(command, log, _BUILD_SECONDS)
        if done.returncode:
            raise Trouble(judge(done.stdout, packages.what, log))
        draft.rename(target)
    finally:
        for left in target.parent.glob(f".making-{target.name}-*"):
            shutil.rmtree(left, ignore_errors=True)  # Also by a run that was killed, or by a power failure.


def debian_mirror(what: str) -> str:
    """Give the Debian mirror that this machine's own package sources name, in whichever form they are written.

    Raises Trouble where there is none (on another distribution), saying that `what` cannot be had.
    """
    for uri, origin, label in _package_sources():
        if origin == "Debian" and label == "Debian":
            return uri
    for uri, *_ in _package_sources("--no-release-info"):
        if uri.rstrip("/").endswith("/debian"):  # The lists were never read, so that only the path can tell.
            return uri
    raise Trouble(f"this machine's package sources name no Debian mirror to take {what} from")


def _package_sources(*options: str) -> list[list[str]]:
    """Give address, origin and label of each package source, as apt itself understands its configuration."""
    listed = subprocess.run(
        ["apt-get", "indextargets", *options, "--format", "$(REPO_URI)\t$(ORIGIN)\t$(LABEL)", "Created-By: Packages"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return [line.split("\t") for line in listed.stdout.splitlines()]


@contextmanager
def _alone(path: Path, steps: Steps) -> Iterator[None]:
    """Hold a lock, so that two runs never build at once; the wait ends with the other's own bound."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.say("Another run is building there; waiting for that one")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
