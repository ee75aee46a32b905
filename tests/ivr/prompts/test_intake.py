"""What people send, of any form, becomes a prompt in telephone form, or is refused for a reason."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from ivr.prompts.intake import bounds, clipped_share, fit
from ivr.prompts.telephone import RATE, loudness_of, peak_dbfs
from routing.voice.studio import Trouble, Unfit
from tests.ivr.prompts.voices import reading, syllables

WORDS = "请稍等，马上为您转接人工。"


def trouble_of(content: bytes) -> Trouble:
    with pytest.raises(Unfit) as refused:
        fit(content, WORDS)
    return refused.value.trouble


@pytest.mark.parametrize(
    ("rate", "channels", "form", "width"),
    [(8_000, 1, "WAV", "PCM_U8"), (8_000, 1, "WAV", "ALAW"), (16_000, 1, "WAV", "PCM_16"), (22_050, 2, "WAV", "PCM_24"),
     (44_100, 2, "WAVEX", "PCM_16"), (48_000, 2, "WAV", "PCM_32"), (48_000, 1, "WAV", "FLOAT"),
     (44_100, 2, "MP3", "MPEG_LAYER_III"), (48_000, 1, "OGG", "OPUS"), (44_100, 1, "FLAC", "PCM_16")],
)  # fmt: skip
def test_every_form_becomes_the_same(rate: int, channels: int, form: str, width: str) -> None:
    sound = fit(reading(3.0, rate, channels, form=form, width=width), WORDS)
    assert abs(loudness_of(sound) + 19) <= 1
    assert peak_dbfs(sound) < -3
    assert 2.8 < len(sound) / RATE < 3.5  # The silences around the words are trimmed.
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum[np.fft.rfftfreq(len(sound), 1 / RATE) > 3_900].max() < spectrum.max() / 100


@pytest.mark.parametrize("level", [0.02, 0.1, 0.4])
def test_soft_and_loud_readers_end_equally_loud(level: float) -> None:
    assert abs(loudness_of(fit(reading(3.0, level=level), WORDS)) + 19) <= 1


def test_a_voice_with_high_peaks_reaches_the_loudness_of_all_others() -> None:
    rate = 16_000
    sound = syllables(3.0, rate, 0.05)
    sound[rate :: rate // 4] = 0.9
    content = io.BytesIO()
    soundfile.write(content, sound, rate, format="WAV", subtype="FLOAT")
    narrow = fit(content.getvalue(), WORDS)
    assert abs(loudness_of(narrow) + 19) <= 1
    assert peak_dbfs(narrow) < -3


def test_reasons_to_refuse() -> None:
    assert trouble_of(b"") is Trouble.UNREADABLE
    assert trouble_of(b"ID3" + bytes(500)) is Trouble.UNREADABLE
    assert trouble_of(reading(3.0)[:40]) is Trouble.UNREADABLE
    assert trouble_of(reading(3.0, level=0.0)) is Trouble.NOTHING
    assert trouble_of(reading(3.0, level=0.0005, width="PCM_24")) is Trouble.QUIET
    assert trouble_of(reading(0.3)) is Trouble.SHORT
    assert trouble_of(reading(25.0)) is Trouble.LONG
    assert trouble_of(reading(65.0, rate=8_000)) is Trouble.LONG


def test_an_overdriven_recording_is_refused() -> None:
    sound = np.clip(6 * syllables(3.0, level=0.4), -1, 1)
    content = io.BytesIO()
    soundfile.write(content, sound, 44_100, format="WAV", subtype="PCM_16")
    assert clipped_share(sound) > 0.01
    assert trouble_of(content.getvalue()) is Trouble.CLIPPED
    assert clipped_share(syllables(3.0, level=0.4)) == 0


def test_numbers_that_are_no_sound_are_refused() -> None:
    sound = syllables(3.0)
    sound[1000] = np.inf
    content = io.BytesIO()
    soundfile.write(content, sound, 44_100, format="WAV", subtype="FLOAT")
    assert trouble_of(content.getvalue()) is Trouble.UNREADABLE


def test_a_header_that_promises_more_than_there_is_takes_no_more_memory() -> None:
    content = bytearray(reading(3.0))
    content[40:44] = (0xFFFFFFF0).to_bytes(4, "little")
    assert len(fit(bytes(content), WORDS)) < 5 * RATE


def test_bounds_follow_the_words() -> None:
    assert bounds("好")[0] == 0.25
    short, long = bounds(WORDS), bounds(WORDS * 3)
    assert short[0] < long[0] and short[1] < long[1]
    least, most = bounds("Thank you, goodbye.")
    assert least < 1.2 < most


def test_the_result_is_the_same_for_the_same_file() -> None:
    content = reading(3.0)
    assert (fit(content, WORDS) == fit(content, WORDS)).all()
