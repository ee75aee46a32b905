"""Asterisk for a machine whose own packages have none: a root file system, made once and shared by all instances."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pydantic import ValidationError

from routing.settings import Settings, load_settings
from scripts.asterisk_root import PREFIX, NoAsteriskError, find_root
from scripts.commands.settings import sentence
from scripts.install.debian import Packages, unpack
from scripts.install.room import ROOT_FILE_SYSTEM_BYTES
from scripts.install.steps import Steps, Trouble, exit_with
from scripts.parts import ROOT

PACKAGES = Packages(
    what="Asterisk's root file system",
    suite="forky",  # The Debian release that has Asterisk 22 LTS; Debian 12 and 13 have none.
    variant="minbase",
    names=("asterisk", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav"),
    proof="usr/sbin/asterisk",
    room_bytes=ROOT_FILE_SYSTEM_BYTES,
)


def root_folder(settings: Settings) -> Path:
    """Give the place of the root file system; the name is a key of what is in it."""
    return settings.cache_dir / f"{PREFIX}{PACKAGES.key}"


def need_asterisk(settings: Settings, steps: Steps) -> Path:
    """Give the root of an Asterisk that we can run, and build one if there is none. Raises Trouble."""
    try:
        return find_root(settings)
    except NoAsteriskError as error:
        if settings.asterisk_root is not None:
            raise Trouble(str(error)) from error
    _need_namespaces()
    target = root_folder(settings)
    unpack(PACKAGES, target, settings.var_dir / "log" / "install.log", steps)
    return target


def _need_namespaces() -> None:
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        why = tried.stderr.strip()
        raise Trouble(
            f"Asterisk needs a mount namespace, which this machine refuses ({why}): a container needs CAP_SYS_ADMIN"
        )


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
    except KeyboardInterrupt:
        return exit_with("interrupted; run it again to go on from here", "test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
