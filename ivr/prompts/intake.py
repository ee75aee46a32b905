"""From somebody's file to telephone form, or a clear reason why not.

Reads what libsndfile reads: WAV of any width and rate, MP3, FLAC, OGG, AIFF.
"""

from __future__ import annotations

import io

import numpy as np

from ivr.prompts.telephone import LOUDNESS, Samples, bring_to, compress, loudness_of, to_telephone
from ivr.prompts.wanted import SENTENCE_SILENCE
from routing.voice.studio import Trouble, Unfit

LONGEST_FILE = 60.0  # seconds; with silences around the words.
RATES = (8_000, 192_000)  # Hz.
LEAST_SECONDS, SECONDS_A_SYLLABLE = 0.25, (0.07, 0.9)
"""Quick speech has 8 syllables a second (0.12 s each), slow speech to an elder 2; beyond these it is another text."""
PAUSES = 3.0  # seconds allowed besides.
LETTERS_A_SYLLABLE = 3
QUIETEST = (
    -50.0
)  # LUFS; 31 dB under what callers hear: raised by so much, the noise of a room is louder than the words.
CLIPPED_SHARE = 0.0005  # of all samples; speech that fits has none.
_FLAT = 4  # samples in a row that do not move at the top: a voice never does that.
_WITHIN = 1.0  # LU of the loudness of all prompts.
_SILENT = 1e-4  # of full scale, -80 dBFS.


def fit(content: bytes, words: str) -> Samples:
    """What callers will hear of a file in which somebody reads `words`. Raises Unfit."""
    sound, rate = _read(content)
    if not len(sound) or float(np.abs(sound).max()) < _SILENT:
        raise Unfit(Trouble.NOTHING, "nothing is to be heard in it")
    if (share := clipped_share(sound)) > CLIPPED_SHARE:
        raise Unfit(Trouble.CLIPPED, f"it is overdriven: {share:.1%} of it is cut off at the top")
    if (loudness := loudness_of(sound, rate)) < QUIETEST:
        raise Unfit(Trouble.QUIET, f"it is too soft: {loudness:.0f} LUFS, at least {QUIETEST:.0f} are wanted")
    lead, tail = SENTENCE_SILENCE
    narrow = to_telephone(sound, rate, lead=lead, tail=tail)
    if abs(loudness_of(narrow) - LOUDNESS) > _WITHIN:
        # A voice with high peaks: with them held down it reaches the loudness of all others.
        narrow = bring_to(compress(narrow), LOUDNESS)
    seconds = len(narrow) / 8_000 - lead - tail
    least, most = bounds(words)
    if seconds < least:
        raise Unfit(Trouble.SHORT, f"it lasts {seconds:.1f} s; these words take {least:.1f} s at least")
    if seconds > most:
        raise Unfit(Trouble.LONG, f"it lasts {seconds:.1f} s; these words take {most:.1f} s at most")
    return narrow


def bounds(words: str) -> tuple[float, float]:
    """The seconds that reading `words` takes at the least and at the most."""
    ideographs = sum("\u4e00" <= each <= "\u9fff" for each in words)
    letters = sum(each.isascii() and each.isalnum() for each in words)
    syllables = ideographs + letters / LETTERS_A_SYLLABLE
    quick, slow = SECONDS_A_SYLLABLE
    return max(LEAST_SECONDS, quick * syllables), PAUSES + slow * syllables


def clipped_share(sound: Samples) -> float:
    """The share of samples that stand still at the top, as those of an overdriven recording do."""
    top = float(np.abs(sound).max())
    if top < 0.5:
        return 0.0
    flat = (np.abs(np.diff(sound)) < 1e-6) & (np.abs(sound[1:]) > 0.98 * top)
    runs = np.convolve(flat.astype(float), np.ones(_FLAT - 1), mode="valid") >= _FLAT - 1
    return float(runs.sum()) / len(sound)


def _read(content: bytes) -> tuple[Samples, int]:
    import soundfile  # noqa: PLC0415 - a library of 2.5 MB, wanted when the first file comes and not in every call

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            rate = int(file.samplerate)
            if not RATES[0] <= rate <= RATES[1]:
                raise Unfit(Trouble.UNREADABLE, f"its rate is {rate} Hz; 8 to 192 kHz are taken")
            # The file may say less than it holds, so no more than the bound is read, whatever it says.
            sound = file.read(round((LONGEST_FILE + 1) * rate), dtype="float64", always_2d=True)
    except (soundfile.SoundFileError, ValueError, TypeError, OSError) as problem:
        raise Unfit(
            Trouble.UNREADABLE, "this is no sound that can be read; WAV, MP3, FLAC and OGG are taken"
        ) from problem
    if len(sound) > LONGEST_FILE * rate:
        raise Unfit(Trouble.LONG, f"the file is longer than {LONGEST_FILE:.0f} s")
    if not np.isfinite(sound).all():
        raise Unfit(Trouble.UNREADABLE, "there are numbers in it that are no sound")
    return np.asarray(sound.mean(axis=1), dtype=np.float64), rate
