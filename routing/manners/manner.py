"""The manner in which a conversation is held with one elder, and where each part of it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

KEY_SECONDS: Final = 3.7
"""Silence after a question, usually: under 5 s with the edges of recordings and a machine that is late."""
SHORTEST_KEY_SECONDS, LONGEST_KEY_SECONDS = 2.0, 4.5
"""No caller hears silence for more than 5 s; the rest is for the edges of recordings and a late machine."""
MOST_HINTS: Final = 2

_SUBTAG = re.compile(r"[a-z0-9]{1,8}")


class Source(StrEnum):
    """Where a part of a manner comes from."""

    SET = "set"
    """A person set it, on the record or on the desk's page."""
    LEARNT = "learnt"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one part of a manner comes from, for whoever looks at the record."""

    source: Source = Source.DEFAULT
    by: str = ""
    """Who set it, as user:2; empty when the record does not tell."""
    why: str = ""
    """A code of `routing.manners.policy.Why`, or empty."""
    count: int = 0
    """In how many of the last `of` talks that was seen which taught it."""
    of: int = 0


AS_USUAL: Final = Origin()


@dataclass(frozen=True, slots=True)
class Manner:
    """How one elder is spoken with. The defaults are everybody's."""

    language: str = ""
    """BCP 47, as zh-CN or en; empty: the house's."""
    dialect: str = ""
    """As the record has it; spoken if it is a subtag (lanzhou), of which the catalogue may hold recordings."""
    slow: bool = False
    loud: bool = False
    key_seconds: float = KEY_SECONDS
    """Silence after a question, in seconds, within the two bounds above."""
    hints: int = 1
    """How often a silence deeper in is met with a hint before a person comes, 0 to `MOST_HINTS`."""
    straight_to_person: bool = False
    favourite_offered: bool = True
    """Whether the elder is asked first if it shall be as always."""
    favourite_item_id: int | None = None
    """The item that this elder nearly always orders and that is to be offered first; None: there is none to offer."""
    eased: int = 0
    """The step of `policy.Help` that is in force by learning; the talk's fare says so again."""
    patience: int = 0
    """The step of `policy.Patience`, likewise."""
    origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def origin(self, part: str) -> Origin:
        """Where a part, as ``slow``, comes from."""
        return self.origins.get(part, AS_USUAL)

    @property
    def spoken_language(self) -> str:
        """The language with its dialect as a private subtag (zh-CN-x-lanzhou), if the dialect can be one."""
        if self.language and _SUBTAG.fullmatch(self.dialect):
            return f"{self.language}-x-{self.dialect}"
        return self.language


USUAL: Final = Manner()
