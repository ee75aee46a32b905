"""What pages are told of notes to agents. `messages` sends and reads it with the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BulletinChanged:
    """A note to agents was posted or ended: desks look for what stands now."""

    at: float
