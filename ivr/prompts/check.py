"""Do texts, recordings and manifest agree? Needs neither the voice nor numpy, so that every test run can ask."""

from pathlib import Path

from ivr.prompts import manifest, quiet
from ivr.prompts.catalogue import FIRST_LANGUAGE, TONES
from ivr.prompts.source import LanguageCatalogue
from ivr.prompts.template import Value
from ivr.prompts.wanted import VoiceSettings, out_of_date, wanted_sounds


def check_languages(languages: dict[str, LanguageCatalogue]) -> list[str]:
    """Problems between the languages: keys and placeholders that one has and another has not."""
    first = languages[FIRST_LANGUAGE]
    problems = []
    for name, other in sorted(languages.items()):
        problems += [f"{key}: no text in {name}" for key in sorted(first.prompts.keys() - other.prompts.keys())]
        problems += [f"{key}: in {name} only" for key in sorted(other.prompts.keys() - first.prompts.keys())]
        for key in sorted(first.prompts.keys() & other.prompts.keys()):
            ours, theirs = ({p for p in side.prompts[key] if isinstance(p, Value)} for side in (first, other))
            if ours != theirs:
                problems.append(f"{key}: other placeholders in {name}")
    return problems


def check_sounds(source: LanguageCatalogue, sounds: Path, voice: VoiceSettings) -> list[str]:
    """Problems of the recordings of one language in the folder `sounds`; each names its sound."""
    folder = sounds / source.language
    wanted = {sound.name: sound for sound in wanted_sounds(source)}
    entries = manifest.read(folder)
    files = {path.stem for path in folder.glob("*.wav")}
    problems = [f"{name}: no sound" for name in wanted if name not in files]
    problems += [f"{name}: a sound without a key" for name in sorted(files - wanted.keys())]
    problems += [f"{name}: in the manifest without a sound" for name in sorted(entries.keys() - files)]
    stale = (sound.name for sound in out_of_date(list(wanted.values()), entries, voice))
    problems += [f"{name}: changed after it was rendered" for name in stale if name in files]
    return problems + [f"{TONES}/{tone}: no sound" for tone in _tones(source) if not _exists(sounds, tone)]


def _tones(source: LanguageCatalogue) -> list[str]:
    parts = (part for prompt in source.prompts.values() for part in prompt)
    spoken = {part.name for part in parts if isinstance(part, Value) and part.type == "tone"}
    return sorted(spoken | set(map(quiet.name_of, quiet.TENTHS)))


def _exists(sounds: Path, tone: str) -> bool:
    return (sounds / TONES / f"{tone}.wav").is_file()
