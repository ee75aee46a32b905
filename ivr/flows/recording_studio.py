"""A supervisor records a prompt by telephone: reads it after the tone, hears it, and keeps it or not."""

from __future__ import annotations

from redis.exceptions import RedisError

from ivr.dialogue import Matched, PersonAsked, Prompt, SosAsked
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from routing.errors import DomainError
from routing.voice.studio import PhoneStudio, Take, Trouble, Unfit

FOLDER = "/run/elderline/recordings"
"""As Asterisk sees it."""
MOST_SECONDS = 60.0
SILENCE_SECONDS = 4.0
TAKES = 5
KEEP, AGAIN, DROP = "1", "2", "3"
CHOICES = {key: key for key in (KEEP, AGAIN, DROP)}


class RecordingStudio(Flow[CallDesk]):
    """Runs on the supervisor's own phone, which the router rang. Nothing is kept but by the key for it; whatever else
    happens, hanging up among it, leaves nothing behind."""

    def run(self) -> Next:
        studio = self.desk.services.studio
        if studio is None or studio.wish(self._request) is None:
            self._say("studio.failed")
            return Next.BYE
        for _ in range(TAKES):
            take = self._read(studio)
            if isinstance(take, Trouble):
                self._say(f"studio.{take.value if take is not Trouble.UNREADABLE else Trouble.NOTHING.value}")
                continue
            answer = self.dialogue.menu(
                [("studio.playback", {"take": take.ref}), ("studio.choose", {})], CHOICES
            )  # fmt: skip
            if not isinstance(answer, Matched) or answer.value == DROP:
                break
            if answer.value == KEEP:
                return self._keep(studio)
        self._say("studio.dropped")
        return Next.BYE

    def clean_up(self) -> None:
        """Takes are removed however the call ends."""
        if self.desk.services.studio is not None:
            self.desk.services.studio.forget(self._request)

    def person(self) -> Next:
        """There is nobody to be put through to: 0 ends it, as a fault does."""
        return Next.BYE

    def sos(self) -> Next:
        """Whoever is at this phone is at work; 9 ends it."""
        return Next.BYE

    @property
    def _request(self) -> str:
        return self.call.facts.arguments.get("ref", "")

    def _read(self, studio: PhoneStudio) -> Take | Trouble:
        self.dialogue.say("studio.begin")
        self.call.record(f"{FOLDER}/studio-{self._request}", MOST_SECONDS, SILENCE_SECONDS)
        try:
            return studio.take(self._request)
        except Unfit as unfit:
            return unfit.trouble

    def _keep(self, studio: PhoneStudio) -> Next:
        try:
            studio.keep_take(self._request)
        except (DomainError, RedisError, OSError, ValueError):
            self._say("studio.failed")
        else:
            self._say("studio.kept")
        return Next.BYE

    def _say(self, words: Prompt) -> None:
        try:
            self.dialogue.conclude(words)
        except (PersonAsked, SosAsked):
            return
