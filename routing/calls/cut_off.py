"""Agents who lose a talk without having hung up: their page was left, or their browser's network is gone."""

from __future__ import annotations

from typing import Any

from routing.calls.floor import Floor
from routing.calls.page_left import is_browser
from routing.calls.talk import Talk
from routing.settings import Settings

PAGE_LEFT = 41
"""The cause (Q.850: temporary failure) by which an agent's page says that it is left in the middle of a talk."""
NO_SOUND = 44
"""The cause by which Asterisk ends a leg that has sent no sound for so long as `rtp_timeout` says."""
_JUST_NOW_SECONDS = 5.0
_SOUND_SECONDS = 5.0
"""Whoever had sound for less does not get the talk back: none passes there, and the caller waited enough."""


class CutOff:
    """Knows whose talk waits for them, and for how long."""

    def __init__(self, floor: Floor, settings: Settings) -> None:
        self._floor = floor
        self._settings = settings
        self._cut: dict[str, float] = {}
        """When an agent's browser was last cut off in a talk, by extension."""

    def browser_cut(self, extension: str) -> None:
        """No sound came from an agent's browser any more: its network is gone, or the browser."""
        self._cut[extension] = self._floor.clock()

    def comes_back(self, talk: Talk, extension: str, leg: str, cause: int) -> bool:
        """Whether an agent whose leg ended by this cause may be back in a moment: a page that says that it is being
        left may be loaded again, and a network come back."""
        now = self._floor.clock()
        # The end of the leg may be heard of before the talk's or after it: then the leg is still there.
        cut = now - self._cut.get(extension, 0.0) < _JUST_NOW_SECONDS or is_browser(leg)
        sound = now - talk.taken_at - self._settings.browser_silence_seconds
        return bool(extension) and (cause == PAGE_LEFT or (cause == NO_SOUND and cut and sound >= _SOUND_SECONDS))

    def kept(self, talk: Talk, leg: str, cause: int) -> dict[str, Any]:
        """What the caller's new ticket says of it: the talk waits for its agent so long."""
        if not self.comes_back(talk, talk.extension, leg, cause):
            return {}
        now = self._floor.clock()
        return {
            "kept_for": talk.extension,
            "kept_until": now + self._settings.page_back_seconds,
            "kept_since": now,
        }
