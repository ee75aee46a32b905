"""The newest catalogue: a recording is heard by the next call, and what vanishes is passed over."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ivr.call import AS_EVER
from ivr.prompts import own
from ivr.prompts.catalogue import SOUNDS_FOLDER, TEXTS_FOLDER
from ivr.prompts.live import LiveCatalogue
from ivr.prompts.shelf import GENERAL
from ivr.prompts.source import read_language
from routing.voice.sayings import Sayings
from tests.ivr.prompts.own_sounds import record, write_tone
from tests.waiting import until

BYE = "bye.goodbye.0"
WORDS = read_language(TEXTS_FOLDER / "zh-CN.yaml").spoken_texts[BYE]


class Asked:
    """Keeps the texts that are to be spoken."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, text: str, language: str) -> bool:
        self.texts.append(f"{language} {text}")
        return True


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A copy of the repository's sounds that a test may damage."""
    shutil.copytree(SOUNDS_FOLDER, tmp_path / "sounds")
    return tmp_path / "sounds"


@pytest.fixture
def live(folder: Path, asked: Asked) -> Iterator[LiveCatalogue]:
    live = LiveCatalogue(Sayings(folder, {"zh-CN": "a voice"}, asked))
    yield live
    live.stop()


def heard(live: LiveCatalogue) -> str:
    return live.plan("bye.goodbye", "zh-CN", AS_EVER)[0]


def test_a_new_recording_is_heard_by_the_next_call_and_a_deleted_one_no_more(live: LiveCatalogue, folder: Path) -> None:
    live.start()
    assert heard(live) == f"zh-CN/{BYE}"
    path = record(folder, "zh-CN", BYE, WORDS)
    until(lambda: heard(live) == f"own/recorded/zh-CN/{BYE}", 30)
    path.unlink()
    own.stamp(folder)
    until(lambda: heard(live) == f"zh-CN/{BYE}", 30)


def test_nothing_is_read_again_while_the_stamp_stays(live: LiveCatalogue, folder: Path) -> None:
    record(folder, "zh-CN", BYE, WORDS)
    assert [live.look(), live.look()] == [True, False]
    before = live.now
    assert live.now is before


def test_a_catalogue_in_use_does_not_change(live: LiveCatalogue, folder: Path) -> None:
    before = live.now
    record(folder, "zh-CN", BYE, WORDS)
    live.look()
    assert before.plan("bye.goodbye") == (f"zh-CN/{BYE}",)
    assert live.now is not before


def test_missing_and_damaged_sounds_are_passed_over_told_once_and_counted(sounds: Path, folder: Path) -> None:
    live = LiveCatalogue(Sayings(folder, {}), sounds=sounds)
    (sounds / "zh-CN" / f"{BYE}.wav").unlink()
    menu = sounds / "zh-CN" / "welcome.menu.0.wav"
    menu.write_bytes(menu.read_bytes()[:3_000])
    with capture_logs() as logs:
        live.refresh()
        live.refresh()
    told = sorted(each["sound"] for each in logs if each["event"] == "sound.not_playable")
    assert told == [f"zh-CN/{BYE}", "zh-CN/welcome.menu.0"]
    assert live.sounds_failed == 2
    assert heard(live) == f"zh-CN/{GENERAL}"
    write_tone(sounds / "zh-CN" / f"{BYE}.wav")
    live.refresh()
    assert heard(live) == f"zh-CN/{BYE}"


def test_what_asterisk_could_not_play_is_passed_over_from_then_on(live: LiveCatalogue, folder: Path) -> None:
    record(folder, "zh-CN", BYE, WORDS)
    live.look()
    assert live.instead_of(heard(live)) == f"zh-CN/{BYE}"
    assert heard(live) == f"zh-CN/{BYE}"
    live.refresh()
    assert heard(live) == f"own/recorded/zh-CN/{BYE}"


def test_a_recording_of_other_words_is_told_of_once(live: LiveCatalogue, folder: Path) -> None:
    record(folder, "zh-CN", BYE, WORDS + "慢走。")
    with capture_logs() as logs:
        live.refresh()
        live.refresh()
    assert [each["sound"] for each in logs if each["event"] == "recording.of_other_words"] == [BYE]
    assert heard(live) == f"zh-CN/{BYE}"


def test_each_report_is_logged_once(live: LiveCatalogue) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            live.plan("welcome.greet", "zh-CN", AS_EVER, who="欧阳奶奶")
    assert [each["event"] for each in logs] == ["prompt_value_not_spoken"]
    assert "欧阳" not in repr(logs)


def test_a_name_that_was_met_is_asked_for_beside_the_calls(live: LiveCatalogue, asked: Asked) -> None:
    for _ in range(3):
        live.plan("welcome.greet", "zh-CN", AS_EVER, who="欧阳奶奶")
    assert asked.texts == []
    live.start()
    until(lambda: asked.texts == ["zh-CN 欧阳奶奶"], 30)
    live.plan("welcome.greet", "zh-CN", AS_EVER, who="欧阳奶奶")
    live.plan("welcome.greet", "zh-CN", AS_EVER, who="司马爷爷")
    until(lambda: "zh-CN 司马爷爷" in asked.texts, 30)
    assert asked.texts == ["zh-CN 欧阳奶奶", "zh-CN 司马爷爷"]
