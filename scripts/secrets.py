"""The secrets of one instance: made once, kept in ``var/secrets.env`` for its owner's eyes only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from dotenv import dotenv_values

from db.encryption import new_key

_MAKERS: dict[str, Callable[[], str]] = {
    "ELDERLINE_FIELD_KEY": new_key,
    "ELDERLINE_INDEX_KEY": new_key,
    "ELDERLINE_SESSION_KEY": lambda: secrets.token_urlsafe(32),
    "ELDERLINE_AMI_SECRET": lambda: secrets.token_hex(24),
}


def ensure_secrets(var_dir: Path) -> Path:
    """Make the secrets that `var_dir` lacks and give the file; those that exist are never changed.

    The file is written beside its place and moved there, so that a crash leaves the old one or the new one, whole.
    Losing the field key means losing the personal data, so the file belongs in the backup (docs/operations.md).
    """
    path = var_dir / "secrets.env"
    kept = {name: value for name, value in dotenv_values(path).items() if value} if path.is_file() else {}
    missing = {name: make() for name, make in _MAKERS.items() if name not in kept}
    if missing:
        draft = var_dir / "secrets.env.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in {**kept, **missing}.items())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    path.chmod(0o600)
    return path
