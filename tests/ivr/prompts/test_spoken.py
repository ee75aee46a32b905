"""Texts spoken by the background job: once, by hash, with a voice or without one, and through the real queue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from structlog.testing import capture_logs

from ivr.prompts import own
from ivr.prompts.own import is_telephone_wav
from ivr.prompts.spoken import NoVoiceError, SpokenTexts
from ivr.prompts.telephone import Samples, loudness_of, peak_dbfs, read_wav
from ivr.prompts.wanted import VoiceSettings
from routing.voice import jobs
from routing.voice.jobs import QUEUE, VoiceJobs, VoiceWork, provide
from routing.voice.readable import UnreadableText
from routing.voice.sayings import Sayings
from tests.ivr.prompts.voices import syllables


class Buzz:
    """A voice of the tests' own: four syllables a second, as many as there are characters."""

    settings = VoiceSettings()
    rate = 24_000

    def __init__(self) -> None:
        self.spoken: list[str] = []

    def speak(self, text: str) -> Samples:
        self.spoken.append(text)
        return syllables(max(0.5, len(text) / 4), self.rate)

    def speak_list(self, texts: Sequence[str], speed: float) -> list[Samples]:
        return [self.speak(text) for text in texts]


@pytest.fixture
def voice() -> Buzz:
    return Buzz()


@pytest.fixture
def sayings(tmp_path: Path) -> Sayings:
    return Sayings(tmp_path, {"zh-CN": "buzz"})


def test_a_text_is_spoken_once_in_telephone_form(sayings: Sayings, voice: Buzz) -> None:
    texts = SpokenTexts(sayings, lambda _language: voice)
    assert sayings.sound_of("社区周三义诊。", "zh-CN") is None
    assert [texts.say("社区周三义诊。", "zh-CN"), texts.say("社区周三义诊。", "zh-CN")] == [True, False]
    assert voice.spoken == ["社区周三义诊。"]
    path = sayings.path_of("社区周三义诊。", "zh-CN")
    assert is_telephone_wav(path)
    sound = read_wav(path)
    assert abs(loudness_of(sound) + 19) <= 1
    assert peak_dbfs(sound) < -3
    assert sayings.sound_of("社区周三义诊。", "zh-CN") == f"own/spoken/zh-CN/{path.stem}"


def test_whoever_serves_calls_is_told(sayings: Sayings, voice: Buzz) -> None:
    before = own.stamp_of(sayings.folder)
    SpokenTexts(sayings, lambda _language: voice).say("欧阳奶奶", "zh-CN")
    assert own.stamp_of(sayings.folder) != before


def test_another_voice_speaks_it_anew_and_the_name_tells_nothing(tmp_path: Path) -> None:
    one, other = (Sayings(tmp_path, {"zh-CN": voice}) for voice in ("one", "other"))
    names = {each.name_of("欧阳奶奶", "zh-CN") for each in (one, other)}
    assert len(names) == 2
    assert all(name.isascii() and len(name) == 32 for name in names)


def test_without_a_voice_it_is_said_once_and_nothing_breaks(sayings: Sayings) -> None:
    def load(_language: str) -> Buzz:
        raise NoVoiceError("pip install elderline[voice]")

    texts = SpokenTexts(sayings, load)
    with capture_logs() as logs:
        assert [texts.say(text, "zh-CN") for text in ("一", "二", "三")] == [False] * 3
    assert [(each["event"], each["why"]) for each in logs] == [("voice.not_installed", "pip install elderline[voice]")]


def test_no_text_stands_in_the_log(sayings: Sayings, voice: Buzz) -> None:
    with capture_logs() as logs:
        SpokenTexts(sayings, lambda _language: voice).say("欧阳奶奶", "zh-CN")
    assert logs
    assert "欧阳" not in repr(logs)


def test_the_oldest_go_when_too_many_are_kept(sayings: Sayings, voice: Buzz, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.prompts.spoken.MOST_KEPT", 2)
    texts = SpokenTexts(sayings, lambda _language: voice)
    for at, text in enumerate(("一", "二", "三")):
        texts.say(text, "zh-CN")
        path = sayings.path_of(text, "zh-CN")
        if path.exists():
            import os

            os.utime(path, (at, at))
    assert len(list((sayings.folder / "spoken" / "zh-CN").glob("*.wav"))) == 2
    assert sayings.sound_of("三", "zh-CN")


def test_a_text_goes_through_the_queue_and_is_asked_for_once(
    redis: Redis, sayings: Sayings, voice: Buzz, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = SpokenTexts(sayings, lambda _language: voice)
    asking = Sayings(sayings.folder, sayings.voices, VoiceJobs(redis))
    monkeypatch.setattr(jobs, "_provided", jobs._Provided())
    provide(VoiceWork(texts.say, lambda: 0))
    assert [asking.want(" 社区周三义诊。 ", "zh-CN"), asking.want("社区周三义诊。", "zh-CN")] == [True, False]
    work(redis)
    assert voice.spoken == ["社区周三义诊。"]
    assert asking.sound_of("社区周三义诊。", "zh-CN")
    assert not asking.want("社区周三义诊。", "zh-CN")


def test_new_recordings_have_their_versions_made(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    monkeypatch.setattr(jobs, "_provided", jobs._Provided())
    provide(VoiceWork(lambda _text, _language: False, lambda: made.append(1) or 1))
    VoiceJobs(redis).changed()
    work(redis)
    assert made == [1]


def test_the_queue_has_a_bound(redis: Redis, sayings: Sayings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 2)
    asking = Sayings(sayings.folder, sayings.voices, VoiceJobs(redis))
    assert [asking.want(text, "zh-CN") for text in ("一", "二", "三")] == [True, True, False]


def test_what_cannot_be_read_is_refused_when_it_is_asked_for(sayings: Sayings) -> None:
    with pytest.raises(UnreadableText, match="☎") as refused:
        sayings.want("请打☎", "zh-CN")
    assert refused.value.characters == "☎"
    with pytest.raises(UnreadableText, match="no voice"):
        sayings.want("Bonjour", "fr")


def work(redis: Redis) -> None:
    """Do all jobs that wait, as the voice process does."""
    SimpleWorker([Queue(QUEUE, connection=redis)], connection=redis).work(burst=True, logging_level="WARNING")
