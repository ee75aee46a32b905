"""What a session's database was made with (db.session.make_engine)."""

from __future__ import annotations

from typing import cast

from sqlalchemy.orm import Session

from db.encryption import FieldCipher


def cipher_of(session: Session) -> FieldCipher:
    """Give the cipher of the session's sealed columns."""
    return cast("FieldCipher", session.get_bind().dialect.field_cipher)  # type: ignore[attr-defined]
