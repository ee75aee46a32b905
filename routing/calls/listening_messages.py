"""How a supervision goes on: asked to end, and what pages are told. `messages` sends and reads them with the others."""

from __future__ import annotations

from dataclasses import dataclass

from routing.calls.supervise_messages import Ear


@dataclass(frozen=True)
class EndSupervision:
    """Hang up the phone of extension `at`, if it listens to a talk. `by` is the user who asked."""

    at: str
    by: str = ""


@dataclass(frozen=True)
class ChangeEar:
    """Let the phone of extension `at`, which listens to a talk, do so in another way. `by` is the user who asked."""

    at: str
    ear: Ear
    by: str = ""


@dataclass(frozen=True)
class SupervisionChanged:
    """The phone of `at_extension` rings to listen to a talk, listens, does so in another way, or has left; `trouble`
    says why it does not."""

    at_extension: str
    at: float
    trouble: str = ""
