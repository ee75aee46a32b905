"""From an AGI session to its conversation: what the FastAGI server runs for each call."""

import threading
from collections.abc import Callable
from typing import Any

from ivr.agi_protocol import HardenedAgi
from ivr.call import Call, Prompts
from ivr.channel import AgiCall
from ivr.dialogue import Dialogue
from ivr.flows.registry import FlowRegistry


class Conversations:
    """Makes the call, its dialogue and its flow, and runs it. Shared by all threads.

    `desk_for` makes the services of one call; it must not hold a database connection while audio plays.
    """

    def __init__(
        self,
        registry: FlowRegistry,
        prompts: Prompts,
        desk_for: Callable[[Call], Any],
        *,
        sounds: str,
        language: str = "",
        fallback_sound: str = "beep",
        instead_of: Callable[[str], str | None] = lambda _sound: None,
    ) -> None:
        self._registry = registry
        self._prompts = prompts
        self._desk_for = desk_for
        self._sounds = sounds
        self._language = language
        self._fallback_sound = fallback_sound
        self._instead_of = instead_of
        self._lock = threading.Lock()
        self._sounds_failed = 0

    @property
    def sounds_failed(self) -> int:
        """Sounds and prompts that could not be played since the start."""
        return self._sounds_failed

    def __call__(self, agi: HardenedAgi, /) -> None:
        """Raises UnknownFlow, which ends in the dialplan's fallback."""
        call = AgiCall(
            agi, self._prompts, self._sounds, language=self._language, fallback=self._fallback_sound,
            instead_of=self._instead_of,
        )  # fmt: skip
        flow = self._registry.find(call.facts.flow)
        try:
            flow(call, Dialogue(call), self._desk_for(call))()
        finally:
            if call.sounds_failed:
                with self._lock:
                    self._sounds_failed += call.sounds_failed
