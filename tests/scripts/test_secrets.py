"""The secrets of an instance: made once, kept, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.encryption import FieldCipher
from routing.settings import load_settings
from scripts.secrets import ensure_secrets


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("FIELD_KEY", "INDEX_KEY", "SESSION_KEY", "AMI_SECRET"):
        monkeypatch.delenv(f"ELDERLINE_{name}", raising=False)
    monkeypatch.setenv("ELDERLINE_VAR_DIR", str(tmp_path))


def test_they_are_good_enough_for_who_uses_them(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    settings = load_settings(tmp_path)
    cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
    assert cipher.open(cipher.seal("王桂兰", "elder.name"), "elder.name") == "王桂兰"
    assert len(settings.session_key.get_secret_value()) >= 32
    assert settings.ami_secret.get_secret_value().isalnum()


def test_a_second_run_changes_none(tmp_path: Path) -> None:
    before = ensure_secrets(tmp_path).read_text()
    assert ensure_secrets(tmp_path).read_text() == before


def test_only_what_is_missing_is_made(tmp_path: Path) -> None:
    lines = ensure_secrets(tmp_path).read_text().splitlines()
    kept = [line for line in lines if not line.startswith("ELDERLINE_AMI_SECRET")]
    (tmp_path / "secrets.env").write_text("\n".join(kept))
    after = ensure_secrets(tmp_path).read_text().splitlines()
    assert set(kept) < set(after)
    assert len(after) == len(lines)


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    path = ensure_secrets(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    assert ensure_secrets(tmp_path).stat().st_mode & 0o777 == 0o600
