"""Encryption of personal fields (AES-256-GCM) and the keyed hashes that find them (blind index)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Dialect, LargeBinary, SQLColumnExpression, func, type_coerce
from sqlalchemy.types import TypeDecorator

_NONCE_BYTES = 12  # NIST SP 800-38D, section 8.2: 96-bit nonces, random here.
_TAG_BYTES = 16
_INDEX_BYTES = 16  # 128 bits: no collision to be feared among some million numbers.
_VERSION = b"\x01"  # First byte of each stored value, so that keys can be changed one day.


class FieldKeyError(ValueError):
    """The keys are missing, of the wrong size, or do not open what is stored."""


class FieldCipher:
    """Seals and opens personal fields, and computes blind indexes. Threads may share one."""

    def __init__(self, field_key: str, index_key: str) -> None:
        """Both keys are base64 of 32 bytes. Raises FieldKeyError, which tells which of the two is wrong."""
        self._aead = AESGCM(_key("ELDERLINE_FIELD_KEY", field_key))
        self._mac = hmac.new(_key("ELDERLINE_INDEX_KEY", index_key), digestmod=hashlib.sha256)

    def seal(self, text: str, field: str) -> bytes:
        """Encrypt; `field` (as ``elder.name``) is bound in, so that no value can be moved to another column."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, text.encode(), field.encode())

    def open(self, sealed: bytes, field: str) -> str:
        """Decrypt. Raises FieldKeyError when the key or the field is not the one it was sealed with, or the value was
        changed since: authenticated encryption cannot tell these apart."""
        if sealed[:1] != _VERSION or len(sealed) < len(_VERSION) + _NONCE_BYTES + _TAG_BYTES:
            raise FieldKeyError(f"{field} holds something that was never sealed here")
        try:
            nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
            return self._aead.decrypt(nonce, body, field.encode()).decode()
        except InvalidTag:
            raise FieldKeyError(
                f"{field} was sealed with another key or was changed since: check ELDERLINE_FIELD_KEY"
            ) from None

    def index(self, subject: str, value: str) -> bytes:
        """Give the 16-byte keyed hash by which `value` is found; `subject` keeps numbers and names apart."""
        mac = self._mac.copy()  # With the key already taken in: half the time of a new one.
        mac.update(f"{subject}\0{value}".encode())
        return mac.digest()[:_INDEX_BYTES]

    def number_index(self, number: str) -> bytes:
        """Find phones by this: of elders, contacts, workers, companies, calls and SMS alike. `number` is E.164, or the
        digits of a short service number (see routing.numbers)."""
        return self.index("number", number)

    def name_index(self, name: str) -> bytes:
        """Find elders by their whole name; spaces at the ends do not count."""
        return self.index("name", name.strip())

    def identity_index(self, identity_number: str) -> bytes:
        """Find elders by identity number; its check letter may be written small."""
        return self.index("identity", identity_number.strip().upper())

    def pin_index(self, pin: str) -> bytes:
        """Find a care worker by PIN."""
        return self.index("pin", pin)


def new_key() -> str:
    """Make a key: base64 of 32 random bytes."""
    return base64.b64encode(os.urandom(32)).decode()


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise FieldKeyError(f"{name} is not base64") from None
    if len(key) != 32:
        raise FieldKeyError(f"{name} must be base64 of 32 bytes; ./scripts/up makes one in var/secrets.env")
    return key


class Sealed(TypeDecorator[str]):
    """A text column that is stored encrypted. The engine's dialect carries the cipher (see db.session)."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _cipher(dialect).seal(value, self.field)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else _cipher(dialect).open(bytes(value), self.field)


class SealedFloat(TypeDecorator[float]):
    """A number that is stored encrypted: coordinates of a home say as much as its address."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field

    def process_bind_param(self, value: float | None, dialect: Dialect) -> bytes | None:
        return None if value is None else _cipher(dialect).seal(repr(float(value)), self.field)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> float | None:
        return None if value is None else float(_cipher(dialect).open(bytes(value), self.field))


def is_filled(column: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """The condition that a sealed text is neither missing nor empty, told by its length: nothing is opened."""
    empty = len(_VERSION) + _NONCE_BYTES + _TAG_BYTES
    return func.coalesce(func.length(type_coerce(column, LargeBinary)), 0) > empty


def _cipher(dialect: Dialect) -> FieldCipher:
    cipher = getattr(dialect, "field_cipher", None)
    if not isinstance(cipher, FieldCipher):
        raise FieldKeyError("this engine has no cipher: make it with db.session.make_engine")
    return cipher
