"""The real catalogue, and what becomes of values and recordings that are not there."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ivr.prompts.catalogue import TEXTS_FOLDER, Catalogue, NotSpoken, UnknownPromptError
from ivr.prompts.source import CatalogueError, read_language
from ivr.prompts.template import Value
from routing.orders.policy import OrderState


@pytest.fixture
def reports() -> list[NotSpoken]:
    return []


@pytest.fixture
def catalogue(reports: list[NotSpoken]) -> Catalogue:
    """The texts of the repository with every sound that could be rendered."""
    languages = {name: read_language(TEXTS_FOLDER / f"{name}.yaml") for name in ("zh-CN", "en")}
    chinese = languages["zh-CN"]
    return Catalogue(
        languages,
        {"zh-CN": frozenset({*chinese.segments(), *chinese.vocabulary.texts})},
        report=reports.append,
        today=lambda: date(2026, 3, 16),
    )


def test_a_greeting_is_the_name_and_then_the_sentence(catalogue: Catalogue, reports: list[NotSpoken]) -> None:
    assert catalogue.plan("welcome.greet", "zh-CN", who="王奶奶") == (
        "zh-CN/person.wang2.nainai",
        "zh-CN/welcome.greet.0",
    )
    assert reports == []


def test_segments_count_only_what_is_recorded(catalogue: Catalogue) -> None:
    assert catalogue.plan("visit.order", who="王奶奶", service="meal", number="52") == (
        "zh-CN/visit.order.0",
        "zh-CN/person.wang2.nainai",
        "zh-CN/word.meal",
        "zh-CN/visit.order.1",
        "zh-CN/number.5",
        "zh-CN/number.2",
    )


def test_money_is_said_in_a_sentence(catalogue: Catalogue) -> None:
    assert catalogue.plan("order.confirm", service="meal", price=1250) == (
        "zh-CN/order.confirm.0",
        "zh-CN/word.meal",
        "zh-CN/order.confirm.1",
        "zh-CN/number.12",
        "zh-CN/unit.yuan",
        "zh-CN/number.5",
        "zh-CN/unit.jiao",
    )


def test_a_tone_is_a_sound_of_no_language(catalogue: Catalogue) -> None:
    assert catalogue.plan("message.record") == ("zh-CN/message.record.0", "tones/beep")


def test_a_time_is_told_as_the_clock_shows_it_in_china(catalogue: Catalogue) -> None:
    half_past_nine = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)
    assert catalogue.plan("visit.checked_in", when=half_past_nine)[1:] == (
        "zh-CN/part.morning",
        "zh-CN/hour.9",
        "zh-CN/unit.half",
    )


def test_a_value_called_key_or_language_is_a_value(catalogue: Catalogue) -> None:
    assert catalogue.plan("services.choice", service="meal", key=2)[-1] == "zh-CN/number.2"


@pytest.mark.parametrize(
    ("values", "heard"),
    [({"who": "欧阳奶奶"}, "person.nainai"), ({"who": "x"}, "generic.person"), ({}, "generic.person")],
)
def test_an_unknown_name_is_replaced_and_reported_without_the_name(
    catalogue: Catalogue, reports: list[NotSpoken], values: dict[str, str], heard: str
) -> None:
    assert catalogue.plan("welcome.greet", **values)[0] == f"zh-CN/{heard}"
    (report,) = reports
    assert (report.key, report.placeholder) == ("welcome.greet", "who")
    assert "欧阳" not in repr(report)


def test_a_name_that_was_never_recorded_becomes_the_form_of_address(reports: list[NotSpoken]) -> None:
    languages = {"zh-CN": read_language(TEXTS_FOLDER / "zh-CN.yaml")}
    sounds = {"zh-CN": frozenset({"welcome.greet.0", "person.nainai", "generic.person"})}
    catalogue = Catalogue(languages, sounds, report=reports.append)
    assert catalogue.plan("welcome.greet", who="王奶奶") == ("zh-CN/person.nainai", "zh-CN/welcome.greet.0")
    assert [report.reason for report in reports] == ["a recording is missing"]


def test_with_no_recording_at_all_there_is_still_a_tone(reports: list[NotSpoken]) -> None:
    languages = {"zh-CN": read_language(TEXTS_FOLDER / "zh-CN.yaml")}
    catalogue = Catalogue(languages, {"zh-CN": frozenset({"other"})}, report=reports.append)
    assert catalogue.plan("bye.goodbye") == ("tones/beep",)
    assert len(reports) == 1


def test_a_language_without_recordings_is_spoken_in_chinese(catalogue: Catalogue, reports: list[NotSpoken]) -> None:
    assert catalogue.plan("bye.goodbye", "en") == ("zh-CN/bye.goodbye.0",)
    assert catalogue.plan("bye.goodbye", "tlh") == ("zh-CN/bye.goodbye.0",)
    assert [report.language for report in reports] == ["en", "tlh"]


def test_a_key_of_no_catalogue_is_our_mistake(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownPromptError):
        catalogue.plan("welcome.gret")
    with pytest.raises(UnknownPromptError):
        catalogue.text("welcome.gret")


def test_both_languages_have_the_same_keys_with_the_same_placeholders() -> None:
    chinese, english = (read_language(TEXTS_FOLDER / f"{name}.yaml") for name in ("zh-CN", "en"))
    values = {
        name: {
            key: sorted(repr(p) for p in set(parts) if isinstance(p, Value)) for key, parts in language.prompts.items()
        }
        for name, language in (("zh-CN", chinese), ("en", english))
    }
    assert values["zh-CN"] == values["en"]


def test_every_prompt_can_be_planned_without_any_value(catalogue: Catalogue) -> None:
    sounds = catalogue.sounds["zh-CN"]
    for key in sorted(catalogue.keys()):
        plan = catalogue.plan(key)
        assert all(ref.removeprefix("zh-CN/") in sounds or ref.startswith("tones/") for ref in plan), key


LONG = {
    "sos.calm.0": "one breath: a pause in it would sound as if nobody came",
    "callback.promised.0": "who calls, why, and what comes now: said to somebody who has just picked up",
    "studio.begin.0": "for supervisors at the console, not for elders",
}
"""Sentences of 20 characters and more, with their marks, and why each may be so long."""


def test_sentences_are_under_20_characters_but_for_those_with_a_reason() -> None:
    """An elder keeps the last sentence in mind; over 20 characters the beginning is gone."""
    chinese = read_language(TEXTS_FOLDER / "zh-CN.yaml")
    long = {
        name
        for name, text in chinese.segments().items()
        if any(len(sentence) >= 20 for sentence in re.split("[。？！]", text))
    }
    assert long == LONG.keys()


def test_every_mistake_in_a_catalogue_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "zh-CN.yaml"
    path.write_text(
        "language: zh-CN\nprompts:\n  a.one: '{x:ghost}'\n  a.two: 您好。\n  a.three: '{w:word}，您好'\n  a.four: no\n"
        "pieces: {unit.yuan: 元}\nwords:\n  meal: [送餐]\n  food: [送餐]\n  none: []\n",
        encoding="utf-8",
    )
    with pytest.raises(CatalogueError) as error:
        read_language(path)
    named = "\n".join(error.value.problems)
    for part in (
        "a.one: unknown type",
        "a.three.0 has the same words as a.two.0",
        "a.four",
        "送餐 stands for both",
        "none needs",
    ):
        assert part in named


def test_a_folder_without_chinese_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError):
        Catalogue.load(tmp_path, tmp_path)


@pytest.mark.parametrize("state", OrderState)
def test_each_state_of_an_order_has_words(catalogue: Catalogue, reports: list[NotSpoken], state: OrderState) -> None:
    pieces = catalogue.plan("status.stands", service="meal", number=17, state=state.value)
    assert any(piece.startswith("zh-CN/state.") for piece in pieces), pieces
    assert reports == []
