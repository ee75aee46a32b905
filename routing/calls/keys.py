"""Names of what the router and its neighbours keep in Redis, beside `messages.COMMANDS` and `messages.LIVE`."""

from __future__ import annotations

TICKETS = "elderline:tickets"
"""Hash, ticket id -> JSON of `records.Ticket`; a ticket that ended is no longer in it."""
AGENTS = "elderline:agents"
"""Hash, extension -> JSON of `records.AgentRecord`."""
PLACED = "elderline:placed"
"""Hash, cause -> JSON of `records.PlacedCall`: automatic calls that are waiting, dialling, or not yet settled."""
TALKS = "elderline:talks"
"""Hash, call id -> JSON of `talk.Talk`: callers who speak with somebody, or whom somebody has put on hold."""
OWED_CASES = "elderline:owed_cases"
"""Hash, key -> JSON of `owed_cases.OwedCase`: cases that the database has not got yet."""
CLAIM = "elderline:placed:claim:"
"""+ cause: set once, before the only dial that this cause ever gets."""
CLAIM_SECONDS = 7 * 24 * 3600
AGENT_LEASE = "elderline:lease:agent:"
"""+ extension: the ticket that the agent is reserved for; expires by itself."""
ROUTER_LEASE = "elderline:router:lease"
"""Who the active router is; a standby waits until it expires."""
HEARTBEAT = "elderline:heartbeat:router"
HEARTBEAT_SECONDS = 10
UNWRITTEN = "elderline:unwritten"
"""List of JSON entries that the database has not got yet (see `unwritten.py`)."""
CALL_FILES = "elderline:call_files:"
"""+ node: hash, file -> byte from which its call file is read on after a restart (see `recovery/`)."""
REFUSED = "elderline:unwritten:refused"
"""List of entries that the database will never take, for a person to look at; bounded."""
GROUP = "router"
"""Consumer group on the stream of commands; only the active router reads."""
COMMANDS_MOST = 10_000
"""Commands kept on the stream, read or not. The ticket hash holds what is lost beyond it."""
