"""Who hears what in a talk: each phone speaks a tone of its own, and hold music is no tone."""

from __future__ import annotations

import asyncio
import time

import numpy as np

from tests.ears import RATE, tone_level
from tests.ears.wav import as_samples
from tests.phones.phone import Phone

LOUD = 0.02
"""Full scale is 1: below it nothing is heard. A phone's tone and the hold music are far above."""
PURE = 0.08
"""Amplitude of a tone that is there: phones speak at 0.37, and music holds no tone for so long."""
LONG = 0.6
"""Seconds that must sound so; shorter is a change from one state to the next."""


def sound_now(phone: Phone, tones: tuple[int, ...]) -> set[str]:
    """Give what the phone has heard in the last moment: tones in Hz, `music`, or nothing."""
    recent = as_samples(phone.heard())[-int(LONG * RATE) :]
    if len(recent) < LONG * RATE or float(np.sqrt((recent**2).mean())) < LOUD:
        return set()
    heard = {str(each) for each in tones if tone_level(recent, each) > PURE}
    return heard or {"music"}


async def hears(phone: Phone, *wanted: int | str, tones: tuple[int, ...] = (440, 700, 1000, 1400)) -> None:
    """Wait until the phone hears exactly this: tones of others, "music", or nothing. AssertionError after 40 s."""
    give_up = time.monotonic() + 40
    expected = {str(each) for each in wanted}
    while (heard := sound_now(phone, tones)) != expected:
        assert time.monotonic() < give_up, f"{phone.number[-4:]} hears {heard or 'nothing'} instead of {expected}"
        await asyncio.sleep(0.1)  # Sound comes all the time, and tells nobody.
