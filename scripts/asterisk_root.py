"""Where the Asterisk of this machine lies: the system's own, or a root file system made by ``./scripts/up``."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from routing.settings import Settings

OLDEST_MAJOR = 18
PREFIX = "asterisk-root-"


class NoAsteriskError(RuntimeError):
    """No Asterisk that we can run was found."""


def find_root(settings: Settings) -> Path:
    """Give the folder under which ``usr/sbin/asterisk`` lies: ``/`` for the system's own (18 or newer).

    The setting comes first, then the system's package, then the newest root file system in the cache folder.
    Raises NoAsteriskError.
    """
    if settings.asterisk_root is not None:
        if not (settings.asterisk_root / "usr/sbin/asterisk").is_file():
            raise NoAsteriskError(f"ELDERLINE_ASTERISK_ROOT={settings.asterisk_root} holds no usr/sbin/asterisk")
        return settings.asterisk_root
    if (major := system_major()) is not None and major >= OLDEST_MAJOR:
        return Path("/")
    made = sorted(settings.cache_dir.glob(PREFIX + "*/usr/sbin/asterisk"), key=lambda path: path.stat().st_mtime)
    if not made:
        raise NoAsteriskError("there is no Asterisk here yet: run ./scripts/up, which installs it")
    return made[-1].parents[2]


def system_major() -> int | None:
    """Give the major version of the system's own Asterisk, or None where there is none."""
    binary = Path("/usr/sbin/asterisk")
    if not binary.is_file():
        return None
    said = subprocess.run([str(binary), "-V"], capture_output=True, text=True, timeout=10, check=False).stdout
    found = re.search(r"Asterisk (\d+)\.", said)
    return int(found.group(1)) if found else None


def module_dir(root: Path) -> str:
    """Give the module folder as Asterisk sees it, for the machine's own architecture. Raises NoAsteriskError."""
    for folder in sorted(root.glob("usr/lib/*/asterisk/modules")) + sorted(root.glob("usr/lib/asterisk/modules")):
        return "/" + str(folder.relative_to(root))
    raise NoAsteriskError(f"{root} holds no Asterisk modules")
