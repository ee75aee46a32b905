"""Which telephone account a user has, and which calls it takes: skills are words, and a dialect one of them."""

from __future__ import annotations

import re
import secrets
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Agent
from routing.staff.errors import BadUser, ExtensionTaken

DIALECT: Final = "dialect:"
_EXTENSION: Final = re.compile(r"[0-9]{2,10}")
_SKILL: Final = re.compile(r"[a-z0-9_.:-]{1,40}")
_LONGEST: Final = 400


def check_skills(skills: str) -> str:
    """Bring words with commas into one form. Raises Invalid."""
    words = sorted({each.strip().lower() for each in skills.replace("，", ",").split(",") if each.strip()})
    if not all(_SKILL.fullmatch(each) for each in words):
        raise BadUser("skills")
    text = ",".join(words)
    if len(text) > _LONGEST:
        raise BadUser("skills")
    return text


def give_extension(work: Session, user_id: int, extension: str, skills: str) -> str:
    """Let a user have an extension, or none, and its skills; what they had before is free again. Says what changed.

    An extension that nobody ever had gets an account with a SIP secret; Asterisk knows it after the next `up`. Raises
    Invalid, and Conflict for one that is taken.
    """
    skills = check_skills(skills)
    before = work.scalar(select(Agent).where(Agent.user_id == user_id))
    if not extension:
        if before is not None:
            before.user_id = None
        return f"extension {before.extension} -> none" if before is not None else ""
    if not _EXTENSION.fullmatch(extension):
        raise BadUser("extension")
    agent = work.get(Agent, extension, with_for_update=True)
    if agent is not None and agent.user_id not in (None, user_id):
        raise ExtensionTaken(f"the extension {extension} belongs to somebody else: take it from them first")
    if before is not None and before.extension != extension:
        before.user_id = None
        work.flush()
    if agent is None:
        agent = Agent(extension=extension, sip_secret=secrets.token_hex(16), skills="", active=True)
        work.add(agent)
    said = [] if agent.user_id == user_id else [f"extension {before.extension if before else 'none'} -> {extension}"]
    if agent.skills != skills:
        said.append(f"skills {agent.skills or 'none'} -> {skills or 'none'}")
    agent.user_id, agent.skills, agent.active = user_id, skills, True
    return "; ".join(said)
