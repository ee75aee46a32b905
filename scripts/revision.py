"""Fingerprints: what a part was started with, so that a second `./scripts/up` restarts only what changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from pydantic import SecretStr

from routing.settings import Settings
from scripts.asterisk_node import START
from scripts.asterisk_root import find_root
from scripts.parts import ROOT, Part, render_redis_config

# Asterisk takes up all else with a reload, which leaves calls alone; transports and modules it reads only at its start.
_ASTERISK_FILES = ("asterisk.conf", "modules.conf")
_ASTERISK_SETTINGS = ("bind_address", "sip_port", "http_port", "ami_port", "rtp_first", "rtp_last", "node")
_CODE = {".py", ".toml", ".yaml", ".yml", ".json", ".html", ".js", ".css", ".mako"}


def revisions(parts: Iterable[Part], settings: Settings, asterisk_etc: Path) -> dict[str, str]:
    """Give each part's fingerprint (hexadecimal): equal as long as it need not restart."""
    return {part.name: _revision(part, settings, asterisk_etc) for part in parts}


def tree_digest(*folders: Path, suffixes: Iterable[str] | None = None) -> str:
    """Digest the names and contents of the files below `folders`; `suffixes` chooses some of them."""
    wanted = None if suffixes is None else set(suffixes)
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and (wanted is None or path.suffix in wanted) and "__pycache__" not in path.parts:
                digest.update(f"{path}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _revision(part: Part, settings: Settings, asterisk_etc: Path) -> str:
    if part.name == "redis":
        stuff = [render_redis_config(settings)]
    elif part.name == "asterisk":
        values = settings.model_dump(mode="json")
        stuff = [json.dumps([values[name] for name in _ASTERISK_SETTINGS]), str(find_root(settings)), START]
        stuff += [path.read_text() for name in _ASTERISK_FILES if (path := asterisk_etc / name).is_file()]
    else:
        stuff = [_all(settings), tree_digest(*(ROOT / name for name in part.packages), suffixes=_CODE)]
        stuff.append((ROOT / "requirements.txt").read_text())
    return hashlib.sha256("\0".join((*part.command, *stuff)).encode()).hexdigest()[:16]


def _all(settings: Settings) -> str:
    plain = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in iter(settings)
    }
    return json.dumps(plain, default=str, sort_keys=True)
