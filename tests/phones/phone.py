"""A real SIP phone: it dials, answers, presses keys, speaks a tone, and records what it hears."""

from __future__ import annotations

import ctypes
import threading
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pjsua2 as pj

from tests.phones.line import Line
from tests.phones.sip_headers import with_headers

RATE = 8000
"""Samples per second of what phones hear."""


class PhoneTimeoutError(AssertionError):
    """What was waited for did not happen in time."""


@dataclass(frozen=True)
class PhoneEvent:
    """Something that happened to the phone; `at` is monotonic seconds."""

    what: str
    at: float
    detail: str = ""


def content(vector: Any) -> bytes:
    """The bytes of a C++ vector of bytes, read where they lie.

    Python's own bytes(vector) asks for each of a frame's 320 by itself, which takes milliseconds: with four calls that
    was most of what a process of phones did, and what made it lose sound. A vector begins with the addresses of its
    first byte and of its end, as all compilers on Linux have it (the Itanium C++ ABI's libraries).
    """
    begin, end = (ctypes.c_size_t * 2).from_address(int(vector.this))
    return ctypes.string_at(begin, end - begin)


class _Ear(pj.AudioMediaPort):  # type: ignore[misc]  # pjsua2 has no types.
    """Keeps what the phone hears, 8 kHz, 16 bit, frame by frame, so that it can be listened to while the call lasts."""

    def __init__(self) -> None:
        super().__init__()
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, RATE, 1, 20_000, 16)
        self.samples = bytearray()
        self.open = True
        """Until the call is over: the port hears silence for as long as PJSIP has it."""
        self.createPort("ear", form)

    def onFrameReceived(self, frame: Any) -> None:  # noqa: N802  # PJSIP's name.
        if not self.open:
            return
        sound = content(frame.buf) if frame.type == pj.PJMEDIA_FRAME_TYPE_AUDIO else b""
        self.samples += sound or bytes(RATE // 50 * 2)


class _Call(pj.Call):  # type: ignore[misc]  # pjsua2 has no types.
    def __init__(self, phone: Phone, account: Any, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self.phone = phone
        self.ear: _Ear | None = None
        self.player: Any = None

    def onCallState(self, _parameter: Any) -> None:  # noqa: N802  # PJSIP's name.
        info = self.getInfo()
        state = {
            pj.PJSIP_INV_STATE_CALLING: "calling",
            pj.PJSIP_INV_STATE_EARLY: "early",
            pj.PJSIP_INV_STATE_CONFIRMED: "connected",
            pj.PJSIP_INV_STATE_DISCONNECTED: "hung_up",
        }.get(info.state)
        if state == "hung_up":
            if self.ear is not None:
                self.ear.open = False
            self.phone.forget(self)
        if state is not None:
            self.phone.happened(state, f"{info.lastStatusCode} {info.lastReason}")

    def onDtmfDigit(self, parameter: Any) -> None:  # noqa: N802
        self.phone.happened("key", parameter.digit)

    def onCallMediaState(self, _parameter: Any) -> None:  # noqa: N802
        info = self.getInfo()  # Kept in a name: its media list dies with it.
        for index in range(len(info.media)):
            media = info.media[index]
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self._connect(self.getAudioMedia(index))

    def _connect(self, audio: Any) -> None:
        if self.ear is None:
            self.ear = _Ear()
            self.phone.listened.append(self.ear.samples)
            self.phone.happened("listening")
        audio.startTransmit(self.ear)
        if self.player is None and self.phone.tone_hz:
            self.player = pj.ToneGenerator()
            self.player.createToneGenerator(8000)
            tone = pj.ToneDesc()
            tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = self.phone.tone_hz, 0, 1000, 0
            tones = pj.ToneDescVector()
            tones.append(tone)
            self.player.play(tones, True)
        if self.player is not None:
            self.player.startTransmit(audio)


class _Account(pj.Account):  # type: ignore[misc]
    def __init__(self, phone: Phone) -> None:
        super().__init__()
        self.phone = phone

    def onIncomingCall(self, parameter: Any) -> None:  # noqa: N802
        self.phone.rung(_Call(self.phone, self, parameter.callId))

    def onRegState(self, parameter: Any) -> None:  # noqa: N802
        self.phone.happened("registered" if parameter.code == 200 else "register_failed", str(parameter.code))


class Phone:
    """One phone on a `Line`. `number` is its name: the From user of its calls, and what it is called by."""

    def __init__(self, line: Line, number: str, *, tone_hz: int = 0, answers: bool = True) -> None:
        """`tone_hz` is spoken while a call lasts; `answers`: pick up by itself when it rings. `refuses` may be set to
        a SIP status, with which every call is then refused (486: busy)."""
        self.line = line
        self.number = number
        self.tone_hz = tone_hz
        self.answers = answers
        self.refuses = 0
        self.events: list[PhoneEvent] = []
        self.listened: list[bytearray] = []
        """What was heard, one recording for each call, growing while the call lasts."""
        self._changed = threading.Condition()
        self._call: _Call | None = None
        self._account: _Account | None = None
        self._gone: list[_Call] = []
        line.closing.append(self._drop)

    def _drop(self) -> None:
        """Let go of everything of PJSIP's, on its own thread, before the library is closed."""
        self._call = None
        self._gone.clear()
        self._account = None

    def plug_in(self, server: str | None = None, user: str | None = None, password: str = "") -> None:
        """Become callable. With `server` (host:port) register there as `user` and wait until registered (30 s)."""

        def create() -> None:
            config = pj.AccountConfig()
            config.idUri = f"sip:{self.number}@{server or f'{self.line.address}:{self.line.port}'}"
            config.mediaConfig.transportConfig.port = self.line.rtp_first
            config.mediaConfig.transportConfig.portRange = 400
            config.mediaConfig.transportConfig.boundAddress = self.line.address
            if server and user:
                config.regConfig.registrarUri = f"sip:{server}"
                config.regConfig.timeoutSec = 120
                config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, password))
            self._account = _Account(self)
            self._account.create(config)

        self.line.do(create)
        if server and user:
            self.wait_for("registered", 30)

    def unplug(self) -> None:
        """Hang up, unregister, and be gone."""
        self.hang_up()

        def remove() -> None:
            if self._account is not None:
                self._account.shutdown()
                self._account = None

        self.line.do(remove)

    def dial(self, uri: str, **headers: str) -> None:
        """Call ``sip:12349@127.0.0.1:5060`` with `headers`; give up waiting for nothing: use `wait_for`.
        Raises RuntimeError in the words of PJSIP when no call could be begun."""

        def call() -> None:
            assert self._account is not None, "plug the phone in first"
            self._call = begun = _Call(self, self._account)
            try:
                begun.makeCall(uri, with_headers(headers))
            except pj.Error:
                if self._call is begun:  # PJSIP aborts the process when a call that never was is hung up.
                    self.forget(begun)
                raise

        self.happened("dialling", uri)
        self.line.do(call)

    def press(self, keys: str) -> None:
        """Press keys (RFC 4733), one after the other."""

        def dtmf() -> None:
            assert self._call is not None, f"{self.number} presses {keys} without a call"
            self._call.dialDtmf(keys)

        self.line.do(dtmf)
        self.happened("pressed", keys)

    def answer(self, code: int = 200) -> None:
        """Pick up (or refuse with another `code`, as 486)."""

        def pick_up() -> None:
            assert self._call is not None, f"{self.number} does not ring"
            parameter = pj.CallOpParam()
            parameter.statusCode = code
            self._call.answer(parameter)

        self.line.do(pick_up)

    def hold(self) -> None:
        """Press the phone's own hold key."""

        def put_on_hold() -> None:
            assert self._call is not None, f"{self.number} holds without a call"
            self._call.setHold(pj.CallOpParam(True))

        self.line.do(put_on_hold)
        self.happened("held")

    def hang_up(self) -> None:
        """End the call, if there is one."""

        def end() -> None:
            if self._call is not None:
                self.happened("hanging_up")
                self._call.hangup(pj.CallOpParam(True))

        self.line.do(end)

    def heard(self) -> np.ndarray:
        """Give what the latest call has heard so far: 8 kHz samples, -32768 to 32767."""
        return np.frombuffer(bytes(self.listened[-1]) if self.listened else b"", dtype=np.int16)

    def keep(self, path: Path) -> None:
        """Write what the latest call heard to a WAV file."""
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
            file.writeframes(self.heard().tobytes())

    @property
    def busy(self) -> bool:
        return self._call is not None

    def wait_for(self, what: str, seconds: float, since: float = 0.0) -> PhoneEvent:
        """Wait until the event `what` has happened (after `since`). Raises PhoneTimeoutError with what did happen."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                for event in self.events:
                    if event.what == what and event.at > since:
                        return event
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    raise PhoneTimeoutError(
                        f"phone {self.number[-4:]}: no '{what}' within {seconds:g} s; it saw {self.events}"
                    )

    def happened(self, what: str, detail: str = "") -> None:
        """Note an event; whoever waits for it goes on."""
        with self._changed:
            self.events.append(PhoneEvent(what, time.monotonic(), detail))
            self._changed.notify_all()

    def rung(self, call: _Call) -> None:
        """An incoming call: ring, and pick up if the phone answers by itself. A phone in use says busy."""
        parameter = pj.CallOpParam()
        if self._call is not None or self.refuses:
            parameter.statusCode = self.refuses or 486
            call.answer(parameter)
            self.happened("refused", str(parameter.statusCode))
            self._gone.append(call)
            return
        self._call = call
        info = call.getInfo()
        parameter.statusCode = 180
        call.answer(parameter)
        self.happened("ringing", info.remoteUri)
        if self.answers:
            parameter.statusCode = 200
            call.answer(parameter)

    def forget(self, call: _Call) -> None:
        """The call is over. PJSIP's object is kept until the phone goes, because it may still be on its stack."""
        self._gone.append(call)
        if self._call is call:
            self._call = None
