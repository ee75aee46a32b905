"""Which of several orders a reply speaks of, when its sender was asked which: by number, by place in the list, by name.

Pure. A number's ending counts only if it is the ending of one of them alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from routing.outreach.reply_letters import plain

_PLACES = {"一": 0, "1": 0, "二": 1, "2": 1, "两": 1, "三": 2, "3": 2, "四": 3, "4": 3}
_PLACE = re.compile(
    "第(?P<place>[一二三四1-4])(?:个|单|条|份|张|次)?(?:单子?)?|(?P<first>头一个|前(?:面)?(?:一|那)个)"
    "|(?P<last>后(?:面)?(?:一|那)个|最后一?个)"
)
_CODE = re.compile("(?:订?单号?|订单|尾号)?[:：]? ?(?<![\\d.])(?P<code>\\d{2,12})(?![\\d.])(?: ?号?单|号)?")
_BESIDE = re.compile("[\\s,，。.;；:：、!！的是那个单]*")


@dataclass(frozen=True)
class Listed:
    """One of the orders that were listed, in their order: its number and what was ordered."""

    number: str
    item: str = ""


@dataclass(frozen=True)
class Choice:
    """The place of an order in the list, and what is said of it; blank: only which it is."""

    at: int
    text: str


def choose(text: str, listed: Sequence[Listed]) -> tuple[Choice, ...]:
    """Give what is said of which order; nothing when that is not sure, or one is named twice."""
    seen = plain(text)
    marks = sorted(_named(seen, listed))
    if not marks or len({at for _begin, _end, at in marks}) < len(marks):
        return ()
    before = seen[: marks[0][0]]
    ends = [*(begin for begin, _end, _at in marks[1:]), len(seen)]
    if len(marks) == 1:
        rest = seen[marks[0][1] :]
        # "5分是第一个的": what is said may stand on either side, not on both.
        blank = _BESIDE.fullmatch(before), _BESIDE.fullmatch(rest)
        if not any(blank):
            return ()
        return (Choice(marks[0][2], _trimmed(rest if blank[0] else before)),)
    if not _BESIDE.fullmatch(before):
        return ()
    parts = zip(marks, ends, strict=True)
    return tuple(Choice(at, _trimmed(seen[end:until])) for (_begin, end, at), until in parts)


def _named(seen: str, listed: Sequence[Listed]) -> list[tuple[int, int, int]]:
    """Give beginning, end and place of each name; the longer form of a name covers the shorter."""
    found: list[tuple[int, int, int]] = []
    for match in _PLACE.finditer(seen):
        at = _PLACES[match["place"]] if match["place"] else 0 if match["first"] else len(listed) - 1
        if at < len(listed):
            found.append((match.start(), match.end(), at))
    for match in _CODE.finditer(seen):
        fits = [at for at, each in enumerate(listed) if each.number.endswith(match["code"])]
        if len(fits) == 1:
            found.append((match.start(), match.end(), fits[0]))
    items = [each.item for each in listed]
    for at, item in enumerate(items):
        if len(item) >= 2 and items.count(item) == 1:
            found += [(match.start(), match.end(), at) for match in re.finditer(re.escape(item.lower()), seen)]
    return found


def _trimmed(text: str) -> str:
    return text[_leading(text) :].strip(" \n,，。.;；:：、是")


def _leading(text: str) -> int:
    match = _BESIDE.match(text)
    return match.end() if match else 0
