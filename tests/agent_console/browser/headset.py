"""A browser with a microphone that hears a tone, and ears for what its page plays."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Playwright

from tests.agent_console.browser.conftest import launch

_RATE = 48_000
_LEAST_LEVEL = -50  # dBFS of the loudest line of the spectrum; the phones' tones are at some -15.
_MOST_OFF = 20  # Hertz; the lines are 6 Hz apart.
_MICROPHONE = (
    "--use-fake-ui-for-media-stream --use-fake-device-for-media-stream --use-file-for-fake-audio-capture={tone} "
    # A machine with a network needs no more; one that has none is reached over loopback.
    "--allow-loopback-in-peer-connection"
)
PLAIN_SOUND = """
  // What keeps a room quiet takes a pure tone for noise.
  const given = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (given) navigator.mediaDevices.getUserMedia = ({ audio }) => given({
    audio: { ...(audio === true ? {} : audio),
             echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
"""
RING_TAP = """
  // Whatever the page plays by itself goes by this ear.
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...more) {
    if (to instanceof AudioDestinationNode) {
      window.rung = this.context.createAnalyser();
      window.rung.fftSize = 8192;
      connect.call(this, window.rung);
    }
    return connect.call(this, to, ...more);
  };
"""
WITNESS = """
  window.sockets = []; // When a WebSocket was opened, in milliseconds.
  window.lines = []; // What the page has said of its line.
  document.addEventListener("DOMContentLoaded", () => {
    const phone = document.getElementById("phone");
    const note = () => window.lines.push(phone.dataset.line);
    if (phone) new MutationObserver(note).observe(phone, { attributeFilter: ["data-line"] });
  });
  WebSocket = class extends WebSocket {
    constructor(...given) { super(...given); window.sockets.push(performance.now()); }
  };
"""
_LOUDEST = """async ({ hertz, milliseconds, ring, least, off }) => {
  const deadline = performance.now() + milliseconds;
  let ear = null, found = { hertz: 0, level: -Infinity };
  const listen = () => {
    if (ring) return window.rung;
    const stream = document.querySelector("#phone audio, #handset audio").srcObject;
    if (!stream) return null;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaStreamSource(stream).connect(analyser);
    return analyser;
  };
  while (performance.now() < deadline) {
    ear ??= listen();
    if (ear) {
      const levels = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(levels);
      const place = levels.indexOf(Math.max(...levels));
      found = { hertz: place * ear.context.sampleRate / ear.fftSize, level: levels[place] };
      if (found.level > least && hertz.some((each) => Math.abs(found.hertz - each) < off)) return found;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  return found;
}"""

_TOGETHER = """async ({ hertz, milliseconds, least }) => {
  const deadline = performance.now() + milliseconds;
  const context = new AudioContext(), analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(document.querySelector("#phone audio").srcObject).connect(analyser);
  const levels = new Float32Array(analyser.frequencyBinCount);
  let found = [];
  while (performance.now() < deadline) {
    analyser.getFloatFrequencyData(levels);
    found = hertz.map((each) => levels[Math.round(each * analyser.fftSize / context.sampleRate)]);
    if (found.every((each) => each > least)) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  await context.close();
  return found;
}"""


@contextmanager
def speaking_browser(playwright: Playwright, folder: Path, hertz: int) -> Iterator[Browser]:
    """A browser whose microphone hears a tone for as long as the block lasts, and is given to whoever asks."""
    tone = folder / "tone.wav"
    at = np.arange(2 * _RATE) / _RATE  # Two whole seconds, so that it goes round without a click.
    with wave.open(str(tone), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes((np.sin(2 * np.pi * hertz * at) * 12_000).astype("<i2").tobytes())
    browser = launch(playwright, *_MICROPHONE.format(tone=tone).split())
    try:
        yield browser
    finally:
        browser.close()


def hears(page: Page, *hertz: float, ring: bool = False, seconds: float = 60) -> None:
    """Wait until the loudest that comes out of the page is one of these tones: of the call, or of its own ringing."""
    wanted: dict[str, Any] = {"hertz": hertz, "milliseconds": seconds * 1000, "ring": ring}
    heard = page.evaluate(_LOUDEST, wanted | {"least": _LEAST_LEVEL, "off": _MOST_OFF})
    assert heard["level"] > _LEAST_LEVEL, heard
    assert any(abs(heard["hertz"] - each) < _MOST_OFF for each in hertz), heard


def hears_together(page: Page, *hertz: float, seconds: float = 60) -> None:
    """Wait until all of these tones come out of the page at the same moment."""
    wanted = {"hertz": hertz, "milliseconds": seconds * 1000, "least": _LEAST_LEVEL}
    levels = page.evaluate(_TOGETHER, wanted)
    assert min(levels) > _LEAST_LEVEL, dict(zip(hertz, levels, strict=True))
