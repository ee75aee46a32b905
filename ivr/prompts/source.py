"""Reads the catalogue of one language from its YAML file. Every mistake in the file is named at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ivr.prompts import numerals_en
from ivr.prompts.template import Part, Segment, TemplateError, parse
from ivr.prompts.vocabulary import Vocabulary, counted_pieces, english_person_pieces, person_pieces


class CatalogueError(ValueError):
    """The catalogue cannot be used; `problems` names each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class LanguageCatalogue:
    """All texts of one language: prompts split into parts, and the pieces that values are spoken with."""

    language: str
    prompts: Mapping[str, tuple[Part, ...]]
    texts: Mapping[str, str]
    vocabulary: Vocabulary

    @cached_property
    def spoken_texts(self) -> Mapping[str, str]:
        """The words of each fixed segment and each piece, by the name of its sound."""
        return {**self.vocabulary.texts, **self.segments()}

    def segments(self) -> dict[str, str]:
        """The fixed segments by the name of their sound, `welcome.greet.0`, with what is spoken."""
        return {
            f"{key}.{n}": segment.text
            for key, parts in self.prompts.items()
            for n, segment in enumerate(part for part in parts if isinstance(part, Segment))
        }


def read_language(path: Path) -> LanguageCatalogue:
    """Read and check one file. Raises CatalogueError, which names every mistake, and OSError."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if other := data.get("names_from"):
        # What elders, services and states are called in the records is the same, whatever language it is spoken in.
        data = _named_as(yaml.safe_load(path.with_name(f"{other}.yaml").read_text(encoding="utf-8")), data)
    problems: list[str] = []
    texts = _table(data, "prompts", problems)
    prompts: dict[str, tuple[Part, ...]] = {}
    for key, text in texts.items():
        try:
            prompts[key] = parse(text)
        except TemplateError as problem:
            problems.append(f"{key}: {problem}")
    vocabulary = _vocabulary(data, problems)
    catalogue = LanguageCatalogue(str(data.get("language", path.stem)), prompts, texts, vocabulary)
    if vocabulary.texts:  # Else nothing of the language is recorded.
        problems += _twice_the_same_words(catalogue)
    if problems:
        raise CatalogueError([f"{path.name}: {problem}" for problem in problems])
    return catalogue


def _named_as(records: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The surnames of `records`, without their tones, and its names of services and states as other names."""
    surnames = {name: sound.rstrip("1234") for name, sound in (records.get("surnames") or {}).items()}
    names = {
        section: {
            code: [*meanings, *(records.get(section) or {}).get(code, [])]
            for code, meanings in (data.get(section) or {}).items()
        }
        for section in ("words", "states")
    }
    return {**data, **names, "surnames": surnames}


def _vocabulary(data: Mapping[str, Any], problems: list[str]) -> Vocabulary:
    surnames, addresses = _table(data, "surnames", problems), _table(data, "addresses", problems)
    readings = _table(data, "readings", problems)
    texts = _table(data, "pieces", problems)
    words: dict[str, str] = {}
    for section, prefix in (("words", "word"), ("states", "state")):
        for code, meanings in (data.get(section) or {}).items():
            if not isinstance(meanings, list) or not meanings:
                problems.append(f"{section}: {code} needs a list of texts")
                continue
            texts[f"{prefix}.{code}"] = meanings[0]
            for text in (code, *meanings):
                if words.get(text, f"{prefix}.{code}") != f"{prefix}.{code}":
                    problems.append(f"{section}: {text} stands for both {words[text]} and {prefix}.{code}")
                words[text] = f"{prefix}.{code}"
    if texts:  # A language without pieces is one of texts only, as English is for now.
        if data.get("language") == "en":
            texts |= numerals_en.counted_pieces() | english_person_pieces(surnames, _table(data, "titles", problems))
        else:
            texts |= counted_pieces() | person_pieces(surnames, addresses, readings)
    return Vocabulary(words, surnames, addresses, texts, readings, str(data.get("language", "")))


def _table(data: Mapping[str, Any], section: str, problems: list[str]) -> dict[str, str]:
    table = data.get(section) or {}
    for key, value in table.items():
        if not isinstance(key, str) or not isinstance(value, str):
            # YAML reads a bare yes, no or 12 as something other than text.
            problems.append(f"{section}: {key!r} and its value must be texts; put them in quotes")
    return {str(key): str(value) for key, value in table.items()}


def _twice_the_same_words(catalogue: LanguageCatalogue) -> list[str]:
    """A recording of a call could not tell two such segments apart, so the tests by ear would be worth nothing."""
    seen: dict[str, str] = {}
    problems = []
    for name, text in catalogue.segments().items():
        words = Segment(text).words
        if words in seen:
            problems.append(f"{name} has the same words as {seen[words]}")
        seen[words] = name
    return problems
