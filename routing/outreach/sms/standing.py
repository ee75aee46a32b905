"""How the link to the carrier stands, left in Redis for the health check and the figures: the console is another
process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from redis import Redis

from routing.outreach.sms.smpp.link import LinkState

KEY: Final = "elderline:sms:link"
LASTS_SECONDS: Final = 15
"""A process that does not tell for so long does not run."""
SETTLING: Final = timedelta(seconds=5)
"""A link that is lost and bound again within this time is no news."""


@dataclass(frozen=True)
class Standing:
    """Whether the link may count as well, and a sentence about it without personal data."""

    well: bool
    words: str


def tell(redis: Redis, state: LinkState) -> None:
    """Leave how it stands. Raises RedisError."""
    said = {"bound": state.bound, "since": state.since.isoformat(), "why": state.why, "person": state.wants_a_person}
    redis.set(KEY, json.dumps(said), ex=LASTS_SECONDS)


def told(redis: Redis) -> LinkState | None:
    """Read how it stands; None: the process that has the link does not run. Raises RedisError."""
    line = cast("bytes | None", redis.get(KEY))
    if line is None:
        return None
    said = json.loads(line)
    return LinkState(said["bound"], datetime.fromisoformat(said["since"]), said["why"], said["person"])


def judge(state: LinkState | None, now: datetime, most_away: timedelta) -> Standing:
    """Say how it stands: away for a moment is no fault, away for long is, and so is what only a person can mend."""
    if state is None:
        return Standing(False, "the process sms, which has the link to the carrier, does not run")
    if state.bound:
        return Standing(True, f"bound to the carrier since {state.since.astimezone():%Y-%m-%d %H:%M}")
    away = max(now - state.since, timedelta())
    words = f"the carrier is away for {away.total_seconds():.0f} s: {state.why}"
    return Standing(not state.wants_a_person and away <= most_away, words)
