"""`elderline settings`, and how a bad setting is told in one sentence."""

from __future__ import annotations

import json
from typing import Any

import click
from pydantic import SecretStr, ValidationError

from routing.settings import Settings, load_settings
from scripts.launch import PREFIX
from scripts.parts import ROOT

_MASK = "********"


def current_settings() -> Settings:
    """Read this checkout's settings. Raises click.ClickException, with one sentence that names what is wrong."""
    try:
        return load_settings(ROOT)
    except ValidationError as error:
        raise click.ClickException(sentence(error)) from error


def sentence(error: ValidationError) -> str:
    """Say in one sentence which settings are bad and why; the values stay out, for some are secrets."""
    wrong = []
    for each in error.errors(include_input=False, include_url=False):
        said = each["msg"].removeprefix("Value error, ")
        said = said[:1].lower() + said[1:]
        wrong.append(f"{variable(str(each['loc'][0]))}: {said}" if each["loc"] else said)
    return f"bad setting: {'; '.join(wrong)} (elderline settings lists them all)"


def variable(field: str) -> str:
    """Give the environment variable of a setting."""
    return PREFIX + field.upper()


@click.command("settings")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per setting, in a list.")
def settings_command(as_json: bool) -> None:
    """List every setting with its default, its present value and what it means. Secrets are masked."""
    rows = _rows(current_settings())
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']}={row['value']}")
        click.echo(f"    {row['description']} (default: {row['default'] or 'empty'})")


def _rows(settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "name": variable(name),
            "default": _shown(field.default),
            "value": _shown(getattr(settings, name)),
            "description": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: Any) -> str:
    """Write a value as it stands in an environment variable."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return _MASK if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
