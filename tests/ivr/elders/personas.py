"""Elders at the telephone as the literature describes them: what goes wrong, and how often.

- 20.5 % of 185 people over 65 completed no task on four real voice menus; memory for what was heard and working memory
  tell who does (PubMed 23103382). So there is an elder who presses nothing, and one with a weak memory.
- In an experiment with 72 people the older ones answered later and made more errors; menus of four were among the
  fastest (Boren, The human factors of interactive voice response, thesis, Arizona State University).
- Of 22 women over 65 most failed at real menus, for unclear choices and a voice too fast (Dulude, thesis, Carleton
  University, 2002).
- One in three over 65 has a disabling hearing loss (World Health Organization, 2013).
- Three options are best, four to five the most (Avaya's guide, W3C COGA).

None of them gives how often a key is missed or pressed twice: those shares are ours, chosen high. What must hold, holds
whatever they are; only how long it takes depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Goal(StrEnum):
    """What somebody calls for."""

    SERVICE = "service"
    ANSWER = "answer"
    PERSON = "person"


@dataclass(frozen=True)
class Persona:
    """One type of elder. Shares are between 0 and 1, of the questions that they are asked."""

    name: str
    seconds_to_press: float = 1.5  # Median from the option's end to the key; spread by half.
    over_the_prompt: float = 0.3  # Presses as soon as the option was said, without hearing the rest.
    no_key: float = 0.0
    wrong_key: float = 0.03
    several_keys: float = 0.0
    hangs_up: float = 0.0
    remembers: int = 4  # Options; of more, the first are forgotten.
    mishears: float = 0.03  # Sentences.
    person_key: float = 0.0  # 0, at whatever is said.
    sos_key: float = 0.0
    calls_again: float = 0.9  # After hanging up. After a goodbye without what they called for they always do.


STEADY = Persona("steady")
PERSONAS: tuple[Persona, ...] = (
    STEADY,
    Persona("presses nothing", no_key=1.0),
    Persona("presses late", seconds_to_press=6.0, over_the_prompt=0.0),
    Persona("wrong keys", wrong_key=0.4),
    Persona("several keys at once", several_keys=0.5, wrong_key=0.1),
    Persona("key over the prompt", seconds_to_press=0.3, over_the_prompt=1.0),
    Persona("hangs up and calls again", hangs_up=0.25),
    Persona("weak memory", remembers=2, seconds_to_press=2.5, no_key=0.1),
    Persona("weak hearing", mishears=0.35, seconds_to_press=2.0),
    Persona("panics", sos_key=0.25),
    Persona("impatient", person_key=0.4, seconds_to_press=0.6),
    replace(
        STEADY, name="a little of all", seconds_to_press=2.5, no_key=0.1, wrong_key=0.12, several_keys=0.1,
        hangs_up=0.05, remembers=3, mishears=0.15, person_key=0.05, sos_key=0.02,
    ),
)  # fmt: skip
