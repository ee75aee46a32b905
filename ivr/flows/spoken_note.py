"""What complaint and registration have in common: the caller speaks after a tone, and a case opens, come what may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import structlog

from ivr.call import ChannelError, Recording
from ivr.dialogue import PersonAsked, PromptPart, SosAsked
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from ivr.flows.recorded import FOLDER, MOST_SECONDS, SILENCE_SECONDS, TRIES, said_something
from routing.calls.messages import Intent
from routing.orders.voice_notes import VoiceNote, recording_name

log = structlog.get_logger(__name__)

END_KEYS = "#09"
"""The hash ends it; 0 and 9 end it too and mean what they always mean."""
AFTERTHOUGHT_SECONDS = 3.0


class SpokenNote(Flow[CallDesk]):
    """A flow that takes a note. Its case opens before anything else is said, so that hanging up changes nothing.

    Whoever says nothing twice gets a person: they may have tried in vain, or not have understood.
    """

    KIND: ClassVar[str]
    INTENT: ClassVar[Intent]
    LEAVE: ClassVar[str]
    """What is said before the tone, the tone with it."""
    THANKS: ClassVar[str]

    _order_id: int | None = None
    _case_id: int | None = None

    def take_note(self, before: Sequence[PromptPart] = ()) -> Next:
        """Say what is to be said `before`, record, and say by when somebody calls back."""
        words: list[PromptPart] = [*before, (self.LEAVE, {})]
        for _ in range(TRIES):
            self.dialogue.conclude(words)
            due_at = self.desk.services.voice_notes.due_at()
            recording = self._record(due_at.timestamp())
            if said_something(recording):
                return self._thank(recording, [(self.THANKS, {}), ("note.call_by", {"when": due_at})])
            _obey(recording)
            words = [("message.empty", {}), (self.LEAVE, {})]
        self.desk.step(f"{self.KIND}.silent")
        self.dialogue.conclude("note.to_person" if self.desk.services.standing().open else "closed.person")
        return self.person()

    def person(self) -> Next:
        """Whoever takes over knows what it is about, and has the case if one is open."""
        return self.hold(intent=self.INTENT, about=self._order_id, case=self._case_id)

    def _record(self, due_at: float) -> Recording:
        name = recording_name(self.KIND, self.desk.facts.call_id)
        try:
            recording = self.call.record(f"{FOLDER}/{name}", MOST_SECONDS, SILENCE_SECONDS, END_KEYS)
        except ChannelError:
            # Nobody can tell how much of it is on file: a person listens, or calls to ask.
            self._keep(due_at)
            raise
        if said_something(recording):
            self._keep(due_at)
            self.desk.step(f"{self.KIND}.left", f"{recording.seconds:.0f} s")
        return recording

    def _keep(self, due_at: float) -> None:
        elder = self.desk.elder
        note = VoiceNote(
            self.KIND, self.desk.facts.call_id, self.desk.services.clock().timestamp(), due_at,
            self.desk.caller.number, elder.id if elder else None, self._order_id,
        )  # fmt: skip
        self._case_id = self.desk.services.voice_notes.keep(note)
        self.desk.served()

    def _thank(self, recording: Recording, words: list[PromptPart]) -> Next:
        _obey(recording)
        self.dialogue.conclude(words, listen_seconds=AFTERTHOUGHT_SECONDS)
        self.dialogue.conclude("bye.goodbye")
        return Next.BYE


def _obey(recording: Recording) -> None:
    """0 and 9 end a recording and are obeyed, after what was said is kept."""
    if recording.key == "9":
        raise SosAsked
    if recording.key == "0":
        raise PersonAsked
