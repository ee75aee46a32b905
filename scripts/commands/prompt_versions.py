"""`elderline prompts versions`: slow and loud versions of all sounds, made on this machine."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import click

from ivr.prompts.catalogue import Catalogue
from ivr.prompts.stretch import StretchError
from ivr.prompts.versions import bring_up_to_date
from routing.settings import load_settings

_LEAST_URGENT = 19


@click.command("versions")
@click.option("--own", type=click.Path(path_type=Path, file_okay=False), help="Folder instead of var/prompts.")
@click.option("--modestly", is_flag=True, help="Take only the processor time that nobody else wants.")
@click.pass_obj
def versions_command(loaded: tuple[Catalogue, Path], own: Path | None, modestly: bool) -> None:
    """Make the slow and loud versions of new and changed sounds; remove those of old ones."""
    if modestly:
        os.nice(_LEAST_URGENT)
        with suppress(OSError):  # A kernel that does not divide the processors among sessions knows no such file.
            Path("/proc/self/autogroup").write_text(str(_LEAST_URGENT), encoding="ascii")
    began = time.monotonic()
    try:
        own = own or load_settings().var_dir / "prompts"
        did = bring_up_to_date(loaded[1], own)
    except (StretchError, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    for name in did.unreadable:
        click.echo(f"{name}: cannot be read, so it has no versions", err=True)
    click.echo(
        f"{did.made} sounds made in each version, {did.removed} old ones removed, {time.monotonic() - began:.1f} s"
    )
