"""`elderline token`: bearer tokens of the API."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import click

from db.models.staff import ApiToken
from scripts.commands.settings import current_settings
from scripts.commands.store import work

ROLES = ("agent", "supervisor", "administrator", "auditor")
_TOKEN_BYTES = 32


@click.command("token")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the token may do.")
@click.option("--label", default="", help="What it is for, as the list of tokens shows it.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="It expires after so long.")
def token_command(role: str, label: str, days: int) -> None:
    """Make a bearer token of the API and print it. It is shown this once; the database keeps only its hash."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    now = datetime.now(UTC)
    with work(current_settings()) as session:
        session.add(
            ApiToken(
                token_hash=hashlib.sha256(token.encode()).hexdigest(),
                role=role,
                label=label[:60],
                created_at=now,
                expires_at=now + timedelta(days=days),
            )
        )
    click.echo(token)
