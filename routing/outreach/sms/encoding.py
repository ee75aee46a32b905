"""How a text travels: in GSM 7 bit, Latin-1 or UCS-2, and in how many parts (3GPP TS 23.038, 23.040)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Alphabet(StrEnum):
    """The alphabets that a message may be written in."""

    GSM7 = "gsm7"
    LATIN1 = "latin1"
    UCS2 = "ucs2"


_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""3GPP TS 23.038, 6.2.1: the default alphabet, in the order of its codes."""
_ESCAPE: Final = 0x1B
_EXTENSION: Final = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
"""3GPP TS 23.038, 6.2.1.1: behind the escape, so that each takes two places."""
_CODES: Final = {sign: code for code, sign in enumerate(_BASIC) if code != _ESCAPE}
_BEHIND_ESCAPE: Final = {code: sign for sign, code in _EXTENSION.items()}

PLACES: Final = {Alphabet.GSM7: (160, 153), Alphabet.LATIN1: (140, 134), Alphabet.UCS2: (70, 67)}
"""Places in one message, and in each part of a joined one (3GPP TS 23.040, 9.2.3.24.1: a header of six octets)."""
MOST_JOINED: Final = 255
"""Parts that the header can count."""


@dataclass(frozen=True)
class Written:
    """A text as it is sent: GSM 7 bit one septet an octet, as SMPP wants it, and UCS-2 big-endian."""

    alphabet: Alphabet
    parts: tuple[bytes, ...] = field(repr=False)
    places: int
    """Septets, octets or UTF-16 units."""


def alphabet_of(text: str, plain: Alphabet = Alphabet.GSM7) -> Alphabet:
    """Choose the alphabet: `plain` if it holds the whole text, else UCS-2."""
    if plain is Alphabet.GSM7:
        fits = all(sign in _CODES or sign in _EXTENSION for sign in text)
    else:
        fits = plain is Alphabet.LATIN1 and all(ord(sign) < 0x100 for sign in text)
    return plain if fits else Alphabet.UCS2


def write(text: str, plain: Alphabet = Alphabet.GSM7) -> Written:
    """Write a text in as few parts as it takes. No part ends within a character: neither between an escape and its
    sign, nor between the halves of an emoji. A lone half (an unpaired surrogate) becomes a question mark."""
    alphabet = alphabet_of(text, plain)
    signs = [_sign(each, alphabet) for each in text]
    unit = 2 if alphabet is Alphabet.UCS2 else 1
    places = sum(map(len, signs)) // unit
    single, joined = PLACES[alphabet]
    if places <= single:
        return Written(alphabet, (b"".join(signs),), places)
    parts: list[list[bytes]] = [[]]
    taken = 0
    for sign in signs:
        if taken + len(sign) > joined * unit:
            parts.append([])
            taken = 0
        parts[-1].append(sign)
        taken += len(sign)
    return Written(alphabet, tuple(b"".join(part) for part in parts), places)


def read(data: bytes, alphabet: Alphabet) -> str:
    """Read what came. Never raises: what is no character becomes U+FFFD, an unknown escape the sign behind it."""
    if alphabet is Alphabet.UCS2:
        return data.decode("utf-16-be", errors="replace")
    if alphabet is Alphabet.LATIN1:
        return data.decode("latin-1")
    signs: list[str] = []
    escaped = False
    for octet in data:
        code = octet & 0x7F
        if escaped:
            signs.append(_BEHIND_ESCAPE.get(code, _BASIC[code] if code != _ESCAPE else " "))
            escaped = False
        elif code == _ESCAPE:
            escaped = True
        else:
            signs.append(_BASIC[code])
    return "".join(signs)


def _sign(sign: str, alphabet: Alphabet) -> bytes:
    if alphabet is Alphabet.UCS2:
        return sign.encode("utf-16-be", errors="replace")
    if alphabet is Alphabet.LATIN1:
        return sign.encode("latin-1")
    return bytes((_CODES[sign],)) if sign in _CODES else bytes((_ESCAPE, _EXTENSION[sign]))
