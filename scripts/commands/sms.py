"""`elderline sms`: the simulated carrier of `./scripts/up --sms`, and the texts that we send."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from routing.outreach.sms.encoding import write
from routing.outreach.sms.text_catalogue import LANGUAGES, BadTexts, TextCatalogue, load, longest, problems
from routing.outreach.sms.text_rules import RULES
from scripts.commands.settings import current_settings
from scripts.sms_carrier.control import NotThereError, ask


@click.group("sms")
def sms_group() -> None:
    """SMS: what we say, and a carrier to play with."""


@sms_group.group("carrier")
def carrier_group() -> None:
    """The simulated carrier of ./scripts/up --sms: what phones got, and answering from a phone."""


@carrier_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message, in a list.")
def list_command(as_json: bool) -> None:
    """List the messages that the carrier was given, as phones show them: the latest last."""
    settings = current_settings()
    shown = _ask(do="list")
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    for each in shown:
        at = datetime.fromtimestamp(each["at"], settings.zone)
        parts = f" ({each['parts']} parts)" if each["parts"] > 1 else ""
        click.echo(f"{at:%H:%M:%S}  to {each['number']} from {each['sender']}{parts}: {each['text']}")


@carrier_group.command("reply")
@click.argument("number")
@click.argument("text")
@click.option("--to", "to", default="", help="The number that is written to; by default ours.")
def reply_command(number: str, text: str, to: str) -> None:
    """Write TEXT to us from the phone NUMBER, as it would reach us from a carrier."""
    parts = _ask(do="reply", number=number, text=text, to=to)["parts"]
    click.echo(f"under way in {parts} part{'s' if parts > 1 else ''}; see what is answered: elderline sms carrier list")


@sms_group.group("texts")
def texts_group() -> None:
    """The texts that we send: ours, or those of ELDERLINE_SMS_TEXTS."""


_language = click.option("--language", type=click.Choice(LANGUAGES), help="By default that of the settings.")
_file = click.option("--file", "file", type=click.Path(dir_okay=False, path_type=Path), help="Instead of the setting.")


@texts_group.command("list")
@_language
@_file
def texts_list_command(language: str | None, file: Path | None) -> None:
    """List the texts with the longest real values, and the parts and places that they take."""
    catalogue = _catalogue(language, file)
    if wrong := problems(catalogue):
        raise click.ClickException(f"{wrong[0]} (elderline sms texts check tells all)")
    for key in RULES:
        text = longest(catalogue, key)
        written = write(text)
        own = ", own" if key in catalogue.own else ""
        parts = f"{len(written.parts)} of {RULES[key].parts} parts, {written.places} places, {written.alphabet.value}"
        click.echo(f"{key} ({parts}{own})\n    {text}")


@texts_group.command("check")
@_language
@_file
def texts_check_command(language: str | None, file: Path | None) -> None:
    """Check fields, signature, the way to stop, and the parts; the exit status is 1 if something is wrong."""
    wrong = problems(_catalogue(language, file))
    for each in wrong:
        click.echo(each)
    if wrong:
        raise SystemExit(1)
    click.echo(f"all {len(RULES)} texts are right")


def _catalogue(language: str | None, file: Path | None) -> TextCatalogue:
    settings = current_settings()
    try:
        return load(language or settings.language, file or settings.sms_texts)
    except BadTexts as error:
        raise click.ClickException(str(error)) from error


def _ask(**question: str) -> Any:
    try:
        return ask(current_settings(), **question)
    except NotThereError as error:
        raise click.ClickException(str(error)) from error
