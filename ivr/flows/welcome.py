"""What everyone who dials the hotline hears first."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.dialogue import Answer, Matched, NoInput, PersonAsked, PromptPart, SosWanted, value_or_person
from ivr.flows.after_hours import closed_words
from ivr.flows.announcing import Announcing
from ivr.flows.base import Flow, Next, NextKind
from ivr.flows.companies import Companies
from ivr.flows.desk import CallDesk, address_of
from ivr.flows.kept_place import KeptPlace
from ivr.flows.main_menu import main_menu
from ivr.flows.promising import Promising
from ivr.flows.registration import Registration
from ivr.flows.relative import Relative
from ivr.flows.visits import Visits
from ivr.turns import parts_of
from routing.calls.caller import CallerKind, KnownElder
from routing.calls.messages import Intent

REGISTERING = frozenset({CallerKind.UNKNOWN, CallerKind.FORMER})
"""Strangers whom we can call back: they may leave name and address to be registered."""
STRANGERS = frozenset(
    {CallerKind.UNKNOWN, CallerKind.FOREIGN, CallerKind.WITHHELD, CallerKind.MALFORMED, CallerKind.FORMER}
)


LAST_SECONDS = 0.5
"""After "one moment", over which keys count as well: nobody hangs in silence who presses nothing."""


class Welcome(Flow[CallDesk]):
    """Greet by name and time of day, and offer few choices. No key means a person, not a repeat (GB/T 33358)."""

    def run(self) -> Next:
        self.call.answer()
        self.desk.began()
        caller = self.desk.caller
        Promising(self.desk).is_owed()
        match caller.kind:
            case CallerKind.WORKER:
                return self.then(Visits)
            case CallerKind.COMPANY:
                return self.then(Companies)
            case CallerKind.ELDER | CallerKind.HOUSEHOLD:
                return self._elder(caller.elders)
            case _:
                return self._someone_else()

    def person(self) -> Next:
        """A person; whoever is not in our books is registered by that person."""
        stranger = self.desk.caller.kind in STRANGERS and not self.desk.directory_down
        return self.hold(intent=Intent.REGISTER if stranger else Intent.GENERAL)

    def _elder(self, elders: tuple[KnownElder, ...]) -> Next:
        if len(elders) > 1:
            self.desk.chose(self._which_of(elders))
            Promising(self.desk).is_owed()
        elder = self.desk.elder
        if elder is None:
            return self.person()
        greeting: list[PromptPart] = [(self._greeting(), {"who": address_of(elder)})] if len(elders) == 1 else []
        self.desk.step("welcome.greeted")
        if owed := self._owed(greeting):
            return owed
        return self._straight(greeting) if elder.straight_to_person else self._elder_menu(greeting)

    def _elder_menu(self, greeting: Sequence[PromptPart]) -> Next:
        """What the elder of the call, or a relative for them, may choose. "One moment" is a part of the question, so
        that the keys count until the last word."""
        closed = self._closed()
        announcing = Announcing(self.desk)
        said, choices = main_menu(self.desk, closed=bool(closed))
        one_moment = [*parts_of(said, {}), ("closed.person" if closed else "welcome.person", {})]
        answer = self.dialogue.menu(
            one_moment, choices, before=[*greeting, *announcing.words(), *closed], hints=0, key_seconds=LAST_SECONDS
        )
        announcing.heard()
        return self._after(answer)

    def _straight(self, greeting: Sequence[PromptPart]) -> Next:
        """Only a person is spoken of; whoever presses a key all the same is obeyed."""
        closed = self._closed()
        _, choices = main_menu(self.desk, closed=bool(closed))
        return self._after(
            self.dialogue.menu(
                [("closed.stay" if closed else "welcome.person", {})], choices, before=[*greeting, *closed], hints=0,
                key_seconds=LAST_SECONDS, in_passing=True,
            )
        )  # fmt: skip

    def _after(self, answer: Answer[type[Flow[CallDesk]]]) -> Next:
        match answer:
            case Matched(flow):
                return self.then(flow)
            case SosWanted():
                return self.sos()
            case NoInput():
                return self.person()
            case _:
                return self._to_person()

    def _which_of(self, elders: tuple[KnownElder, ...]) -> KnownElder:
        """Two elders on one number choose by key; more than two are asked by a person."""
        if len(elders) > 2:
            self.dialogue.conclude("welcome.unknown")
            raise PersonAsked
        first, second = elders
        return value_or_person(
            self.dialogue.menu(
                "welcome.which_elder",
                {"1": first, "2": second},
                before="welcome.unknown",
                hints=0,
                first=address_of(first),
                second=address_of(second),
            )
        )

    def _someone_else(self) -> Next:
        """A relative, a stranger, or a number that says nothing: a person finds out what they need."""
        kind = self.desk.caller.kind
        self.desk.step("welcome.greeted", kind.value)
        greeting: list[PromptPart] = [("welcome.unknown", {})]
        if owed := self._owed(greeting):
            return owed
        if kind is CallerKind.CONTACT:
            elder = Relative(self.dialogue, self.desk).elder(greeting)
            return (
                self._elder_menu([("relative.greet", {"who": address_of(elder)})])
                if elder
                else self._to_person(greeting)
            )
        if kind in REGISTERING and not self.desk.directory_down and Promising(self.desk).number() is not None:
            return self.then(Registration)
        return self._to_person(greeting)

    def _owed(self, greeting: list[PromptPart]) -> Next | None:
        """Greet, and speak of the call that we owe them; None when there is none, or none any more."""
        if self.desk.owed is None:
            return None
        while greeting:
            key, values = greeting.pop(0)
            self.dialogue.say(key, **values)
        self.desk.greeted = True
        after = self.then(KeptPlace)
        # Whoever has cancelled it goes on here, unless they pressed 0 or 9 when they heard so.
        return None if after.kind is NextKind.BYE and self.desk.owed is None else after

    def _to_person(self, greeting: Sequence[PromptPart] = ()) -> Next:
        """Whoever has not heard of it yet hears when nobody is at the desks, and which key is for what cannot wait."""
        closed = self._closed()
        if closed and greeting:
            self.dialogue.conclude([*greeting, *closed, ("closed.stay", {})])
        else:
            self.dialogue.conclude([*greeting, ("closed.person" if closed else "welcome.person", {})])
        return self.person()

    def _closed(self) -> list[PromptPart]:
        stands = self.desk.standing()
        return [] if stands.open else [closed_words(stands, self.desk.local_now())]

    def _greeting(self) -> str:
        hour = self.desk.local_now().hour
        part = "morning" if 5 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"
        return f"welcome.greet_{part}"
