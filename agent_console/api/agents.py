"""Agents: where each stands, and setting it."""

from __future__ import annotations

from typing import Any

from flask import abort
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from agent_console.access import LEADS, identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown, epoch
from agent_console.desk.talk_requests import write_down_state
from agent_console.services import ConsoleServices, console_services
from db.models import Agent, User
from routing.calls.messages import ASKED_STATES, AgentState, SetAgentState
from routing.calls.records import AgentRecord
from routing.errors import NotFound

resource = Resource("agents", "Agents and their states")


class AgentSchema(Schema):
    """One agent."""

    extension = fields.String()
    name = fields.String()
    skills = fields.List(fields.String())
    state = fields.String(metadata={"enum": [state.value for state in AgentState]})
    since = Instant(allow_none=True)
    reason = fields.String()
    call_id = fields.String(allow_none=True)
    ticket_id = fields.String(allow_none=True)


class AgentListSchema(Schema):
    """All agents: there are at most 500, so they come on one page."""

    items = fields.List(fields.Nested(AgentSchema))
    next_cursor = fields.String(allow_none=True)


class StateSchema(Schema):
    """The state that is asked for; `ready` also ends wrap-up."""

    state = fields.String(required=True, validate=validate.OneOf(ASKED_STATES))
    reason = fields.String(load_default="", validate=validate.Length(max=100))


class AcceptedSchema(Schema):
    """What was asked of the router, which does it within moments."""

    extension = fields.String()
    asked = fields.String()


@resource.get("", AgentListSchema)
def index() -> Shown:
    """List the agents."""
    return {"items": _agents(console_services()), "next_cursor": None}


@resource.get("/<extension>", AgentSchema, refuses={404: "no such agent"})
def show(extension: str) -> Shown:
    """Show one agent."""
    return _one(console_services(), extension)


@resource.post("/<extension>/state", AcceptedSchema, body=StateSchema, status=202, refuses={404: "no such agent"})
def set_state(asked: dict[str, Any], extension: str) -> Shown:
    """Ask the router for another state. Agents may ask for themselves only."""
    services, who = console_services(), identity()
    if who.role not in LEADS and who.extension != extension:
        abort(403, "agents may set their own state only")
    _one(services, extension)
    if who.extension != extension:
        write_down_state(services, who, extension, asked["state"], asked["reason"])
    services.board.command(SetAgentState(extension, ASKED_STATES[asked["state"]], asked["reason"], who.actor))
    return {"extension": extension, "asked": asked["state"]}


def _one(services: ConsoleServices, extension: str) -> Shown:
    for agent in _agents(services):
        if agent["extension"] == extension:
            return agent
    raise NotFound(f"there is no agent {extension}")


def _agents(services: ConsoleServices) -> list[Shown]:
    """Join what lasts (the database) with what is now (Redis)."""
    live: dict[str, AgentRecord] = {agent.extension: agent for agent in services.board.all()}
    with services.reading() as work:
        query = select(Agent, User.name).outerjoin(User, User.id == Agent.user_id).where(Agent.active.is_(True))
        rows = [(agent, name) for agent, name in work.execute(query.order_by(Agent.extension))]
    return [_shown(agent, name or "", live.get(agent.extension)) for agent, name in rows]


def _shown(agent: Agent, name: str, now: AgentRecord | None) -> Shown:
    return {
        "extension": agent.extension,
        "name": name,
        "skills": [skill for skill in agent.skills.split(",") if skill],
        "state": now.state.value if now else AgentState.LOGGED_OFF.value,
        "since": epoch(now.since) if now else None,
        "reason": now.wanted_reason if now else "",
        "call_id": now.call_id if now else None,
        "ticket_id": now.ticket_id if now else None,
    }
