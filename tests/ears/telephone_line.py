"""What a telephone line does to sound: coding, gain, noise, slips of a jitter buffer, a clock of its own."""

from __future__ import annotations

import numpy as np

from tests.ears.wav import RATE, Samples

PACKET = RATE // 50


def mu_law(sound: Samples) -> Samples:
    """Through G.711 and back: 8 bits a sample, on a logarithmic scale (mu = 255)."""
    clipped = np.clip(sound, -1, 1)
    coded = np.round(np.sign(clipped) * np.log1p(255 * np.abs(clipped)) / np.log(256) * 127) / 127
    decoded: Samples = np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255
    return decoded


def gain(sound: Samples, decibels: float) -> Samples:
    """Louder or softer; what is too loud is clipped, as on a line."""
    return np.clip(sound * 10 ** (decibels / 20), -1, 1)


def noise(sound: Samples, dbfs: float, seed: int = 1) -> Samples:
    """With white noise of that level."""
    return sound + np.random.default_rng(seed).standard_normal(len(sound)) * 10 ** (dbfs / 20)


def lose_packet(sound: Samples, at: float) -> Samples:
    """20 ms at `at` seconds left out."""
    begin = int(at * RATE)
    return np.concatenate([sound[:begin], sound[begin + PACKET :]])


def repeat_packet(sound: Samples, at: float) -> Samples:
    """20 ms at `at` seconds heard twice."""
    begin = int(at * RATE)
    return np.concatenate([sound[: begin + PACKET], sound[begin:]])


def other_clock(sound: Samples, parts_per_million: float, offset: float = 0.5) -> Samples:
    """Sampled by a clock that is faster, and half a sample beside ours."""
    places = np.arange(len(sound) - 2) * (1 + parts_per_million / 1e6) + offset
    return np.interp(places, np.arange(len(sound)), sound)
