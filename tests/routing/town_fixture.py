"""Fixtures of the demo town on SQLite. One engine serves all tests, for it keeps the statements that it compiled."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.encryption import FieldCipher
from db.session import make_engine
from tests.routing.town import Town


@dataclass(frozen=True)
class DemoFile:
    """A SQLite file, the engine on it, and a copy of it as it was before the first test."""

    engine: Engine
    path: Path
    untouched: Path

    def begin_anew(self) -> None:
        """Bring the file back to where it was."""
        self.engine.dispose()
        for ending in ("-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        shutil.copy(self.untouched, self.path)


@pytest.fixture(scope="session")
def demo_file(
    tmp_path_factory: pytest.TempPathFactory, _migrated_sqlite: Path, cipher: FieldCipher
) -> Iterator[DemoFile]:
    """The demo people in a migrated file."""
    folder = tmp_path_factory.mktemp("town")
    path, untouched = folder / "town.db", folder / "untouched.db"
    shutil.copy(_migrated_sqlite, path)
    engine = make_engine(f"sqlite:///{path}", cipher)
    Town(engine, cipher)
    engine.dispose()
    shutil.copy(path, untouched)
    yield DemoFile(engine, path, untouched)
    engine.dispose()


@pytest.fixture
def town(demo_file: DemoFile, cipher: FieldCipher) -> Town:
    """The town on SQLite, as if nothing had happened before."""
    demo_file.begin_anew()
    return Town(demo_file.engine, cipher)
