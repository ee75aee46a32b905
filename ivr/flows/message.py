"""A caller whom nobody can answer leaves a message, and is told when we call back."""

from __future__ import annotations

from ivr import variables
from ivr.dialogue import PersonAsked, PromptPart
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from ivr.flows.recorded import FOLDER, MOST_SECONDS, SILENCE_SECONDS, TRIES, said_something


class Message(Flow[CallDesk]):
    """Say when we call back, and record. Hanging up at any time is right: what was said by then counts."""

    def run(self) -> Next:
        self.speak_as_before()
        words = [self._promise(), LEAVE]
        for _ in range(TRIES):
            self._say(words)
            recording = self.call.record(
                f"{FOLDER}/message-{self.call.facts.call_id}", MOST_SECONDS, SILENCE_SECONDS
            )  # fmt: skip
            if said_something(recording):
                self.call.set(variables.LEFT_WORD, "1")
                self.desk.step("message.left", f"{recording.seconds:.0f} s")
                self._say([("message.thanks", {}), ("bye.take_care", {})])
                return Next.BYE
            words = [("message.empty", {}), LEAVE]
        return self._silent()

    def _promise(self) -> PromptPart:
        opens_at = self.desk.services.standing().opens_at
        if opens_at is None:
            return "message.call_back_soon", {}
        return "message.call_back", {"when": opens_at.astimezone(self.desk.services.zone)}

    def _silent(self) -> Next:
        """Whoever stays on the line without a word may be unable to speak: they are called back all the same."""
        self.desk.step("message.silent")
        if self.desk.caller.number is None:
            self._say([("bye.take_care", {})])
            return Next.BYE
        self.call.set(variables.LEFT_WORD, "1")
        self._say([("message.silent", {}), ("bye.take_care", {})])
        return Next.BYE

    def _say(self, words: list[PromptPart]) -> None:
        """Say it, also over a 0: there is nobody to go to. 9 is an SOS here as everywhere."""
        try:
            self.dialogue.conclude(words)
        except PersonAsked:
            self.dialogue.conclude(words[-1:])

    def person(self) -> Next:
        """After a second 0, or when something failed: the dialplan records, and the caller is called back."""
        self.call.set(variables.LEFT_WORD, "1")
        return Next.BYE

    def sos(self) -> Next:
        """The ticket becomes an SOS where it stands."""
        self.desk.keeps = self.call.facts.arguments.get("ref", "")
        return Next.SOS


LEAVE: PromptPart = ("message.leave", {})
