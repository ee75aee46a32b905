"""Ears for test phones: they match what was heard against the prompts' own audio, and do not trust our logs."""

from tests.ears.correlate import Heard, find, recognise
from tests.ears.signals import silences, tone_level
from tests.ears.wav import RATE, Samples, read_wav

__all__ = ["RATE", "Heard", "Samples", "find", "read_wav", "recognise", "silences", "tone_level"]
