"""Asterisk for a machine whose own packages have none: a root file system, made once and shared by all instances."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from routing.settings import Settings, load_settings
from scripts.asterisk_root import PREFIX, NoAsteriskError, find_root
from scripts.commands.settings import sentence
from scripts.install.room import ROOT_FILE_SYSTEM_BYTES, need_room
from scripts.install.steps import Steps, Trouble, exit_with
from scripts.install.words import judge
from scripts.parts import ROOT

SUITE = "forky"
"""The Debian release that has Asterisk 22 LTS; Debian 12 and 13 have none."""
PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav")
_BUILD_SECONDS = 1200.0


def root_folder(settings: Settings) -> Path:
    """Give the place of the root file system; the name is a key of what is in it."""
    key = hashlib.sha256("\0".join((SUITE, platform.machine(), *PACKAGES)).encode()).hexdigest()[:12]
    return settings.cache_dir / f"{PREFIX}{key}"


def need_asterisk(settings: Settings, steps: Steps) -> Path:
    """Give the root of an Asterisk that we can run, and build one if there is none. Raises Trouble."""
    try:
        return find_root(settings)
    except NoAsteriskError as error:
        if settings.asterisk_root is not None:
            raise Trouble(str(error)) from error
    target = root_folder(settings)
    need_room(settings.cache_dir, ROOT_FILE_SYSTEM_BYTES, "building Asterisk's root file system")
    settings.cache_dir.mkdir(parents=True, exist_ok=True)
    with _alone(settings.cache_dir / "building.lock", steps):
        if not target.is_dir():  # Another run may have built it while we waited.
            with steps.step(f"Building Asterisk's root file system in {target} (about a minute)"):
                _build(target, settings.var_dir / "log" / "install.log", steps)
    return target


def _build(target: Path, log: Path, steps: Steps) -> None:
    """Build beside `target` and move into place, so that what is there is always whole."""
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        why = tried.stderr.strip()
        raise Trouble(
            f"Asterisk needs a mount namespace, which this machine refuses ({why}): a container needs CAP_SYS_ADMIN"
        )
    draft = target.with_name(f".making-{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    command = [
        "mmdebstrap", "--variant=minbase", '--aptopt=Acquire::Check-Valid-Until "false"',
        # A source that does not answer is given up within a minute, and says so.
        "--aptopt=Acquire::Retries \"2\"", "--aptopt=Acquire::http::Timeout \"20\"",
        "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
        f"--include={','.join(PACKAGES)}", SUITE, str(draft), debian_mirror(),
    ]  # fmt: skip
    try:
        done = steps.run(command, log, _BUILD_SECONDS)
        if done.returncode:
            raise Trouble(judge(done.stdout, "Asterisk's root file system", log))
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def debian_mirror() -> str:
    """Give the Debian mirror that this machine's own package sources name, in whichever form they are written.

    Raises Trouble where there is none (on another distribution, whose own package serves).
    """
    for uri, origin, label in _package_sources():
        if origin == "Debian" and label == "Debian":
            return uri
    for uri, *_ in _package_sources("--no-release-info"):
        if uri.rstrip("/").endswith("/debian"):  # The lists were never read, so that only the path can tell.
            return uri
    raise Trouble(
        "this machine's package sources name no Debian mirror, and its own asterisk package is not 18 or newer"
    )


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
            steps.say("Another run is building it; waiting for that one")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build what is missing, for the tests: ``python -m scripts.install.asterisk``."""
    try:
        settings = load_settings(ROOT)
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        need_asterisk(settings, Steps())
    except ValidationError as error:
        return exit_with(sentence(error), "test")
    except Trouble as error:
        return exit_with(str(error), "test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
