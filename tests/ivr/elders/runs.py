"""Thousands of calls of simulated elders, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from statistics import median

from structlog.testing import capture_logs

from ivr.call import CallFacts
from ivr.dialogue import Dialogue
from ivr.flows.base import NextKind
from scripts.rehearsal.world import RehearsalWorld
from tests.ivr.elders.elder import KEYS_TRIED, Elder
from tests.ivr.elders.personas import Goal, Persona
from tests.ivr.elders.telephone import ElderCall

NEEDS, ONE_IN = 5, 4
"""So often each fourth elder needs something, a week apart, with what was learnt before in force; the others once."""
WEEK = timedelta(days=7)
MOST_CALLS = 6
"""Nobody calls more often for one thing; who still has not got it is counted as lost."""
GOALS = (Goal.SERVICE, Goal.SERVICE, Goal.SERVICE, Goal.ANSWER, Goal.PERSON)
ENDS = ("served", "answered", "person", "sos", "left by choice", "lost")


@dataclass
class Fared:
    """How the elders of one type fared, counted by what they needed."""

    persona: str
    elders: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    for_keys: int = 0
    """Needs that keys can serve: a service or an answer, not a person."""
    calls: int = 0
    mistaken: int = 0
    """Calls that ended with a goodbye without what was called for, by a key that was not meant; they called again."""
    resigned: int = 0
    """Needs for which they called a third time, after two such goodbyes, and pressed nothing."""
    first_to_person: list[float] = field(default_factory=list)
    """Seconds as below, of each elder's very first call."""
    to_person: list[float] = field(default_factory=list)
    """Seconds from the first ring of the call until the caller is in hold, by those who got a person."""
    whole: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def needs(self) -> int:
        return self.ends.total()


def fare(worlds: Sequence[RehearsalWorld], persona: Persona, elders: int, seed: int) -> Fared:
    """Let so many elders of one type call, each in one of the worlds, for one need after the other."""
    fared = Fared(persona.name)
    random = Random(f"{persona.name} {seed}")
    with capture_logs():
        for at in range(elders):
            world = random.choice(worlds)
            facts = world.begin()
            fared.elders += 1
            for need in range(1 if at % ONE_IN else NEEDS):
                one = replace(facts, call_id=f"{facts.call_id}-{need}")
                _one(world, one, Elder(persona, random.choice(GOALS), random), fared, first=need == 0)
                world.town.now += WEEK
    return fared


def _one(world: RehearsalWorld, facts: CallFacts, elder: Elder, fared: Fared, *, first: bool) -> None:
    """One elder calls until they have what they called for, a person, or have had enough."""
    heard: list[str] = []
    end = ""
    for attempt in range(MOST_CALLS):
        call = ElderCall(replace(facts, call_id=f"{facts.call_id}-{attempt}"), elder)
        elder.left_by_choice = False
        world.town.book.begin()
        after = world.flow(call, Dialogue(call, call.clock), world.desk(call))()  # type: ignore[arg-type]
        fared.calls += 1
        heard = call.heard
        fared.whole.append(call.now)
        end = _end(world, call, after.kind if after else None, elder)
        if end == "person":
            fared.to_person.append(call.now)
            if first and attempt == 0:
                fared.first_to_person.append(call.now)
        if end:
            break
        if not elder.left_by_choice:
            fared.mistaken += 1
            elder.mistakes += 1
        elif attempt + 1 == MOST_CALLS or not elder.calls_again():
            end = "left by choice"
            break
    fared.ends[end or "lost"] += 1
    fared.for_keys += elder.goal is not Goal.PERSON
    fared.resigned += elder.mistakes >= KEYS_TRIED
    if not end:
        fared.lost.append(f"{elder.goal.value} in {world.name}: {' '.join(heard)}")


def _end(world: RehearsalWorld, call: ElderCall, kind: NextKind | None, elder: Elder) -> str:
    """What they got; "" for nothing: they hung up, or a key that was not meant ended it, and they may call again."""
    if kind is NextKind.HOLD:
        return "person"
    if kind is NextKind.SOS:
        return "sos"
    steps = world.town.book.steps
    if "order.placed" in steps:
        return "served" if elder.goal is Goal.SERVICE else "answered" if elder.goal is Goal.ANSWER else ""
    if "order_status.told" in steps and elder.goal is Goal.ANSWER:
        return "answered"
    return ""


def table(fared: Sequence[Fared]) -> str:
    """One row for each type of elder, as Markdown."""
    head = (
        "elder", "elders", "needs", "calls", *ENDS, "goodbyes by a wrong key", "resigned",
        "first call to a person, s", "any call, s", "p95", "a call, s",
    )  # fmt: skip
    lines = [_row(head), _row(["---"] * len(head))]
    for each in fared:
        shares = [f"{each.ends[end] / each.needs:.1%}" for end in ENDS]
        slips = [f"{each.mistaken / each.calls:.1%}", f"{each.resigned / each.needs:.1%}"]
        at = sorted(each.to_person)
        p95 = f"{at[int(0.95 * (len(at) - 1))]:.1f}" if at else "-"
        seconds = [_median(each.first_to_person), _median(at), p95, _median(each.whole)]
        counts = [str(each.elders), str(each.needs), str(each.calls)]
        lines.append(_row([each.persona, *counts, *shares, *slips, *seconds]))
    return "\n".join(lines)


def _median(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.1f}" if seconds else "-"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
