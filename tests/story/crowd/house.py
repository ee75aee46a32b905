"""A whole hotline on PostgreSQL with thirty callers' and ten agents' phones, in which parts are killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from sqlalchemy import select

from db.demo import DEMO
from db.demo_people import ELDERS
from db.models import Agent
from routing.numbers import as_dialled
from scripts.postgresql_server import PostgresqlServer
from tests.hotline import Hotline, running_hotline
from tests.phones.rooms import RoomPhone, rooms

T = TypeVar("T")
AGENT_HZ, CALLER_HZ = 1000, 440
AGENTS = tuple(str(1001 + at) for at in range(10))
CALLERS = tuple(as_dialled(elder.number) for elder in ELDERS[6:36])
"""Thirty elders of the register, each with a telephone of their own."""
IN_NEED = as_dialled(DEMO.one_key.number)
DATABASE = "database"
OURS = ("redis", "ivr", "router", "worker", "scheduler", "console")
"""Parts of ours, in the order in which they are started."""
KILLED = ("ivr", "router", "redis", "worker", "console", DATABASE)


_COLUMNS = 10
"""A line of the list of channels has more; anything else that the console says has fewer."""


@dataclass(frozen=True)
class Channel:
    """A channel that lives, where it is in the dialplan, and the caller's number.

    The unique id of a call from outside is the call's."""

    name: str
    context: str
    application: str
    number: str
    unique: str

    @property
    def from_outside(self) -> bool:
        return self.name.startswith("PJSIP/carrier-")


@dataclass
class House:
    """The hotline, its database, and everybody's phones, each where its owner is: plugged in, and on the hook."""

    hotline: Hotline
    database: PostgresqlServer
    agents: dict[str, RoomPhone]
    callers: dict[str, RoomPhone]
    in_need: RoomPhone
    pool: ThreadPoolExecutor = field(repr=False)
    away: set[str] = field(default_factory=set)
    """Parts that were killed and are not back."""

    def all_at_once(self, act: Callable[[T], Any], whom: Sequence[T]) -> list[Any]:
        """Do something with everybody at the same time; what one raises is raised here."""
        return [each.result() for each in [self.pool.submit(act, one) for one in whom]]

    def soon(self, act: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Do something beside what follows."""
        return self.pool.submit(act, *arguments)

    def kill(self, *parts: str) -> None:
        """End parts as a crash would, one right after the other (SIGKILL)."""
        for part in parts:
            self.away.add(part)
            self.database.kill() if part == DATABASE else self.hotline.kill(part)

    def start(self, *parts: str) -> None:
        """Start what was killed, as the supervisor does, and wait until each part does its work."""
        if DATABASE in parts:
            self.database.resume()
        self.hotline.start_together(*(part for part in OURS if part in parts))
        self.away.difference_update(parts)

    def channels(self) -> list[Channel]:
        """Give what lives in Asterisk."""
        lines = [line.split("!") for line in self.hotline.node.cli("core show channels concise").splitlines()]
        return [Channel(line[0], line[1], line[5], line[7], line[-1]) for line in lines if len(line) > _COLUMNS]


@contextmanager
def open_house(folder: Path) -> Iterator[House]:
    """The house while the block lasts, with everybody at work who works there."""
    with PostgresqlServer() as database:
        url = database.create("hotline")
        # What was committed before a crash of the database must be there after it.
        with psycopg.connect(database.dsn("postgres"), autocommit=True) as connection:
            connection.execute("ALTER DATABASE hotline SET synchronous_commit TO on")
        with running_hotline(folder, "redis", "asterisk", database_url=url) as hotline:
            hotline.start_together(*OURS[1:])
            phones = [*((each, AGENT_HZ) for each in AGENTS), *((each, CALLER_HZ) for each in (*CALLERS, IN_NEED))]
            with rooms(phones) as made, ThreadPoolExecutor(len(phones) + 4) as pool:
                house = House(
                    hotline, database, dict(zip(AGENTS, made, strict=False)),
                    dict(zip(CALLERS, made[len(AGENTS) :], strict=False)), made[-1], pool,
                )  # fmt: skip
                _plug_in(house)
                yield house


def _plug_in(house: House) -> None:
    with house.hotline.stores.reading() as session:
        secrets = {agent.extension: agent.sip_secret for agent in session.scalars(select(Agent))}
    house.all_at_once(
        lambda each: house.agents[each].plug_in(house.hotline.dial_to, each, secrets[each]), list(house.agents)
    )
    house.all_at_once(lambda phone: phone.plug_in(), [*house.callers.values(), house.in_need])
