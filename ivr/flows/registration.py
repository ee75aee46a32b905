"""Somebody whom we do not know: they leave name and address to be registered, or speak to a person."""

from __future__ import annotations

from ivr.dialogue import Matched, PromptPart, SosWanted
from ivr.flows.after_hours import closed_words
from ivr.flows.base import Next
from ivr.flows.spoken_note import SpokenNote
from routing.calls.messages import Intent

KEY_SECONDS = 2.5
"""Shorter than elsewhere: most strangers want a person, and are to reach one within twelve seconds of the ring."""


class Registration(SpokenNote):
    """Greet, and offer to take name and address. No key is a person at once, as at every welcome."""

    KIND, INTENT = "registration", Intent.REGISTER
    LEAVE, THANKS = "registration.leave", "registration.thanks"

    def run(self) -> Next:
        stands = self.desk.standing()
        before: list[PromptPart] = [] if self.desk.greeted else [("welcome.unknown", {})]
        if not stands.open:
            before.append(closed_words(stands, self.desk.local_now()))
        menu = "registration.menu" if stands.open else "registration.menu_closed"
        match self.dialogue.menu(menu, {"1": True}, before=before, hints=0, key_seconds=KEY_SECONDS):
            case Matched():
                return self.take_note()
            case SosWanted():
                return self.sos()
            case _:
                self.dialogue.conclude("welcome.person" if stands.open else "closed.person")
                return self.person()
