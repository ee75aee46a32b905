"""The same talk without us: prompts, waits and keys of an order by voice, in nothing but Asterisk's dialplan.

It plays the very files that the flow of a known elder plays, in the same order, waits the same half second after each
key, and reads keys as the flow does. What it leaves out is what we add: no look-up, no order, no journey.
"""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ivr.dialogue import Pace
from ivr.flows.ordering import question_of
from ivr.prompts.catalogue import FIRST_LANGUAGE, Catalogue
from routing.orders.pricing.policy import Price
from routing.orders.times import times_for
from routing.orders.views import OfferedKind
from scripts.asterisk_config import VIEW

DID = "12399"
"""What callers dial to reach it; the context is that of calls from the carrier."""

_LONG_SECONDS = 1.5
_INTO_SECONDS = 1.0
_KEY_SECONDS = 0.2
"""How long SIPp holds a key."""


@dataclass(frozen=True)
class Talk:
    """The sounds of an order by voice, part by part."""

    greeting: tuple[str, ...]
    questions: tuple[tuple[str, ...], ...]
    """Each is answered with the key 1."""
    ending: tuple[str, ...]


def talk_of(
    catalogue: Catalogue, kinds: Sequence[OfferedKind], *, who: str, pays_fen: int, number: str, now: datetime,
    due: datetime,
) -> Talk:  # fmt: skip
    """Plan the talk with an elder who orders what is on key 1 of `kinds`, the menu of daily life, for as soon as
    possible. `who` is as 王奶奶; times are local."""

    def say(prompt: str, /, **values: object) -> tuple[str, ...]:
        return tuple(catalogue.plan(prompt, FIRST_LANGUAGE, **values))

    part = "morning" if 5 <= now.hour < 12 else "afternoon" if 12 <= now.hour < 18 else "evening"
    choices = [say("services.choice", service=kind.name, key=str(kind.key)) for kind in kinds]
    first = min(kinds, key=lambda kind: kind.key).item
    price = Price(first.price_fen, pays_fen)
    question, _ = question_of(first, price, times_for(now, day_and_night=first.day_and_night))
    return Talk(
        say(f"welcome.greet_{part}", who=who),
        (
            say("welcome.menu"),
            sum(choices, say("services.intro")) + say("services.person"),
            sum((say(key, **values) for key, values in question), ()),
        ),
        say("order.placed", number=number) + say("order.visit_at", when=due) + say("bye.goodbye"),
    )


def dialplan(talk: Talk, sounds: str = f"{VIEW}/prompts") -> str:
    """Write the talk as an extension of the context of calls from the carrier. A key not heard ends with cause 21."""
    pace = Pace()

    def files(names: Sequence[str]) -> str:
        return "&".join(f"{sounds}/{name}" for name in names)

    lines = [f"exten => {DID},1,Answer()", f" same => n,Playback({files(talk.greeting)})"]
    for question in talk.questions:
        lines += [
            f" same => n,Read(BENCH_KEY,{files(question)},1,,1,{pace.key_seconds:g})",
            ' same => n,GotoIf($["${BENCH_KEY}"!="1"]?unheard)',
            f" same => n,Wait({pace.quiet_seconds:g})",
        ]
    lines += [f" same => n,Playback({files(talk.ending)})", " same => n,Hangup()", " same => n(unheard),Hangup(21)"]
    return "\n".join(["", "[from-trunk]", *lines, ""])


def presses(talk: Talk, folder: Path) -> tuple[int, ...]:
    """Give the milliseconds from the answer to the first key, and from each key to the next.

    A caller presses one second into the first sound of a question that lasts long enough for it, so that a machine that
    is late by half a second does not turn the key into one that is pressed between two questions.
    """
    quiet = Pace().quiet_seconds
    waits = []
    since = seconds(talk.greeting, folder)
    for question in talk.questions:
        before = 0.0
        for name in question:
            if (length := seconds([name], folder)) >= _LONG_SECONDS:
                break
            before += length
        waits.append(round((since + before + min(_INTO_SECONDS, length / 2 + _KEY_SECONDS)) * 1000))
        since = quiet + _KEY_SECONDS
    return tuple(waits)


def seconds(sounds: Sequence[str], folder: Path) -> float:
    """Add up how long sounds take to say."""
    total = 0.0
    for name in sounds:
        with wave.open(str(folder / f"{name}.wav")) as sound:
            total += sound.getnframes() / sound.getframerate()
    return total
