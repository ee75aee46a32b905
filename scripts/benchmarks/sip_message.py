"""SIP messages as agents' phones of the bench read and write them: requests, answers, and the digest of a password."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^",\s]+))')
_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}
_USER = re.compile(r"sips?:([^@;>]+)@")
_ADDRESS = re.compile(r"<([^>]+)>")


@dataclass(frozen=True)
class Message:
    """One request or answer."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @classmethod
    def read(cls, data: bytes) -> Message:
        """Read a datagram. Raises ValueError for what is no SIP message."""
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        if "SIP/2.0" not in first:
            raise ValueError("not a SIP message")
        split = (line.partition(":") for line in lines)
        known = ((name.strip().lower(), value.strip()) for name, _, value in split)
        return cls(first, tuple((_COMPACT.get(name, name), value) for name, value in known), body)

    def __getitem__(self, name: str) -> str:
        return next((value for each, value in self.headers if each == name), "")

    @property
    def method(self) -> str:
        """INVITE, BYE and so on; that of the request, for an answer."""
        return self["cseq"].split()[-1] if self.status else self.first_line.split()[0]

    @property
    def status(self) -> int:
        """The number of an answer; 0 for a request."""
        return int(self.first_line.split()[1]) if self.first_line.startswith("SIP/2.0") else 0

    @property
    def user(self) -> str:
        """Whom a request is for."""
        return user_of(self.first_line)

    @property
    def media(self) -> tuple[str, int] | None:
        """Where the other side wants its sound; None without a description."""
        host = re.search(r"^c=IN IP4 (\S+)", self.body, re.MULTILINE)
        port = re.search(r"^m=audio (\d+)", self.body, re.MULTILINE)
        return (host[1], int(port[1])) if host and port else None

    def answer(self, status: str, tag: str, contact: str, body: str = "") -> bytes:
        """Write an answer to this request, as `200 OK`."""
        kept = [
            f"{_title(name)}: {value}" for name, value in self.headers if name in ("via", "from", "call-id", "cseq")
        ]
        to = self["to"] if "tag=" in self["to"] else f"{self['to']};tag={tag}"
        return write(f"SIP/2.0 {status}", [*kept, f"To: {to}", f"Contact: <{contact}>"], body)


def write(first_line: str, lines: Sequence[str], body: str = "") -> bytes:
    """Put a message together."""
    described = ["Content-Type: application/sdp"] if body else []
    return "\r\n".join([first_line, *lines, *described, f"Content-Length: {len(body.encode())}", "", body]).encode()


def user_of(address: str) -> str:
    """Give the user part of an address; empty if it has none."""
    found = _USER.search(address)
    return found[1] if found else ""


def uri_of(address: str) -> str:
    """Give the bare address of a Contact."""
    found = _ADDRESS.search(address)
    return found[1] if found else address.partition(";")[0]


def authorization(challenge: str, user: str, secret: str, method: str, uri: str) -> str:
    """Answer a digest challenge (RFC 2617, MD5: what Asterisk asks for)."""
    asked = {name: quoted or plain for name, quoted, plain in _PARAMETER.findall(challenge)}
    realm, nonce, cnonce = asked["realm"], asked["nonce"], secrets.token_hex(8)
    who, what = _md5(f"{user}:{realm}:{secret}"), _md5(f"{method}:{uri}")
    words = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"', "algorithm=MD5"]
    if "qop" in asked:
        words += [f'response="{_md5(f"{who}:{nonce}:00000001:{cnonce}:auth:{what}")}"', "qop=auth", "nc=00000001"]
        words.append(f'cnonce="{cnonce}"')
    else:
        words.append(f'response="{_md5(f"{who}:{nonce}:{what}")}"')
    if "opaque" in asked:
        words.append(f'opaque="{asked["opaque"]}"')
    return "Digest " + ", ".join(words)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _title(name: str) -> str:
    return {"call-id": "Call-ID", "cseq": "CSeq"}.get(name, name.title())
