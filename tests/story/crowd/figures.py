"""The figures of the outages that were played, as a table in the form of the documents."""

from __future__ import annotations

from collections.abc import Sequence

from tests.story.crowd.course import AGENT, IN_HOLD, IN_MENUS, IN_NEED, TALKING, Outage
from tests.story.crowd.house import KILLED, OURS

_ROLES = (TALKING, IN_HOLD, IN_MENUS, IN_NEED)


def quietest(outage: Outage) -> dict[str, float]:
    """The longest silence that anybody of each role heard, in seconds."""
    heard = {role: [each.quiet for each in outage.callers if each.role == role] for role in _ROLES}
    heard[AGENT] = list(outage.agents_quiet)
    return {role: max((quiet.seconds for quiet in each if quiet), default=0.0) for role, each in heard.items()}


def reached(outage: Outage, role: str) -> tuple[float, float]:
    """Seconds from the kill (an SOS: from the call) until the first and the last of a role heard an agent."""
    waits = [
        each.served_at - (each.dialled_at if role == IN_NEED else outage.killed_at)
        for each in outage.callers
        if each.role == role and each.served_at is not None
    ]
    return min(waits, default=-1.0), max(waits, default=-1.0)


def table(outages: Sequence[Outage]) -> str:
    """The table."""
    lines = [
        "| killed | longest silence: talking, in hold, in menus, sos, agents (s) | talks dropped "
        "| s until in hold, in menus, sos reached an agent | parts away (s) | records |",
        "|---|---|---|---|---|---|",
    ]
    for outage in outages:
        quiet = quietest(outage)
        hold, menus, sos = (reached(outage, role)[1] for role in (IN_HOLD, IN_MENUS, IN_NEED))
        lines.append(
            f"| {_what(outage)} | {', '.join(f'{each:.1f}' for each in quiet.values())} "
            f"| {len(outage.dropped)} of 10 | {hold:.0f}, {menus:.0f}, {sos:.0f} "
            f"| {outage.back_at - outage.killed_at:.0f} | {outage.recorded} of {len(outage.callers)} |"
        )
    return "\n".join(lines)


def _what(outage: Outage) -> str:
    """What was killed, as a document says it."""
    everything = set(KILLED) <= set(outage.killed)
    if not everything:
        return " and ".join(outage.killed)
    return "all at once, brought back by the supervisor" if set(OURS) <= set(outage.killed) else "all at once"
