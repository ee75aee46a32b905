"""Calls as flows and composition roots import them: the port and, with it, its adapter over AGI."""

from ivr.call import (
    KEYS,
    Call,
    CallerHungUp,
    CallFacts,
    ChannelError,
    ChannelTimeout,
    HangupKind,
    Prompts,
    Recording,
    RecordingEnd,
)

__all__ = [
    "KEYS",
    "Call",
    "CallFacts",
    "CallerHungUp",
    "ChannelError",
    "ChannelTimeout",
    "HangupKind",
    "Prompts",
    "Recording",
    "RecordingEnd",
]
