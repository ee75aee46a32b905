"""Which of several sounds of the same words is heard, and what is heard when one of them is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.call import Delivery
from ivr.prompts import own
from ivr.prompts.catalogue import TEXTS_FOLDER, Catalogue, NotSpoken
from ivr.prompts.shelf import GENERAL, OwnShelf, shelf_of
from ivr.prompts.source import read_language
from routing.voice.sayings import Sayings
from tests.ivr.prompts.own_sounds import record, write_tone

BYE = "bye.goodbye.0"
LANZHOU = "zh-CN-x-lanzhou"


class House:
    """The repository's texts and sounds, and a folder of the instance's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sayings = Sayings(folder, {"zh-CN": "a voice", "en": "another"})
        chinese, english = (read_language(TEXTS_FOLDER / f"{name}.yaml") for name in ("zh-CN", "en"))
        self.words = chinese.spoken_texts[BYE]
        self.reports: list[NotSpoken] = []
        self.wanted: list[tuple[str, str]] = []
        self.bare = Catalogue(
            {"zh-CN": chinese, "en": english}, {"zh-CN": frozenset(chinese.spoken_texts)}, report=self.reports.append,
            want=lambda text, language: self.wanted.append((text, language)),
        )  # fmt: skip

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of what lies in the folder now."""
        words = {name: source.spoken_texts for name, source in self.bare.languages.items()}
        sounds = own.read(self.folder)
        shelf, _ = shelf_of(sounds, lambda name, language: words[language].get(name), self.sayings.name_of)
        return replace(self.bare, own=shelf, broken=frozenset(sounds.damaged))

    def heard(self, language: str = "zh-CN", delivery: Delivery | None = None) -> tuple[str, ...]:
        return self.catalogue.plan("bye.goodbye", language, delivery or Delivery())

    def make_version(self, version: str, tag: str, name: str = BYE) -> Path:
        path = self.folder / own.VERSIONS / version / tag / f"{name}.wav"
        write_tone(path)
        return path


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_without_any_of_its_own_the_rendered_sound_is_heard(house: House) -> None:
    assert house.heard() == house.heard(LANZHOU) == (f"zh-CN/{BYE}",)


def test_a_recording_of_the_language_comes_before_the_rendered_sound(house: House) -> None:
    record(house.folder, "zh-CN", BYE, house.words)
    assert house.heard() == house.heard(LANZHOU) == (f"own/recorded/zh-CN/{BYE}",)


def test_a_recording_of_the_dialect_comes_before_that_of_the_language_for_who_speaks_it(house: House) -> None:
    record(house.folder, "zh-CN", BYE, house.words)
    record(house.folder, LANZHOU, BYE, house.words)
    assert house.heard(LANZHOU) == (f"own/recorded/{LANZHOU}/{BYE}",)
    assert house.heard() == house.heard("zh-CN-x-wu") == (f"own/recorded/zh-CN/{BYE}",)


def test_a_recording_of_other_words_is_not_heard_nor_are_its_versions(house: House) -> None:
    record(house.folder, "zh-CN", BYE, house.words + "慢走。")
    house.make_version("slow", "zh-CN")
    assert house.heard(delivery=Delivery(slow=True)) == (f"zh-CN/{BYE}",)


def test_a_recording_that_nothing_is_known_of_is_not_heard(house: House) -> None:
    record(house.folder, "zh-CN", BYE, house.words).with_suffix(".json").write_text("{")
    assert house.heard() == (f"zh-CN/{BYE}",)


def test_the_version_that_suits_the_caller_is_heard_where_there_is_one(house: House) -> None:
    both = Delivery(slow=True, loud=True)
    assert house.heard(delivery=both) == (f"zh-CN/{BYE}",)
    for version in ("slow", "loud", "slow-loud"):
        house.make_version(version, "zh-CN")
        assert house.heard(delivery=both) == (f"own/versions/{version}/zh-CN/{BYE}",)
    assert house.heard(delivery=Delivery(slow=True)) == (f"own/versions/slow/zh-CN/{BYE}",)
    assert house.heard(delivery=Delivery(loud=True)) == (f"own/versions/loud/zh-CN/{BYE}",)
    assert house.heard() == (f"zh-CN/{BYE}",)


def test_a_dialect_without_its_version_is_heard_as_it_was_recorded(house: House) -> None:
    record(house.folder, LANZHOU, BYE, house.words)
    house.make_version("slow", "zh-CN")
    assert house.heard(LANZHOU, Delivery(slow=True)) == (f"own/recorded/{LANZHOU}/{BYE}",)


def test_a_sentence_without_a_rendered_sound_is_heard_as_the_job_has_spoken_it(house: House) -> None:
    house.bare = replace(house.bare, sounds={"zh-CN": house.bare.sounds["zh-CN"] - {BYE}})
    assert house.heard() == (f"zh-CN/{GENERAL}",)
    write_tone(house.sayings.path_of(house.words, "zh-CN"))
    name = house.sayings.name_of(house.words, "zh-CN")
    assert house.heard() == (f"own/spoken/zh-CN/{name}",)
    house.make_version("loud", "zh-CN", name)
    assert house.heard(delivery=Delivery(loud=True)) == (f"own/versions/loud/zh-CN/{name}",)


def test_a_name_that_the_job_has_spoken_is_heard_and_until_then_it_is_asked_for(house: House) -> None:
    assert house.catalogue.plan("welcome.greet", who="欧阳奶奶")[0] == "zh-CN/person.nainai"
    assert house.wanted == [("欧阳奶奶", "zh-CN")]
    write_tone(house.sayings.path_of("欧阳奶奶", "zh-CN"))
    name = house.sayings.name_of("欧阳奶奶", "zh-CN")
    assert house.catalogue.plan("welcome.greet", who="欧阳奶奶")[0] == f"own/spoken/zh-CN/{name}"
    assert len(house.wanted) == 1


@pytest.mark.parametrize("who", ["欧阳淑芬奶奶", "欧阳", "Ouyang奶奶", "", None])
def test_no_more_of_a_person_than_surname_and_address_is_asked_for(house: House, who: object) -> None:
    house.catalogue.plan("welcome.greet", who=who)
    assert house.wanted == []


def test_a_new_service_is_asked_for_by_its_name(house: House) -> None:
    assert house.catalogue.plan("services.choice", service="修脚", key=1)[0] == "zh-CN/generic.word"
    assert house.wanted == [("修脚", "zh-CN")]


def test_english_that_is_recorded_whole_is_heard_in_english(house: House) -> None:
    assert house.heard("en") == (f"zh-CN/{BYE}",)
    assert [report.reason for report in house.reports] == ["the language has no recordings"]
    record(house.folder, "en", BYE, house.bare.languages["en"].spoken_texts[BYE])
    assert house.heard("en") == (f"own/recorded/en/{BYE}",)


def test_the_next_best_of_each_sound(house: House) -> None:
    for tag in ("zh-CN", LANZHOU):
        record(house.folder, tag, BYE, house.words)
    house.make_version("slow", LANZHOU)
    chain = [f"own/versions/slow/{LANZHOU}/{BYE}"]
    catalogue = house.catalogue
    while (following := catalogue.instead_of(chain[-1])) is not None and following not in chain:
        chain.append(following)
        catalogue = replace(catalogue, broken=catalogue.broken | {chain[-2]})
    assert chain[1:] == [
        f"own/recorded/{LANZHOU}/{BYE}", f"own/recorded/zh-CN/{BYE}", f"zh-CN/{BYE}", f"zh-CN/{GENERAL}",
        "tones/beep",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gone", "instead"),
    [("person.wang2.nainai", "person.nainai"), ("word.meal", "generic.word"), ("state.accepted", "generic.state"),
     ("number.12", GENERAL), ("generic.word", GENERAL)],
)  # fmt: skip
def test_a_piece_that_cannot_be_played_is_replaced_by_something_true(house: House, gone: str, instead: str) -> None:
    assert house.catalogue.instead_of(f"zh-CN/{gone}") == f"zh-CN/{instead}"


def test_a_tone_has_no_substitute(house: House) -> None:
    assert house.catalogue.instead_of("tones/beep") is None


@pytest.mark.parametrize("broken", [b"", b"RIFF", b"no sound at all" * 10])
def test_a_damaged_file_is_passed_over(house: House, broken: bytes) -> None:
    path = record(house.folder, "zh-CN", BYE, house.words)
    path.write_bytes(broken)
    assert house.heard() == (f"zh-CN/{BYE}",)
    assert own.read(house.folder).damaged == (f"own/recorded/zh-CN/{BYE}",)


def test_a_file_that_was_cut_short_is_damaged(house: House) -> None:
    path = record(house.folder, "zh-CN", BYE, house.words)
    path.write_bytes(path.read_bytes()[:2_000])
    assert own.read(house.folder).damaged == (f"own/recorded/zh-CN/{BYE}",)


def test_a_recording_of_the_call_is_played_and_no_other_file(house: House) -> None:
    catalogue = house.catalogue
    taken = "/run/elderline/recordings/studio-1"
    assert taken in catalogue.plan("studio.playback", take=taken)
    for other in ("/etc/passwd", "/run/elderline/recordings/../etc/pjsip.conf", f"{taken}&other", "", None):
        assert "tones/beep" in catalogue.plan("studio.playback", take=other)
        assert other not in catalogue.plan("studio.playback", take=other)


def test_an_empty_shelf_holds_nothing() -> None:
    assert not OwnShelf().holds(BYE, LANZHOU)
