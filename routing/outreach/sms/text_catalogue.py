"""The catalogue of SMS texts: data with named fields, ours or a deployment's own, and the check that it is whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final
from unicodedata import category

import yaml

from routing.outreach.sms.encoding import write
from routing.outreach.sms.text_rules import RULES, STOP, WORDS

LANGUAGES: Final = ("zh-CN", "en")
_FOLDER: Final = Path(__file__).parent / "texts_catalogue"
_SIGNATURE: Final = re.compile(r"【[^【】]{2,12}】")
_FIELD: Final = re.compile(r"[a-z_]+")
MOST_CHARACTERS: Final = 1000
"""Of a text; four parts in the widest alphabet take 612."""
_UNSEEN: Final = ("Cc", "Cf", "Cs", "Co")
_USEFUL: Final = "\n\u200d"
"""Ends of lines, and what joins emoji; all else that is not seen, as marks that turn the direction, misleads."""
_SENTENCES: Final = {
    "braces": "its braces do not match ({what})",
    "plain": "a field is a plain name in braces, as {{number}}",
    "unknown": "it has no field {what}",
    "missing": "the field {what} is missing",
    "signature": "it must begin with the signature, as {what}: carriers refuse what does not",
    "stop": "it must say how to get no more: {what}",
    "parts": "with the longest values it takes {what} parts, and {most} are allowed",
    "long": "it has more than {what} characters",
    "control": "it holds a sign that cannot be seen",
}


class BadTexts(Exception):
    """A file of texts cannot be used; the sentence says which and why."""


@dataclass(frozen=True)
class TextFault:
    """What is wrong with a text: a code, and what it is about, so that each reader is told in their own language."""

    code: str
    what: str = ""
    most: str = ""

    def __str__(self) -> str:
        return _SENTENCES[self.code].format(what=self.what, most=self.most)


@dataclass(frozen=True)
class TextCatalogue:
    """Texts and words by key. `own` are the keys that a deployment's own file replaced."""

    language: str
    texts: Mapping[str, str]
    words: Mapping[str, str]
    own: frozenset[str] = frozenset()

    def say(self, key: str, **fields: object) -> str:
        """Write one text out."""
        return self.texts[key].format_map(fields)

    def word(self, key: str, **fields: object) -> str:
        """Write one of the small words out."""
        return self.words[key].format_map(fields)


def load(language: str, own: Path | None = None) -> TextCatalogue:
    """Read our texts of a language, with those of the file `own` in their stead. Raises BadTexts when a file cannot be
    read; whether the texts are right is for `problems`."""
    ours, replaced = _ours(language), _read(own) if own else {}
    texts = {**ours.get("texts", {}), **replaced.get("texts", {})}
    words = {**ours.get("words", {}), **replaced.get("words", {})}
    return TextCatalogue(language, texts, words, frozenset({*replaced.get("texts", {}), *replaced.get("words", {})}))


def problems(catalogue: TextCatalogue) -> list[str]:
    """Give what is wrong, a sentence each; nothing, if all is right."""
    found = [f"{key}: there is no such text" for key in catalogue.texts if key not in RULES]
    found += [f"{key}: there is no such word" for key in catalogue.words if key not in WORDS]
    for key in RULES:
        if key not in catalogue.texts:
            found.append(f"{key}: the text is missing")
        else:
            found += [f"{key}: {wrong}" for wrong in faults(key, catalogue.texts[key])]
    for key, fields in WORDS.items():
        if key not in catalogue.words:
            found.append(f"{key}: the word is missing")
        else:
            found += [f"{key}: {wrong}" for wrong in _fields_wrong(catalogue.words[key], fields)]
    return found


def longest(catalogue: TextCatalogue, key: str) -> str:
    """Write a text with the longest values that its fields really take."""
    return catalogue.say(key, **RULES[key].fields)


def faults(key: str, text: str) -> list[TextFault]:
    """Give what is wrong with a text for this key, which RULES must have."""
    rule = RULES[key]
    if len(text) > MOST_CHARACTERS:
        return [TextFault("long", str(MOST_CHARACTERS))]
    if wrong := _fields_wrong(text, frozenset(rule.fields)):
        return wrong
    found = []
    if any(category(sign) in _UNSEEN and sign not in _USEFUL for sign in text):
        found.append(TextFault("control"))
    if not _SIGNATURE.match(text):
        found.append(TextFault("signature", "【银龄热线】"))
    if rule.tells_how_to_stop and STOP not in text:
        found.append(TextFault("stop", STOP))
    if (parts := len(write(text.format_map(rule.fields)).parts)) > rule.parts:
        found.append(TextFault("parts", str(parts), str(rule.parts)))
    return found


def _fields_wrong(text: str, fields: frozenset[str]) -> list[TextFault]:
    try:
        named = [(name, form, conversion) for _before, name, form, conversion in Formatter().parse(text)]
    except ValueError as error:
        return [TextFault("braces", str(error))]
    used = {name for name, _form, _conversion in named if name is not None}
    if any(name is not None and (not _FIELD.fullmatch(name) or form or conversion) for name, form, conversion in named):
        return [TextFault("plain")]
    unknown, missing = sorted(used - fields), sorted(fields - used)
    found = [TextFault("unknown", ", ".join(unknown))] if unknown else []
    return found + ([TextFault("missing", ", ".join(missing))] if missing else [])


@cache
def _ours(language: str) -> dict[str, dict[str, str]]:
    """Read the file of the package, once a process: YAML takes longer than all else that is made for a call."""
    return _read(_FOLDER / f"{language}.yaml")


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadTexts(f"{path} cannot be read: {type(error).__name__}") from None
    groups = data or {}
    if not isinstance(groups, dict) or not set(groups) <= {"texts", "words"}:
        raise BadTexts(f"{path} must hold `texts` and `words`, and nothing else")
    for group in groups.values():
        if not isinstance(group, dict) or not all(isinstance(each, str) for pair in group.items() for each in pair):
            raise BadTexts(f"{path}: each text is a key and a text in quotes")
    return groups
