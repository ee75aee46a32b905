"""The command line: ``elderline``."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from scripts.commands.access import token_command
from scripts.commands.agents import agent_group
from scripts.commands.imports import import_group, migrate_command
from scripts.commands.running import health_command, logs_command, run_command
from scripts.commands.settings import settings_command


class _Lazy(click.Group):
    """Loads the prompts' commands only when they are wanted: they bring the voice's libraries along."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), "prompts"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "prompts":
            command: click.Command = import_module("scripts.prompts_cli").prompts
            return command
        return super().get_command(ctx, cmd_name)


@click.group("elderline", cls=_Lazy)
def elderline() -> None:
    """Elderline: a telephone hotline for elders at home."""


for _command in (
    settings_command, token_command, agent_group, import_group, migrate_command, health_command, run_command,
    logs_command,
):  # fmt: skip
    elderline.add_command(_command)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; click exits with 0, 1 (it failed) or 2 (it was called wrongly)."""
    return elderline(arguments, prog_name="elderline")


if __name__ == "__main__":
    sys.exit(main())
