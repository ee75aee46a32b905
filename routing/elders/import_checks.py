"""What a file of elders is held to before any of it is taken: how large it really is, and a try without a trace."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from db.session import UnitOfWork


class _Never(Exception):  # It is no error: it takes back what was tried.
    pass


def undone(unit_of_work: UnitOfWork) -> UnitOfWork:
    """Give units of work of which nothing stays."""

    @contextmanager
    def tried() -> Iterator[Session]:
        try:
            with unit_of_work() as session:
                yield session
                session.flush()
                raise _Never  # noqa: TRY301  # The only way to have a unit of work roll back.
        except _Never:
            pass

    return tried


def unpacked(content: bytes) -> int:
    """Give the bytes of a workbook when unpacked; of any other file, none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return sum(each.file_size for each in packed.infolist())
    except zipfile.BadZipFile:
        return 0
