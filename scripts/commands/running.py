"""`elderline run`, `health` and `logs`: the processes, one by one."""

from __future__ import annotations

import json
import logging
import os
from collections import deque
from importlib import import_module

import click
import structlog

from scripts.commands.settings import current_settings
from scripts.parts import log_file
from scripts.waiting import NotThere, wait_for_stores
from scripts.wiring.logs import configure_logs

PARTS = ("ivr", "router", "console", "worker", "scheduler", "voice", "sms", "sms_carrier")
LOGS = (*PARTS, "asterisk", "redis", "bearerbox", "smsbox", "supervisord", "install")


@click.command("run")
@click.argument("part", type=click.Choice(PARTS))
def run_command(part: str) -> None:
    """Run one PART in the foreground, as the supervisor does."""
    settings = current_settings()
    configure_logs(settings)
    try:
        wait_for_stores(settings)
    except NotThere as error:
        raise click.ClickException(f"{part} cannot start: {error}") from error
    # What is for whoever looks closely is not even put into words: a call has several such lines.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    # Each part loads its own libraries only; the other commands start faster without them.
    import_module(f"scripts.wiring.{part}").run(settings)


@click.command("health")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def health_command(as_json: bool) -> None:
    """Ask every part whether it is well; the exit status is 1 if one is not."""
    from scripts.health import check  # noqa: PLC0415  # RQ and the manager line, which `run` has no use for.

    parts = check(current_settings())
    if as_json:
        click.echo(json.dumps(parts, ensure_ascii=False))
    else:
        for name, part in parts.items():
            click.echo(f"{'ok ' if part['ok'] else 'BAD'}  {name:<10} {part['detail']}")
    if not all(part["ok"] for part in parts.values()):
        raise SystemExit(1)


@click.command("logs")
@click.argument("part", type=click.Choice(LOGS))
@click.option("-n", "--lines", type=click.IntRange(1, 100_000), default=50, show_default=True, help="How many.")
@click.option("-f", "--follow", is_flag=True, help="Go on as the log grows.")
def logs_command(part: str, lines: int, follow: bool) -> None:
    """Print the end of the log of one PART."""
    path = log_file(current_settings(), part)
    if not path.is_file():
        raise click.ClickException(f"{part} has no log yet at {path}")
    if follow:
        os.execlp("tail", "tail", "-n", str(lines), "-F", str(path))  # noqa: S606  # no shell wanted
    with path.open(encoding="utf-8", errors="replace") as file:
        click.echo("".join(deque(file, maxlen=lines)), nl=False)
