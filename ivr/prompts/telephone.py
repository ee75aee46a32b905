"""From the voice's sound to the telephone's: 8 kHz, its band, equal loudness, no clipping, short silences. numpy only.

Loudness follows ITU-R BS.1770-4 (K-weighting, blocks of 400 ms, gates at -70 LUFS and 10 LU under the mean).
"""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float64]

RATE = 8_000  # Hz; G.711 carries nothing else.
LOUDNESS = -19.0  # LUFS; as loud as the peaks of speech allow at a ceiling of -3 dBFS.
CEILING = -3.5  # dBFS; half a decibel below the -3 dBFS that we promise, for what rounding adds.
_BLOCK, _STEP = 0.4, 0.1  # seconds, BS.1770-4
_QUIET = 45.0  # dB below the loudest 10 ms: softer than that is silence, breath or noise of the voice.


def to_telephone(sound: Samples, rate: int, *, lead: float, tail: float, loudness: float = LOUDNESS) -> Samples:
    """Band-limit, resample, trim to `lead` and `tail` seconds of silence, and bring to `loudness` (LUFS)."""
    narrow = trim(resample(sound, rate), lead=lead, tail=tail)
    for _ in range(4):
        # The limiter takes a little loudness away, so the gain is set again after it.
        narrow = limit(narrow * 10 ** ((loudness - loudness_of(narrow)) / 20))
    return narrow


def resample(sound: Samples, rate: int) -> Samples:
    """To 8 kHz through the telephone's band, 100 to 3,600 Hz with soft edges, in the frequency domain."""
    seconds = len(sound) / rate
    spectrum = np.fft.rfft(sound)
    frequency = np.asarray(np.fft.rfftfreq(len(sound), 1 / rate), dtype=np.float64)
    band = _ramp(frequency, 60.0, 140.0) * (1 - _ramp(frequency, 3_400.0, 3_850.0))
    length = round(seconds * RATE)
    narrow = np.zeros(length // 2 + 1, dtype=complex)
    kept = min(len(narrow), len(spectrum))
    narrow[:kept] = (spectrum * band)[:kept]
    return np.asarray(np.fft.irfft(narrow, length) * (length / len(sound)), dtype=np.float64)


def _ramp(frequency: Samples, low: float, high: float) -> Samples:
    position = np.clip((frequency - low) / (high - low), 0.0, 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * position))


def trim(sound: Samples, rate: int = RATE, *, lead: float, tail: float) -> Samples:
    """Leave `lead` seconds before the first and `tail` seconds after the last sound that can be heard."""
    step = rate // 100
    levels = np.array([np.sqrt(np.mean(sound[at : at + step] ** 2)) for at in range(0, len(sound), step)])
    heard = np.flatnonzero(levels > levels.max() * 10 ** (-_QUIET / 20))
    first, last = int(heard[0]) * step, min(len(sound), (int(heard[-1]) + 1) * step)
    before, after = round(lead * rate), round(tail * rate)
    padded = np.concatenate([np.zeros(before), sound, np.zeros(after)])
    cut = padded[first : last + before + after].copy()
    fade = rate // 100
    cut[:fade] *= np.linspace(0.0, 1.0, fade)
    cut[-fade:] *= np.linspace(1.0, 0.0, fade)
    return cut


def limit(sound: Samples, ceiling: float = CEILING) -> Samples:
    """Hold peaks under `ceiling` (dBFS) with a gain that moves over 10 ms, so that nothing is clipped."""
    top = 10 ** (ceiling / 20)
    wanted = np.minimum(1.0, top / np.maximum(np.abs(sound), 1e-9))
    reach = RATE // 100
    around = _lowest_around(wanted, reach)
    smooth = np.hanning(2 * reach + 3)[1:-1]
    gain = np.convolve(np.pad(around, reach, mode="edge"), smooth / smooth.sum(), mode="valid")
    return np.asarray(sound * np.minimum(gain, wanted))


def _lowest_around(gains: Samples, reach: int) -> Samples:
    """The least of each value and its `reach` neighbours on either side, in few passes: widths double."""
    lowest, width, wanted = np.pad(gains, reach, mode="edge"), 1, 2 * reach + 1
    while width < wanted:
        step = min(width, wanted - width)
        lowest, width = np.minimum(lowest[: len(lowest) - step], lowest[step:]), width + step
    return lowest


def compress(sound: Samples, *, above: float = -30.0, ratio: float = 3.0) -> Samples:
    """Bring what is louder than `above` (dBFS, effective) nearer to it: each `ratio` dB over it become one.

    The gain follows the syllables (20 ms), not the wave, so that vowels keep their sound.
    """
    width = RATE // 50 + 1
    window = np.hanning(width + 2)[1:-1]
    power = np.convolve(np.pad(sound**2, width // 2, mode="edge"), window / window.sum(), mode="valid")
    over = np.maximum(0.0, 10 * np.log10(np.maximum(power, 1e-12)) - above)
    return np.asarray(sound * 10 ** (-over * (1 - 1 / ratio) / 20))


def bring_to(sound: Samples, loudness: float) -> Samples:
    """To `loudness` (LUFS) within 0.1 LU, with peaks under the ceiling; nearly so where 12 rounds do not suffice.

    The limiter takes a little loudness away, so the gain is set again after it.
    """
    for _ in range(12):
        missing = loudness - loudness_of(sound)
        if abs(missing) < 0.1:
            break
        sound = limit(sound * 10 ** (missing / 20))
    return sound


def loudness_of(sound: Samples, rate: int = RATE) -> float:
    """Integrated loudness in LUFS. What is shorter than a block is measured as one block of its own length."""
    weighted = _k_weighted(sound, rate)
    block, step = min(len(weighted), round(_BLOCK * rate)), round(_STEP * rate)
    starts = range(0, len(weighted) - block + 1, step)
    power = np.array([np.mean(weighted[at : at + block] ** 2) for at in starts])
    loud = power[power > _power(-70.0)]
    if not len(loud):
        return float("-inf")
    loud = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _k_weighted(sound: Samples, rate: int) -> Samples:
    """Both filters of BS.1770-4 by their magnitude at 48 kHz (tables 1 and 2); loudness knows no phase."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(len(sound), 1 / rate) / 48_000)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * np.abs(shelf * high_pass), len(sound)))


def peak_dbfs(sound: Samples) -> float:
    """The highest sample, in dB under full scale."""
    return float(20 * np.log10(max(float(np.abs(sound).max()), 1e-9)))


def write_wav(path: Path, sound: Samples) -> None:
    """16 bit mono, with a little triangular noise of one bit so that soft endings do not crackle."""
    noise = np.random.default_rng(len(sound))  # Seeded, so that the same sound gives the same file.
    dither = noise.random(len(sound)) - noise.random(len(sound))
    pcm = np.clip(np.round(sound * 32_767 + dither), -32_768, 32_767).astype("<i2")
    temporary = path.with_suffix(".part")
    with wave.open(str(temporary), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())
    temporary.replace(path)


def read_wav(path: Path) -> Samples:
    """Read a sound that `write_wav` wrote: mono, 8 kHz, 16 bits. Raises ValueError for any other."""
    with wave.open(str(path)) as file:
        if (file.getnchannels(), file.getframerate(), file.getsampwidth()) != (1, RATE, 2):
            raise ValueError(f"{path.name} is not in telephone form")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float64) / 32768.0
