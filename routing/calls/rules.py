"""The rules of who gets which call, as the settings have them."""

from __future__ import annotations

from routing.calls import policy
from routing.settings import Settings


def rules_of(settings: Settings) -> policy.Rules:
    """Give the policy's rules; what no setting changes is the policy's own."""
    return policy.Rules(
        skill_relax_seconds=settings.skill_relax_seconds,
        sos_widen_seconds=settings.sos_widen_seconds,
        sos_outside_seconds=settings.sos_outside_seconds,
        sos_outside_number=settings.sos_outside_number,
        duty_numbers=settings.duty_numbers,
        message_after_seconds=settings.message_after_seconds,
    )
