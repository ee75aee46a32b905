"""Where cases are opened for callers, come what may."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from routing.orders.sos import Raised
from routing.orders.voice_notes import VoiceNote


class SosCases(Protocol):
    """Opens the case of an SOS, come what may."""

    def open(self, call_id: str, elder_id: int | None, raised: Raised, /) -> int | None:
        """Give the case's id; None when it is kept and will be written later. Never raises."""


class VoiceNotes(Protocol):
    """Opens the case of what a caller said after the tone, come what may."""

    def due_at(self) -> datetime:
        """By when whoever leaves a note now is called back. Never raises."""

    def keep(self, note: VoiceNote) -> int | None:
        """Give the case's id; None when it is kept and will be written later. Never raises."""
