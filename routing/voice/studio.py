"""Recordings of prompts by people, as console and flows see them. The work on the sounds is in `ivr.prompts.studio`."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from routing.errors import Invalid

if TYPE_CHECKING:
    from redis import Redis

MOST_BYTES = 12_000_000
"""Of an upload: a minute of 48 kHz, 16 bit, stereo."""
WISH_SECONDS = 900
"""A recording by phone begins within a minute of being asked for, and ends long before this."""
_WISH = "elderline:studio:{}"


class Trouble(StrEnum):
    """Why a recording is not taken. Each has its words on the page and over the telephone."""

    UNREADABLE = "unreadable"
    """No sound of any form that we read."""
    NOTHING = "nothing"
    """Silence."""
    SHORT = "short"
    LONG = "long"
    QUIET = "quiet"
    CLIPPED = "clipped"


class Unfit(Invalid):
    """A recording that callers could not be given; the text says what is wrong in figures."""

    def __init__(self, trouble: Trouble, why: str) -> None:
        super().__init__(why)
        self.trouble = trouble


class Layer(StrEnum):
    """What callers hear for some words, the best first."""

    DIALECT = "dialect"
    RECORDED = "recorded"
    RENDERED = "rendered"
    SPOKEN = "spoken"
    NONE = "none"


@dataclass(frozen=True)
class RecordedBy:
    """A recording that is there: when it was made, by whom (as user:2), and whether the words have changed since."""

    at: datetime
    by: str
    seconds: float
    stale: bool


@dataclass(frozen=True)
class Line:
    """One fixed stretch of words of a prompt. `text` is the whole prompt, `words` this stretch of it."""

    name: str
    tag: str
    key: str
    text: str
    words: str
    heard: Layer
    seconds: float
    recorded: RecordedBy | None


@dataclass(frozen=True)
class Wish:
    """Somebody wants to record these words by telephone."""

    tag: str
    name: str
    by: str


@dataclass(frozen=True)
class Take:
    """What was just read: the file as Asterisk sees it, without ending, and how long it is."""

    ref: str
    seconds: float


class Studio(Protocol):
    """Lists, takes and gives back recordings. `tag` is a language or a dialect, as zh-CN-x-lanzhou."""

    def tags(self) -> tuple[str, ...]:
        """The languages, and the dialects that have recordings."""
        ...

    def lines(self, tag: str) -> tuple[Line, ...]:
        """Every stretch of words of a language, in order of the catalogue. Raises Invalid for what is no tag."""
        ...

    def line(self, tag: str, name: str) -> Line:
        """One of them. Raises NotFound and Invalid."""
        ...

    def keep(self, tag: str, name: str, content: bytes, by: str) -> Line:
        """Take a recording in the place of any before it. Raises NotFound, Invalid, Unfit and OSError."""
        ...

    def drop(self, tag: str, name: str) -> Line:
        """Take a recording back. Raises NotFound when there is none, and OSError."""
        ...

    def sound(self, tag: str, name: str, recorded: bool) -> Path | None:
        """The file that was recorded, or else the rendered one; None if there is none."""
        ...


class PhoneStudio(Protocol):
    """The same for whoever reads into a telephone; `request` names the wish."""

    def wish(self, request: str) -> Wish | None:
        """What is to be recorded; None if nobody asked for it lately."""
        ...

    def take(self, request: str) -> Take:
        """Bring what was just recorded into the form in which callers would hear it. Raises Unfit."""
        ...

    def keep_take(self, request: str) -> None:
        """Keep the last take. Raises what `Studio.keep` raises."""
        ...

    def forget(self, request: str) -> None:
        """Remove all takes; what was kept stays. Safe to call twice."""
        ...


class Wishes:
    """Wishes in Redis: the console writes them, the flow reads them. Each method may raise redis.RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis

    def put(self, wish: Wish) -> str:
        """Keep a wish for a while and give its name."""
        request = uuid.uuid4().hex
        self._redis.set(_WISH.format(request), json.dumps(asdict(wish)), ex=WISH_SECONDS)
        return request

    def get(self, request: str) -> Wish | None:
        """Give a wish; None if there is none any more."""
        found = self._redis.get(_WISH.format(request)) if request.isalnum() else None
        return Wish(**json.loads(found)) if found else None

    def fulfilled(self, request: str) -> None:
        """Forget a wish."""
        self._redis.delete(_WISH.format(request))
