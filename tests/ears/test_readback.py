"""Prompts read back by a speech recogniser, as a telephone carries them: in all versions, and with values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ivr.prompts.catalogue import SOUNDS_FOLDER, Catalogue
from ivr.prompts.telephone import read_wav
from ivr.prompts.versions import LOUD, SLOW, SLOW_LOUD, derive
from tests.ears.listener import Listener
from tests.ears.wav import Samples
from tests.ears.wording import Misheard, characters, syllables, together, words

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # It computes, beside tests that come first.
WORST = 0.12
"""The share of characters, or of English words, that may be misheard in all."""
TODAY = date(2026, 3, 16)
SOON = datetime(2026, 3, 17, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
NORMAL = ""


@dataclass(frozen=True)
class Said:
    """A prompt with its values, in one version."""

    key: str
    version: str = NORMAL
    values: dict[str, object] = field(default_factory=dict)


SENTENCES = (
    "welcome.unknown", "welcome.person", "welcome.recorded", "closed.night", "closed.person", "services.intro",
    "services.none", "order.cancelled", "order.failed", "status.none", "hold.next", "hold.soon", "hold.offer_callback",
    "hold.not_promised", "promise.taken", "sos.calm", "sos.outside", "error.hint", "error.technical",
    "visit.unknown_worker", "callback.thanks", "callback.low", "message.thanks", "fallback.closed",
)  # fmt: skip
WITH_VALUES = (
    Said("welcome.greet_morning", values={"who": "王奶奶"}),
    Said("order.confirm", values={"service": "meal", "price": 1250}),
    Said("order.placed", values={"number": "2075"}),
    Said("order.visit_at", SLOW, {"when": SOON}),
    Said("hold.minutes", LOUD, {"minutes": 12}),
    Said("visit.checked_in", SLOW_LOUD, {"when": time(14, 45)}),
)
CHINESE = WITH_VALUES + tuple(
    Said(key, version)
    for key, version in zip(SENTENCES, [NORMAL, SLOW, NORMAL, LOUD, NORMAL, SLOW_LOUD] * 4, strict=True)
)
ENGLISH = (
    *(Said(key) for key in ("welcome.menu", "order.failed", "error.hint", "callback.not_done")),
    *(Said(key, SLOW) for key in ("sos.calm", "visit.enter_pin")),
    *(Said(key, LOUD) for key in ("hold.wait", "callback.thanks")),
    Said("order.confirm", SLOW_LOUD, {"service": "cleaning", "price": 2500}),
    Said("order.visit_at", values={"when": SOON}),
)


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Listener:
    return Listener(tmp_path_factory.mktemp("recogniser"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    loaded = Catalogue.load()
    return Catalogue(loaded.languages, loaded.sounds, today=lambda: TODAY)


def sound_of(catalogue: Catalogue, said: Said, language: str) -> tuple[Samples, str]:
    """What is heard, sound after sound as Asterisk plays them, and the words of it."""
    refs = catalogue.plan(said.key, language, **said.values)
    sounds = [read_wav(SOUNDS_FOLDER / f"{ref}.wav") for ref in refs]
    source = catalogue.languages[language]
    texts = {**source.vocabulary.texts, **source.segments()}
    text = " ".join(texts[Path(ref).name] for ref in refs)
    return np.concatenate([derive(sound, said.version) if said.version else sound for sound in sounds]), text


def misheard(
    listener: Listener, catalogue: Catalogue, language: str, prompts: tuple[Said, ...],
    *measures: Callable[[str, str], Misheard],
) -> list[list[Misheard]]:  # fmt: skip
    errors: list[list[Misheard]] = [[] for _ in measures]
    for said in prompts:
        sound, text = sound_of(catalogue, said, language)
        understood = listener.understand(sound, language.partition("-")[0])
        for measure, each in zip(measures, errors, strict=True):
            each.append(measure(text, understood))
        print(f"{said.key} {said.version or 'normal'}: {errors[0][-1].wrong} of {errors[0][-1].said}: {understood}")
    return errors


SAID = {"zh-CN": (CHINESE, 30, (characters, syllables)), "en": (ENGLISH, 10, (words,))}
RENDERED = sorted({path.parent.name for path in SOUNDS_FOLDER.glob("*/manifest.json")} & SAID.keys())
"""A language of which nothing is rendered is spoken in Chinese; once it is, it is read back here."""


@pytest.mark.slow
@pytest.mark.parametrize("language", RENDERED)
def test_what_is_said_is_understood(listener: Listener, catalogue: Catalogue, language: str) -> None:
    prompts, least, measures = SAID[language]
    errors = misheard(listener, catalogue, language, prompts, *measures)
    assert len(prompts) >= least
    for measure, each in zip(measures, errors, strict=True):
        whole = together(each)
        print(f"{language}: {len(each)} prompts, {whole.share:.1%} of {whole.said} {measure.__name__} misheard")
        for version in (NORMAL, SLOW, LOUD, SLOW_LOUD):
            part = together([error for error, said in zip(each, prompts, strict=True) if said.version == version])
            print(f"  {version or 'normal'}: {part.share:.1%} of {part.said}")
        assert whole.share < WORST
