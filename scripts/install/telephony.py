"""Asterisk's configuration with the agents' accounts of the database, and its taking it up."""

from __future__ import annotations

from sqlalchemy import select

from db.encryption import FieldCipher
from db.models.staff import Agent
from db.session import make_engine, make_unit_of_work
from routing.settings import Settings
from scripts.asterisk_config import AgentAccount, render
from scripts.manager_line import ManagerError, reload_asterisk


def render_telephony(settings: Settings) -> list[str]:
    """Write Asterisk's configuration below ``var/asterisk``; give the names of the files that changed."""
    return render(settings, settings.var_dir / "asterisk", agent_accounts(settings))


def agent_accounts(settings: Settings) -> list[AgentAccount]:
    """Read the SIP accounts of all active agents."""
    cipher = FieldCipher(settings.field_key.get_secret_value(), settings.index_key.get_secret_value())
    engine = make_engine(settings.database, cipher)
    try:
        with make_unit_of_work(engine)() as session:
            agents = session.scalars(select(Agent).where(Agent.active).order_by(Agent.extension))
            return [AgentAccount(agent.extension, agent.sip_secret) for agent in agents]
    finally:
        engine.dispose()


def refresh_telephony(settings: Settings) -> bool:
    """Render again and let a running Asterisk take it up; tell whether one did. Calls in progress go on."""
    render_telephony(settings)
    try:
        reload_asterisk(settings)
    except ManagerError:
        return False
    return True
