"""The command line: ``elderline``."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

# Each command is loaded when it is wanted: five processes start at once through this file, on few cores.
_COMMANDS = {
    "agent": ("scripts.commands.agents", "agent_group"),
    "certificates": ("scripts.commands.certificates", "certificates_group"),
    "flows": ("scripts.commands.flows", "flows_command"),
    "health": ("scripts.commands.running", "health_command"),
    "hours": ("scripts.commands.hours", "hours_command"),
    "import": ("scripts.commands.imports", "import_group"),
    "logs": ("scripts.commands.running", "logs_command"),
    "migrate": ("scripts.commands.imports", "migrate_command"),
    "never-call": ("scripts.commands.never_call", "never_call_group"),
    "orders": ("scripts.commands.orders", "orders_group"),
    "prompts": ("scripts.prompts_cli", "prompts"),
    "ratings": ("scripts.commands.ratings", "ratings_group"),
    "report": ("scripts.commands.reports", "report_command"),
    "run": ("scripts.commands.running", "run_command"),
    "scorecards": ("scripts.commands.scorecards", "scorecards_command"),
    "settings": ("scripts.commands.settings", "settings_command"),
    "simulate-campaign": ("scripts.commands.simulate_campaign", "simulate_campaign_command"),
    "simulate": ("scripts.commands.simulate", "simulate_command"),
    "sms": ("scripts.commands.sms", "sms_group"),
    "staffing": ("scripts.commands.staffing", "staffing_command"),
    "statement": ("scripts.commands.statement", "statement_command"),
    "token": ("scripts.commands.access", "token_command"),
    "visits": ("scripts.commands.visits", "visits_group"),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group("elderline", cls=_Commands)
def elderline() -> None:
    """Elderline: a telephone hotline for elders at home."""


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; click exits with 0, 1 (it failed) or 2 (it was called wrongly)."""
    return elderline(arguments, prog_name="elderline")


if __name__ == "__main__":
    sys.exit(main())
