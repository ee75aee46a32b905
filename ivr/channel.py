"""A call over AGI, and the port that it fills. The AGI commands of the conversations are all in this file."""

import contextlib
import re
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog

from ivr import background
from ivr.agi_protocol import CommandRefused, HardenedAgi, quote
from ivr.call import ALWAYS_KEYS, KEYS, CallerHungUp, Delivery, HangupKind, Prompts, Recording, RecordingEnd, Words
from ivr.call_facts import facts_from
from ivr.prompts.quiet import silence

log = structlog.get_logger(__name__)

KEPT_KEYS = 32  # Keys pressed ahead; beyond that they are dropped, so that leaning on the keys harms nobody.
SAMPLES_A_SECOND = 8000
RECORDING_FORMAT = "wav"
LAST_TONE = "!425/300,!0/150,!425/300"  # 425 Hz is the tone of Chinese exchanges; it needs no file.
LAST_TONE_SECONDS = 0.8
SOUND_SECONDS = 60.0  # More than the longest sound takes; added to the time limit of a command for each sound.

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")
_RECORDING = re.compile(r"/?[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_ALL_KEYS = quote(KEYS)


class AgiCall:
    """One call over one AGI session (the port `Call`). Used by one thread.

    `sounds` is the folder of the prompts as Asterisk sees it. `language`, if given, is spoken instead of the channel's.
    `fallback` is a sound of Asterisk's own, played when nothing of a prompt could be; without it, a tone. `instead_of`
    gives the next best for a sound that could not be played.
    `sounds_failed` counts what could not be played.

    Asterisk drops a key that is let go while no command runs (tried on 22.10). So a question and its waiting are one
    command (ivr/background.py), and so are the last words of a talk. What `play` says is one command a file, listening
    to all keys: one that is not asked for is kept, and the sound goes on where it was. Digits are read by one command.
    What remains is a fraction of a millisecond between two files of `play`, and work after a key while it is quicker
    than a hand.
    """

    def __init__(
        self,
        agi: HardenedAgi,
        prompts: Prompts,
        sounds: str,
        *,
        language: str = "",
        fallback: str = "beep",
        instead_of: Callable[[str], str | None] = lambda _sound: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.facts = facts_from(agi.env)
        self.sounds_failed = 0
        self._agi = agi
        self._prompts = prompts
        self._sounds = sounds.rstrip("/")
        self._language = language or self.facts.language
        self.delivery = Delivery()
        self._fallback = fallback
        self._instead_of = instead_of
        self._clock = clock
        self._ahead: deque[str] = deque()
        self._in_one = True  # Until a sound is found missing; after that each file is a command and tells of itself.

    def answer(self) -> None:
        self._agi.demand("ANSWER")

    def play(self, key: str, /, *, keys: str = "", **values: object) -> str | None:
        pressed = self._take_ahead(keys)
        if pressed is not None:
            return pressed
        heard = False
        for sound in self._plan(key, values):
            played, pressed = self._stream(self._path(sound), keys)
            if not played and (other := self._instead_of(sound)):
                played, pressed = self._stream(self._path(other), keys)
            if pressed is not None:
                return pressed
            heard = heard or played
        return None if heard else self._play_something(keys)

    def ask(self, words: Words, *, seconds: float, quiet: float = 0.0) -> str | None:
        return self._speak(words, KEYS, quiet, seconds)

    def tell(self, words: Words, *, seconds: float = 0.0, quiet: float = 0.0, keys: str = ALWAYS_KEYS) -> str | None:
        pressed = self._speak(words, keys, quiet, seconds)
        self._ahead.clear()
        return pressed

    def wait_key(self, seconds: float, keys: str = KEYS) -> str | None:
        while self._ahead:
            pressed = self._ahead.popleft()
            if pressed in keys:
                return pressed
        end = self._clock() + seconds
        while (left := end - self._clock()) > 0:
            key = self._wait(left)
            if key is None or key in keys:
                return key
        return None

    def read_digits(self, *, first_seconds: float, next_seconds: float, maximum: int, end: str = "#") -> str:
        if end != "#":
            raise ValueError("Asterisk's GET DATA ends with # and nothing else.")
        digits = ""
        while self._ahead and len(digits) < maximum:
            pressed = self._ahead.popleft()
            if pressed == end:
                return digits
            digits += pressed
        if digits == "" and maximum > 0:
            first = self._wait(first_seconds)
            if first is None or first == end:
                return ""
            digits = first
        if len(digits) < maximum:
            # One command for all that follow: between two commands a fast key could be lost.
            seconds = next_seconds * (maximum - len(digits))
            reply = self._agi.demand(
                "GET DATA", '""', _milliseconds(next_seconds), maximum - len(digits), seconds=seconds
            )
            digits += "".join(each for each in reply.result if each in KEYS)
        return digits

    def pause(self, seconds: float) -> None:
        if not self._ahead:
            self._keep(self._wait(seconds))

    def get(self, variable: str) -> str | None:
        reply = self._agi.demand("GET VARIABLE", quote(_variable(variable)))
        return reply.data if reply.result == "1" else None

    def set(self, variable: str, value: str) -> None:
        self._agi.demand("SET VARIABLE", quote(_variable(variable)), quote(value))

    def record(self, name: str, max_seconds: float, silence_seconds: float, end_keys: str = "#") -> Recording:
        if not _RECORDING.fullmatch(name) or ".." in name:
            raise ValueError("A recording's name is made of letters, digits, dots, dashes and slashes.")
        reply = self._agi.request(
            "RECORD FILE", quote(name), RECORDING_FORMAT, quote(end_keys), _milliseconds(max_seconds),
            f"s={max(1, round(silence_seconds))}", seconds=max_seconds,
        )  # fmt: skip
        seconds = reply.endpos / SAMPLES_A_SECOND
        if reply.result == "-1":
            if reply.data != "hangup":
                self._agi.still_there()
                raise CommandRefused("RECORD FILE failed")
            return Recording(name, seconds, RecordingEnd.HANGUP)
        key = _key(reply.result)
        return Recording(name, seconds, RecordingEnd.TIME if key is None else RecordingEnd.KEY, key)

    def hangup(self) -> None:
        with contextlib.suppress(CallerHungUp):  # The caller was faster.
            self._agi.demand("HANGUP")
        self._agi.ended = HangupKind.HUNG_UP

    def _speak(self, words: Words, keys: str, quiet: float, listen: float) -> str | None:
        pressed = self._take_ahead(keys)
        if pressed is not None:
            return pressed
        said = False
        if self._in_one:
            # What is wrong is logged and counted where each sound is a command of its own.
            with contextlib.suppress(LookupError, ValueError, CommandRefused):
                said, pressed = self._background(self._sounds_of(words, quiet, listen), keys)
        return pressed if said else self._speak_one_by_one(words, keys, quiet, listen)

    def _sounds_of(self, words: Words, quiet: float, listen: float) -> list[str]:
        spoken = [each for key, values in words for each in self._planned(key, values)]
        return [self._path(each) for each in (*silence(quiet), *spoken, *silence(listen))]

    def _path(self, sound: str) -> str:
        """Where Asterisk finds a sound: below the prompts, or, for a recording of a call, where it says itself."""
        return sound if sound.startswith("/") else f"{self._sounds}/{sound}"

    def _background(self, sounds: list[str], keys: str) -> tuple[bool, str | None]:
        """Play them as one: whether all could be played, and the key that ended it."""
        for arguments in background.arguments(sounds, keys):
            seconds = SOUND_SECONDS * (arguments.count("&") + 1)
            pressed = _key(self._agi.demand("EXEC", background.APPLICATION, quote(arguments), seconds=seconds).result)
            if pressed is not None:
                return True, pressed
            self._in_one = self.get(background.STATUS) != background.FAILED
            if not self._in_one:
                return False, None
        return True, None

    def _speak_one_by_one(self, words: Words, keys: str, quiet: float, listen: float) -> str | None:
        if quiet > 0:
            self.pause(quiet)
        for key, values in words:
            pressed = self.play(key, keys=keys, **values)
            if pressed is not None:
                return pressed
        return self.wait_key(listen, keys)

    def _plan(self, key: str, values: dict[str, object]) -> Sequence[str]:
        try:
            return self._planned(key, values)
        except (LookupError, ValueError):
            self.sounds_failed += 1
            log.exception("prompt.not_planned", prompt=key)
            return ()

    def _planned(self, key: str, values: Mapping[str, object]) -> Sequence[str]:
        return self._prompts.plan(key, self.delivery.language or self._language, self.delivery, **values)

    def _stream(self, path: str, keys: str) -> tuple[bool, str | None]:
        """Play one file: whether any of it was played, and the key in `keys` that stopped it."""
        played = 0
        while True:
            listening = _ALL_KEYS if len(self._ahead) < KEPT_KEYS else quote(keys)
            where = (played,) if played else ()
            try:
                reply = self._agi.demand("STREAM FILE", quote(path), listening, *where, seconds=SOUND_SECONDS)
            except CommandRefused:
                return self._failed(path), None
            if reply.result == "0":
                if reply.endpos == 0 and played == 0:
                    self._agi.still_there()  # A caller who hangs up at the very beginning is no missing file.
                    return self._failed(path), None
                return True, None
            key = _key(reply.result)
            if key is not None and key in keys:
                return True, key
            self._keep(key)
            played = reply.endpos

    def _failed(self, path: str) -> bool:
        self.sounds_failed += 1
        log.error("sound.not_played", sound=path.removeprefix(self._sounds))
        return False

    def _play_something(self, keys: str) -> str | None:
        """Never silence: the fallback sound, and without a file at least a tone."""
        played, pressed = self._stream(self._fallback, keys)
        if played:
            return pressed
        try:
            self._agi.demand("EXEC", "PlayTones", quote(LAST_TONE))
            key = self._wait(LAST_TONE_SECONDS)
            self._agi.demand("EXEC", "StopPlayTones")
        except CommandRefused:
            self.sounds_failed += 1
            log.exception("tone.not_played")  # Asterisk lacks app_playtones; there is nothing left to play.
            return None
        if key is not None and key in keys:
            return key
        self._keep(key)
        return None

    def _wait(self, seconds: float) -> str | None:
        """The next key within so long. A tone that is no key does not shorten the wait."""
        end = self._clock() + seconds
        while (left := end - self._clock()) > 0:
            reply = self._agi.demand("WAIT FOR DIGIT", _milliseconds(left), seconds=left)
            if reply.result == "0":
                return None
            key = _key(reply.result)
            if key is not None:
                return key
        return None

    def _take_ahead(self, keys: str) -> str | None:
        for pressed in self._ahead:
            if pressed in keys:
                self._ahead.remove(pressed)
                return pressed
        return None

    def _keep(self, key: str | None) -> None:
        if key is not None and len(self._ahead) < KEPT_KEYS:
            self._ahead.append(key)


def _key(result: str) -> str | None:
    """The key of an answer, which is its ASCII number; None for none and for the tones A to D."""
    key = chr(int(result)) if result.isascii() and result.isdigit() and int(result) < 128 else ""
    return key if key and key in KEYS else None


def _milliseconds(seconds: float) -> int:
    """At least one: to Asterisk 0 is "at once" in one command and "its own default" in another."""
    return max(1, round(seconds * 1000))


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a channel variable.")
    return name
