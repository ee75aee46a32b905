"""Asterisk's configuration with the agents' accounts of the database, and its taking it up."""

from __future__ import annotations

import time
from functools import partial

from sqlalchemy import select

from db.encryption import FieldCipher
from db.models.staff import Agent
from db.session import make_engine, make_unit_of_work
from routing.calls.hours_now import HoursNow
from routing.numbers import as_dialled
from routing.settings import Settings
from scripts.asterisk_config import AgentAccount, render
from scripts.manager_line import ManagerError, reload_asterisk
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores


def render_telephony(settings: Settings) -> list[str]:
    """Write Asterisk's configuration below ``var/asterisk``; give the names of the files that changed."""
    target = settings.var_dir / "asterisk"
    return render(settings, target, agent_accounts(settings), duty_numbers(settings))


def duty_numbers(settings: Settings) -> list[str]:
    """Read whom Asterisk rings when it is alone from its start, in order: who is on duty now, then the whole rota.

    While it runs, the router tells it of each change (routing/calls/after_hours.py).
    """
    stores = open_stores(settings)
    try:
        now = HoursNow(settings.duty_numbers, partial(as_dialled, country=settings.country))
        now.take(HotlineServices(stores).hours_register.plan())
        now.at(time.time())
        return list(now.fallback_numbers())
    finally:
        stores.redis.close()
        stores.engine.dispose()


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
