"""Silences as sounds: as long as they say, and together as long as was asked."""

import wave

import pytest

from ivr.prompts.catalogue import SOUNDS_FOLDER
from ivr.prompts.quiet import FOLDER, TENTHS, name_of, silence


@pytest.mark.parametrize("tenths", TENTHS)
def test_a_silence_is_as_long_as_its_name_says(tenths: int) -> None:
    with wave.open(str(SOUNDS_FOLDER / FOLDER / f"{name_of(tenths)}.wav")) as sound:
        assert sound.getnframes() / sound.getframerate() == tenths / 10
        samples = memoryview(sound.readframes(sound.getnframes())).cast("h")
    assert max(map(abs, samples)) <= 2


@pytest.mark.parametrize(
    ("seconds", "tenths"),
    [(0, 0), (-1, 0), (0.001, 1), (0.1, 1), (0.42, 5), (0.5, 5), (4.5, 45), (6, 60), (8.7, 87), (60, 600)],
)
def test_silences_add_up_to_what_was_asked(seconds: float, tenths: int) -> None:
    assert sum(int(sound.rpartition(".")[2]) for sound in silence(seconds)) == tenths


def test_the_usual_silences_are_few_sounds() -> None:
    assert len(silence(4.5)) == 2
    assert len(silence(0.5)) == 1
