"""A relative or neighbour of elders: for which of them they call."""

from __future__ import annotations

import structlog

from ivr.dialogue import Dialogue, Matched, PersonAsked, PersonWanted, PromptPart, SosAsked, SosWanted
from ivr.flows.desk import CONTACT, CallDesk, address_of
from ivr.flows.patience import TooSlow
from routing.calls.caller import KnownElder
from routing.calls.directory import DirectoryUnavailable

log = structlog.get_logger(__name__)

MOST_ELDERS = 4
"""Whoever looks after more is asked by a person."""


class Relative:
    """Finds the elder whose menu a relative gets. Nothing of an elder is said but how they are addressed."""

    def __init__(self, dialogue: Dialogue, desk: CallDesk) -> None:
        self._dialogue = dialogue
        self._desk = desk

    def elder(self, greeting: list[PromptPart]) -> KnownElder | None:
        """Ask for whom they call, if it can be more than one; from then on the call is about that elder. The greeting
        is said before the question, and taken out of the list.

        None when a person must ask: no key, none or too many elders, two who are addressed alike, or nobody can look
        them up now. Raises PersonAsked for 0 and SosAsked for 9.
        """
        elders = self._elders()
        if len({address_of(each) for each in elders}) != len(elders) or not 1 <= len(elders) <= MOST_ELDERS:
            return None
        chosen = elders[0] if len(elders) == 1 else self._which_of(elders, greeting)
        if chosen is not None:
            self._desk.speaks_as = CONTACT
            self._desk.chose(chosen)
        return chosen

    def _elders(self) -> tuple[KnownElder, ...]:
        try:
            contact_of, directory = self._desk.caller.contact_of, self._desk.services.directory
            return self._desk.patience.look_up(lambda: directory.active_elders(contact_of))
        except (DirectoryUnavailable, TooSlow) as error:
            log.warning("relative.directory_down", error=type(error.__cause__).__name__)
            return ()

    def _which_of(self, elders: tuple[KnownElder, ...], greeting: list[PromptPart]) -> KnownElder | None:
        by_key = {str(key): each for key, each in enumerate(elders, 1)}
        choices: list[PromptPart] = [
            ("relative.choice", {"who": address_of(each), "key": key}) for key, each in by_key.items()
        ]
        before = [*greeting]
        greeting.clear()
        match self._dialogue.menu([("relative.which", {}), *choices], by_key, before=before, hints=0):
            case Matched(elder):
                return elder
            case PersonWanted():
                raise PersonAsked
            case SosWanted():
                raise SosAsked
            case _:
                return None
