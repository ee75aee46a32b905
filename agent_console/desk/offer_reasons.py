"""Why a call was offered to an agent, in the words of the page; the policy says it in English, with figures."""

from __future__ import annotations

import re

from agent_console.texts import text, word
from routing.calls.messages import CallerClass

_PIECE = re.compile(r"; ")
_WAITED = re.compile(r"(?P<who>\w+) waited (?P<seconds>\d+) s")
_WIDENED = re.compile(r"(?P<who>\w+) without an idle agent for (?P<seconds>\d+) s: agent in (?P<state>\w+) rings too")
_HAS = re.compile(r"has (?P<skills>.+)")
_WITHOUT = re.compile(r"without (?P<skills>.+)")


def in_words(reason: str) -> str:
    """Say what the agent has a use for; the policy's own figures are for supervisors, in the call's journey."""
    return text("offer.between").join(filter(None, (_said(piece) for piece in _PIECE.split(reason))))


def _said(piece: str) -> str:
    if found := _WAITED.fullmatch(piece):
        who = text("offer.caller") if found["who"] == CallerClass.OTHER else word("class", found["who"])
        return text("offer.waited", who=who, time=_time(int(found["seconds"])))
    if found := _WIDENED.fullmatch(piece):
        return text("offer.widened", time=_time(int(found["seconds"])), state=word("agent", found["state"]))
    if found := _HAS.fullmatch(piece):
        return text("offer.has", skills=found["skills"])
    if found := _WITHOUT.fullmatch(piece):
        return text("offer.without", skills=found["skills"])
    # A priority and the time that the agent was idle are left out.
    return {
        "call-back in its place": text("offer.promised"),
        "SOS before all": text("offer.sos"),
        "takes the talk up again whose page was left": text("offer.again"),
        "knows the caller": text("offer.knows"),
    }.get(piece, "")


def _time(seconds: int) -> str:
    if seconds < 60:
        return text("offer.seconds", seconds=seconds)
    return text("offer.minutes", minutes=seconds // 60, seconds=seconds % 60)
