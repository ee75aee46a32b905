"""Tones and the hold music, made here and so free of anybody's rights. numpy only."""

from pathlib import Path

import numpy as np

from ivr.prompts import quiet
from ivr.prompts.telephone import RATE, Samples, limit, loudness_of, read_wav, write_wav

TONES_FOLDER, MUSIC_FOLDER = quiet.FOLDER, "moh"
MUSIC = "calm"
CALM_FOLDER, CALM = "calm", "stay"
CALM_SENTENCES = ("sos.calm.0", "sos.coming.0", "sos.stay.0", "sos.rest.0", "sos.still_here.0")
CALM_QUIET_SECONDS = 1.2
"""After each sentence: time to take a breath, and too short to be taken for a dead line."""
MUSIC_LOUDNESS = -26.0  # LUFS; 7 LU under the prompts, so that a voice over the line always stands out.
TONE_LOUDNESS = -21.0  # LUFS; a pure tone seems louder than speech, and older ears are easily startled.

_BEAT = 0.75  # seconds: 80 beats a minute, the pace of a quiet heart
# Four beats a bar, four bars a line. Five notes of C (宫商角徵羽) and nothing else: no dissonance, and familiar here.
_NOTES = {"C": 261.63, "D": 293.66, "E": 329.63, "G": 392.00, "A": 440.00, "c": 523.25, "d": 587.33, "-": 0.0}
_MELODY = [
    "EGA-",
    "GED-",
    "EGAc",
    "G---",
    "cAG-",
    "EDE-",
    "GEDC",
    "D---",
    "EGA-",
    "cAG-",
    "Adc-",
    "AG--",
    "AGED",
    "EGE-",
    "DECD",
    "C---",
]
_BASS = "CGCA CGDG EAEA CDCC".replace(" ", "")


def write_missing_tones(sounds: Path) -> list[str]:
    """Write the tones, the music and the calm loop below `sounds`, where they are missing; returns their names."""
    made = []
    for folder, name, make in (
        (sounds / TONES_FOLDER, "beep", beep),
        (sounds / TONES_FOLDER, "connect", connect),
        *(
            (sounds / TONES_FOLDER, quiet.name_of(tenths), lambda of=tenths: np.zeros(of * RATE // 10))
            for tenths in quiet.TENTHS
        ),
        (sounds / MUSIC_FOLDER, MUSIC, music),
        *((voice / CALM_FOLDER, CALM, lambda of=voice: calm(of)) for voice in _voices_that_can_calm(sounds)),
    ):
        path = folder / f"{name}.wav"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_wav(path, make())
            made.append(name)
    return made


def calm(voice: Path) -> Samples:
    """What an SOS hears instead of music, from the first moment on: we have your call, somebody comes, stay with us."""
    quiet = np.zeros(round(CALM_QUIET_SECONDS * RATE))
    return np.concatenate([part for name in CALM_SENTENCES for part in (read_wav(voice / f"{name}.wav"), quiet)])


def _voices_that_can_calm(sounds: Path) -> list[Path]:
    return [
        folder
        for folder in sorted(sounds.iterdir())
        if all((folder / f"{name}.wav").is_file() for name in CALM_SENTENCES)
    ]


def beep() -> Samples:
    """What a caller speaks after: 1 kHz, 0.4 s."""
    return _to(np.concatenate([_sine(1_000, 0.4), np.zeros(RATE // 20)]), TONE_LOUDNESS)


def connect() -> Samples:
    """Tells an agent that a caller comes on: two short rising notes."""
    return _to(np.concatenate([_sine(660, 0.12), np.zeros(RATE // 25), _sine(880, 0.16)]), TONE_LOUDNESS)


def music() -> Samples:
    """48 s of soft plucked notes that begin and end in silence, so that repeating them does not click."""
    length = round((len(_MELODY) * 4 * _BEAT) * RATE)
    track = np.zeros(length)
    for bar, notes in enumerate(_MELODY):
        _add(track, bar * 4 * _BEAT, _pluck(_NOTES[_BASS[bar]] / 2, 4 * _BEAT), 0.55)
        _add(track, (bar * 4 + 2) * _BEAT, _pluck(_NOTES[_BASS[bar]] * 0.75, 2 * _BEAT), 0.3)
        for beat, note in enumerate(notes):
            if note != "-":
                _add(track, (bar * 4 + beat) * _BEAT, _pluck(_NOTES[note], 2.5 * _BEAT), 1.0)
    fade = RATE // 2
    track[-fade:] *= np.linspace(1.0, 0.0, fade)
    return _to(track, MUSIC_LOUDNESS)


def _pluck(hertz: float, seconds: float) -> Samples:
    """A struck string as the telephone can carry it: few overtones, the higher the sooner gone, a soft beginning."""
    time = np.arange(round(seconds * RATE)) / RATE
    note = sum(
        np.sin(2 * np.pi * hertz * overtone * time) * np.exp(-time * (1.6 + 1.4 * overtone)) / overtone**1.6
        for overtone in range(1, 6)
        if hertz * overtone < 3_400
    )
    soft = np.minimum(1.0, time / 0.012) * np.minimum(1.0, (seconds - time) / 0.05)
    return np.asarray(note * soft, dtype=np.float64)


def _sine(hertz: float, seconds: float) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    soft = np.minimum(1.0, np.minimum(time, time[::-1]) / 0.01)
    return np.asarray(np.sin(2 * np.pi * hertz * time) * soft, dtype=np.float64)


def _add(track: Samples, at: float, note: Samples, level: float) -> None:
    begin = round(at * RATE)
    end = min(len(track), begin + len(note))
    track[begin:end] += level * note[: end - begin]


def _to(sound: Samples, loudness: float) -> Samples:
    return limit(sound * 10 ** ((loudness - loudness_of(sound)) / 20))
