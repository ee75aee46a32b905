"""`elderline agent`: telephone accounts of agents."""

from __future__ import annotations

import json
import secrets

import click

from db.models.staff import Agent, User
from routing.settings import Settings
from scripts.commands.settings import current_settings
from scripts.commands.store import work
from scripts.install.telephony import refresh_telephony


@click.group("agent")
def agent_group() -> None:
    """Agents and their telephone accounts."""


@agent_group.command("credentials")
@click.argument("extension")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def credentials(extension: str, as_json: bool) -> None:
    """Print what a SIP phone needs to register as the agent EXTENSION."""
    settings = current_settings()
    with work(settings) as session:
        agent = session.get(Agent, extension)
        if agent is None or not agent.active:
            raise click.ClickException(f"no active agent has the extension {extension}")
        account = _account(settings, agent)
    if as_json:
        click.echo(json.dumps(account))
    else:
        for name, value in account.items():
            click.echo(f"{name}: {value}")


def _account(settings: Settings, agent: Agent) -> dict[str, str | int]:
    host = settings.bind_address
    return {
        "extension": agent.extension,
        "user": agent.extension,
        "password": agent.sip_secret,
        "domain": host,
        "port": settings.sip_port,
        "transport": "udp",
        "uri": f"sip:{agent.extension}@{host}:{settings.sip_port}",
        "ws_url": settings.browser_phones,
    }


@agent_group.command("add")
@click.argument("extension")
@click.option("--login", help="The console user that this agent is.")
@click.option("--skills", default="", help="Skills, with commas.")
def add(extension: str, login: str | None, skills: str) -> None:
    """Add the agent EXTENSION with a new SIP secret, and let Asterisk know it."""
    settings = current_settings()
    if not (extension.isascii() and extension.isdigit() and len(extension) == len(str(settings.extension_first))):
        digits = len(str(settings.extension_first))
        raise click.ClickException(f"an extension is {digits} digits here, as {settings.extension_first}")
    with work(settings) as session:
        if session.get(Agent, extension) is not None:
            raise click.ClickException(f"the extension {extension} is taken")
        user = session.query(User).filter_by(login=login).one_or_none() if login else None
        if login and user is None:
            raise click.ClickException(f"no user has the login {login}")
        session.add(
            Agent(
                extension=extension,
                user_id=user.id if user else None,
                sip_secret=secrets.token_hex(16),
                skills=skills,
                active=True,
            )
        )
    click.echo(f"agent {extension} added")
    if not refresh_telephony(settings):
        click.echo("Asterisk does not run; it will know the agent when it starts")
