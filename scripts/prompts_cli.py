"""`elderline prompts`: render what callers hear, check that nothing is missing, list it."""

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import click

from ivr.prompts import manifest
from ivr.prompts.catalogue import FIRST_LANGUAGE, SOUNDS_FOLDER, TEXTS_FOLDER, Catalogue
from ivr.prompts.check import check_languages, check_sounds
from ivr.prompts.measure import check_measures
from ivr.prompts.own import base_language
from ivr.prompts.own_check import check_files, check_own, check_texts
from ivr.prompts.sayable import VOICES
from ivr.prompts.source import CatalogueError
from ivr.prompts.studio import PromptStudio
from ivr.prompts.wanted import VoiceSettings, Wanted, out_of_date, voice_of, wanted_sounds
from routing.errors import Invalid
from routing.settings import load_settings
from routing.voice.sayings import Sayings
from scripts.commands.prompt_versions import versions_command

DEFAULT_STYLES = Path("var/voice/package/voices")
HOW_TO_INSTALL = "pip install --require-hashes -r requirements-voice.txt, as docs/prompts.md tells"
TOO_LARGE = 40 * 1024 * 1024  # bytes: two languages at 16 to 20 MB each; a clone of the repository should stay quick.


@click.group()
@click.option("--texts", type=click.Path(path_type=Path, file_okay=False), default=TEXTS_FOLDER, hidden=True)
@click.option("--sounds", type=click.Path(path_type=Path, file_okay=False), default=SOUNDS_FOLDER, hidden=True)
@click.pass_context
def prompts(context: click.Context, texts: Path, sounds: Path) -> None:
    """What callers hear: render, check, list."""
    try:
        context.obj = (Catalogue.load(texts, sounds), sounds)
    except (CatalogueError, ValueError, OSError) as problem:
        raise click.ClickException(f"the catalogue cannot be read: {problem}") from problem


prompts.add_command(versions_command)


@prompts.command()
@click.option(
    "--styles",
    type=click.Path(path_type=Path),
    default=DEFAULT_STYLES,
    envvar="ELDERLINE_VOICE_STYLES",
    show_default=True,
    help="Folder of the voices (*.bin) of npm's kokoro-js.",
)
@click.option("--match", default="", help="Render only sounds whose name begins with this.")
@click.option("--language", default=FIRST_LANGUAGE, show_default=True, help="Language to render, as en.")
@click.pass_obj
def build(loaded: tuple[Catalogue, Path], styles: Path, match: str, language: str) -> None:
    """Render what is missing or changed, remove what no key asks for."""
    catalogue, sounds = loaded
    if language not in catalogue.languages:
        raise click.BadParameter(f"there are texts in {', '.join(sorted(catalogue.languages))}")
    source, folder = catalogue.languages[language], sounds / language
    wanted, settings = wanted_sounds(source), voice_of(language)
    missing = [s for s in out_of_date(wanted, manifest.read(folder), settings) if s.name.startswith(match)]
    if missing:
        _render(missing, folder, styles, settings)
    try:
        from ivr.prompts.rendering import remove_unwanted  # noqa: PLC0415 - needs numpy, of the extra `voice`
        from ivr.prompts.tones import CALM, CALM_FOLDER, CALM_SENTENCES, write_missing_tones  # noqa: PLC0415
    except ImportError as problem:
        raise click.ClickException(f"the voice is not installed ({problem}): {HOW_TO_INSTALL}") from problem
    if any(sound.name in CALM_SENTENCES for sound in missing):
        # The loop that an SOS hears is made of these sentences.
        (folder / CALM_FOLDER / f"{CALM}.wav").unlink(missing_ok=True)
    made = write_missing_tones(sounds)
    gone = [] if match else remove_unwanted(wanted, folder)
    click.echo(f"{len(missing)} rendered, {len(made)} tones made, {len(gone)} removed")


def _render(missing: list[Wanted], folder: Path, styles: Path, settings: VoiceSettings) -> None:
    try:
        from ivr.prompts.rendering import render  # noqa: PLC0415
        from ivr.prompts.voice import Voice, VoiceMissingError  # noqa: PLC0415
    except ImportError as problem:
        raise click.ClickException(f"the voice is not installed ({problem}): {HOW_TO_INSTALL}") from problem
    try:
        speaker = Voice(settings, styles)
    except VoiceMissingError as problem:
        raise click.ClickException(str(problem)) from problem
    with click.progressbar(length=len(missing), label="Rendering", show_pos=True) as bar:
        render(missing, folder, speaker, done=lambda _sound, _entry: bar.update(1))


def _own_folder(_context: click.Context, _option: click.Parameter, given: Path | None) -> Path:
    """The folder of the sounds made on this machine."""
    return given or load_settings().own_prompts


own_option = click.option(
    "--own", type=click.Path(path_type=Path, file_okay=False), callback=_own_folder,
    help="Folder instead of var/prompts.",
)  # fmt: skip


@prompts.command()
@own_option
@click.pass_obj
def check(loaded: tuple[Catalogue, Path], own: Path) -> None:
    """Fail, naming each, where texts and sounds do not agree."""
    catalogue, sounds = loaded
    problems = check_languages(dict(catalogue.languages))
    for language, source in sorted(catalogue.languages.items()):
        # A language of which nothing is rendered is spoken in Chinese.
        if language == FIRST_LANGUAGE or catalogue.sounds[language]:
            problems += check_sounds(source, sounds, voice_of(language)) + check_measures(sounds, language)
    size = sum(path.stat().st_size for path in sounds.rglob("*") if path.is_file())
    if size > TOO_LARGE:
        problems.append(f"the sounds take {size / 1e6:.1f} MB, more than {TOO_LARGE / 1e6:.1f}")
    problems += check_texts(catalogue.languages) + check_files(sounds) + check_own(catalogue.languages, own)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise SystemExit(1)
    click.echo(
        f"{len(catalogue.keys())} prompts, {len(catalogue.sounds[FIRST_LANGUAGE])} sounds, {size / 1e6:.1f} MB: well"
    )


@prompts.command(name="list")
@click.option("--tag", default=FIRST_LANGUAGE, show_default=True, help="Language or dialect, as zh-CN-x-lanzhou.")
@own_option
@click.pass_context
def list_prompts(context: click.Context, tag: str, own: Path) -> None:
    """Every key with the seconds that its fixed words take, which layer of sounds is heard, and its text."""
    catalogue, sounds = context.obj
    texts: Path = context.parent.params["texts"] if context.parent else TEXTS_FOLDER
    studio = PromptStudio(Sayings(own, VOICES), lambda: datetime.now(UTC), texts, sounds)
    try:
        lines = {key: list(group) for key, group in groupby(studio.lines(tag), key=lambda line: line.key)}
    except Invalid as problem:
        raise click.ClickException(str(problem)) from problem
    for key, text in catalogue.languages[base_language(tag)].texts.items():
        heard = lines.get(key, [])
        seconds = sum(line.seconds for line in heard)
        layers = "+".join(dict.fromkeys(line.heard.value for line in heard)) or "tone"
        stale = " (recorded before the text changed)" if any(e.recorded and e.recorded.stale for e in heard) else ""
        click.echo(f"{key:<28} {seconds:5.1f} s  {layers:<9} {text}{stale}")
