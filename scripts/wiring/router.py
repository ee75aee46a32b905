"""The router process: the live loop over AMI and Redis."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

from redis.asyncio import Redis
from sqlalchemy import select

from db.models import Agent
from routing.asterisk.nodes import NodeAddress, Nodes
from routing.calls.agents import AgentAccount
from routing.calls.messages import PlacedCallEnded
from routing.calls.needs import CallNeeds
from routing.calls.owed_cases import OwedCase
from routing.calls.recovery.files import CallFiles, rotate
from routing.calls.recovery.stories import CallFate
from routing.calls.recovery.writing import RecoveredCalls
from routing.calls.router import Router
from routing.figures import published, spread_figures
from routing.orders.cases import Cases
from routing.outreach.callbacks import Callbacks
from routing.outreach.messages import Messages
from routing.settings import Settings
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Clock, Stores, now, open_stores


def load_agents(stores: Stores) -> Sequence[AgentAccount]:
    """Read the agents' extensions and skills."""
    with stores.reading() as session:
        rows = session.execute(select(Agent.extension, Agent.skills).where(Agent.active)).all()
    return [AgentAccount(row.extension, tuple(filter(None, row.skills.split(",")))) for row in rows]


def settle(callbacks: Callbacks, ended: PlacedCallEnded) -> None:
    """Tell whoever owes a call how it went; settling twice changes nothing."""
    callbacks.settle(ended.cause, ended.outcome)


def open_case(cases: Cases, messages: Messages, owed: OwedCase) -> None:
    """Open the case of an SOS that Asterisk served alone, or owe the call-back for a message; twice is as once."""
    at = datetime.fromtimestamp(owed.at, UTC)
    if owed.kind == "message":
        messages.take(owed.call_id, at)
    else:
        cases.open(owed.key, owed.kind, call_id=owed.call_id, opened_at=at, actor="caller")


def write_fates(recovered: RecoveredCalls, messages: Messages, fates: Sequence[CallFate]) -> int:
    """Write how calls went, and then who left the messages among them."""
    written = recovered.write(fates)
    messages.complete(fate.call_id for fate in fates)
    return written


def make_nodes(settings: Settings) -> Nodes:
    """Give the Asterisk nodes. Nothing connects yet."""
    secret = settings.ami_secret.get_secret_value()
    return Nodes([NodeAddress(settings.node, "127.0.0.1", settings.ami_port, "elderline", secret)])


def figures(nodes: Nodes) -> dict[str, int]:
    """Give what the nodes' clients count, added up, and how late the router handles their events."""
    total = Counter[str]()
    for stats in nodes.stats.values():
        total.update(asdict(stats))
    counts = {f"ami_{name}": value for name, value in total.items()}
    return counts | spread_figures("router_event_lag_seconds", nodes.lag)


def tidy(settings: Settings) -> None:
    """Keep the files of our own node's calls in bounds: those that the router reads, and Asterisk's plain records."""
    log = settings.var_dir / "asterisk" / "log"
    for path in (log / "cel-custom" / "calls.csv", log / "cdr-csv" / "Master.csv"):
        rotate(path, settings.call_file_bytes, settings.call_files_kept, settings.call_file_days, now())


def make_router(stores: Stores, nodes: Nodes, redis: Redis, clock: Clock = now) -> Router:
    """Join the router with the nodes, the agents and what is owed."""
    known, joined = stores.settings, HotlineServices(stores, clock)
    recovered = RecoveredCalls(stores.unit_of_work, stores.reading, joined.directory.look_up)
    return Router(
        known, nodes, redis,
        load_agents=partial(load_agents, stores), recorder=joined.journey,
        settle=partial(settle, joined.callbacks), open_case=partial(open_case, joined.cases, joined.messages),
        call_files={node: CallFiles(folder) for node, folder in known.call_files.items()},
        write_fates=partial(write_fates, recovered, joined.messages), tidy=partial(tidy, known),
        promise_book=joined.promises, load_hours=joined.hours_register.plan,
        recall_need=CallNeeds(stores.reading, joined.directory.look_up).recall, clock=lambda: clock().timestamp(),
    )  # fmt: skip


def run(settings: Settings, clock: Clock = now) -> None:
    """Route until the process is asked to stop."""
    asyncio.run(_run(settings, clock))


async def _run(settings: Settings, clock: Clock) -> None:
    redis = Redis.from_url(settings.redis, socket_timeout=5, socket_connect_timeout=3)
    stores, nodes = open_stores(settings), make_nodes(settings)
    routing = asyncio.create_task(make_router(stores, nodes, redis, clock).run())
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, routing.cancel)
    try:
        with published(stores.redis, "router", partial(figures, nodes)):
            await routing
    except asyncio.CancelledError:
        if not routing.cancelled():
            raise
    finally:
        await redis.aclose()
