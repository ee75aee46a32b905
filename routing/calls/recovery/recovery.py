"""Calls of which the router did not hear, from the files that their node wrote: after a (re)connect, and now and then.

The live router's word comes first: a call that ended while it listened is looked at only when its own entry must have
reached the database, and what the database has is never changed.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

import structlog

from routing.asterisk.errors import AmiError
from routing.calls import keys
from routing.calls.floor import Floor
from routing.calls.owed_cases import OwedCases
from routing.calls.recovery.files import CallFiles, Line, Reading
from routing.calls.recovery.lines import read_line
from routing.calls.recovery.stories import CallFate, CallStory
from routing.calls.recovery.writing import WriteFates
from routing.calls.switchboard import Switchboard

log = structlog.get_logger(__name__)

GRACE_SECONDS = 30.0
"""The router's own entry of an end is written within some seconds; after so long it is not going to be."""
_READ_SECONDS = 3.0
"""How long tickets wait for the files at the most; then they are ended without, as the callers' channels tell."""
_STORIES_MOST = 50_000
"""Calls remembered of one node. Beyond it the oldest are forgotten; their lines are read again after a restart."""
_EVERY_SECONDS = 10.0


@dataclass
class _Told:
    """A call as far as the files tell, and where in them it begins."""

    story: CallStory
    file: str
    begin: int
    seen_at: float
    """When we last read a line of it, by our own clock: the node's may be wrong."""
    missing: bool = False
    """It had no end and did not live when we last looked."""


@dataclass
class _NodeFiles:
    files: CallFiles
    offsets: dict[str, int] = field(default_factory=dict)
    """How far each file is read."""
    kept: dict[str, int] = field(default_factory=dict)
    """From where each is read after a restart, as Redis has it."""
    told: dict[str, _Told] = field(default_factory=dict)
    heard_since: float = math.inf
    """Since when the router hears of what happens there."""
    compared: bool = False
    """Whether the floor holds what lives there."""
    booted_at: float = 0.0
    last_sign: float = 0.0
    """When the node last wrote something before it booted."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Recovery:
    """Reads the nodes' files, tells how calls went, and has it written."""

    def __init__(
        self,
        floor: Floor,
        switchboard: Switchboard,
        owed: OwedCases,
        files: Mapping[str, CallFiles],
        *,
        write: WriteFates,
        tidy: Callable[[], None],
    ) -> None:
        """`files` are those of each node by its name; `tidy` keeps them in bounds, and may raise OSError."""
        self._floor = floor
        self._switchboard = switchboard
        self._owed = owed
        self._write = write
        self._tidy = tidy
        self._nodes = {node: _NodeFiles(each) for node, each in files.items()}
        self._next = 0.0

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes whose files are read."""
        return tuple(self._nodes)

    def restore(self, node: str, stored: Mapping[bytes, bytes]) -> None:
        """Read on from where an earlier router was."""
        there = self._nodes[node]
        for name, offset in stored.items():
            if offset.isdigit():
                there.kept[name.decode()] = int(offset)
        there.offsets |= there.kept

    def booted(self, node: str, uptime_seconds: float) -> None:
        """We are connected to a node that has been up for so long."""
        if there := self._nodes.get(node):
            there.heard_since, there.compared = self._floor.clock(), False
            there.booted_at = there.heard_since - uptime_seconds

    def compared(self, node: str) -> None:
        """The floor holds what lives on the node, so that what else its files tell of is over."""
        there = self._nodes.get(node)
        if there is not None and not there.compared:
            there.compared, self._next = True, 0.0

    async def read(self, node: str) -> None:
        """Read what the node has written since we last looked. Never raises, and takes some seconds at the most."""
        there = self._nodes.get(node)
        if there is None:
            return
        try:
            async with asyncio.timeout(_READ_SECONDS), there.lock:
                while await self._read_on(there, node):
                    pass
        except (OSError, TimeoutError) as error:
            log.warning("recovery.not_read", node=node, error=type(error).__name__)

    def story(self, node: str, call_id: str) -> CallStory | None:
        """What the files tell of a call, which goes on with each reading; None if they tell nothing of it."""
        there = self._nodes.get(node)
        told = there.told.get(call_id) if there else None
        return told.story if told else None

    async def step(self, threads: Executor) -> None:
        """Have written what is due, every few seconds. Raises what `write` raises; then it is due again."""
        now = self._floor.clock()
        if now < self._next:
            return
        self._next = now + _EVERY_SECONDS
        for node, there in self._nodes.items():
            if there.compared and node in self._switchboard.up:
                await self.read(node)
                await self._settle(node, there, threads)
        try:
            await asyncio.to_thread(self._tidy)
        except OSError as error:
            log.warning("recovery.not_tidied", error=type(error).__name__)

    async def _read_on(self, there: _NodeFiles, node: str) -> bool:
        reading: Reading = await asyncio.to_thread(there.files.read, there.offsets)
        now = self._floor.clock()
        for line in reading.lines:
            there.offsets[line.file] = line.end
            self._hear(there, node, line, now)
        if not reading.more:
            for gone in there.offsets.keys() - reading.files:
                del there.offsets[gone]
        while len(there.told) > _STORIES_MOST:
            forgotten = there.told.pop(next(iter(there.told)))
            log.error("recovery.call_forgotten", node=node, call_id=forgotten.story.call_id)
        return reading.more

    def _hear(self, there: _NodeFiles, node: str, line: Line, now: float) -> None:
        event = read_line(line.text)
        if event is None:
            if line.text:
                log.warning("recovery.unreadable_line", node=node, file=line.file, offset=line.begin)
            return
        if event.at < there.booted_at:
            there.last_sign = max(there.last_sign, event.at)
        if event.kind == "HANGUP" and not event.first and event.uniqueid in there.told:
            event = replace(event, linkedid=event.uniqueid)  # Two callers were joined; each has an end of their own.
        told = there.told.get(event.linkedid)
        if told is None:
            if not (event.kind == "CHAN_START" and event.first):
                return  # The rest of a call that is written already, or whose beginning was removed.
            story = CallStory(event.linkedid, node)
            told = there.told[event.linkedid] = _Told(story, line.file, line.begin, now)
        told.seen_at = now
        sos, message = told.story.sos, told.story.message
        told.story.hear(event)
        if told.story.sos and not sos:
            self._owed.owe("sos", event.linkedid, event.at)
        if told.story.message and not message:
            self._owed.owe("message", event.linkedid, event.at)

    async def _settle(self, node: str, there: _NodeFiles, threads: Executor) -> None:
        due = {call_id: fate for call_id, told in there.told.items() if (fate := self._due(there, told))}
        due |= await self._lost(node, there)
        if fates := [fate for call_id, fate in due.items() if there.told[call_id].story.ours]:
            await asyncio.get_running_loop().run_in_executor(threads, self._write, fates)
        for call_id in due:
            there.told.pop(call_id, None)
        self._keep(node, there)

    def _due(self, there: _NodeFiles, told: _Told) -> CallFate | None:
        """Give the fate of a call that ended before we listened, or long enough ago."""
        fate = told.story.fate()
        if fate is None:
            return None
        return (
            fate if fate.ended_at < there.heard_since or told.seen_at <= self._floor.clock() - GRACE_SECONDS else None
        )

    async def _lost(self, node: str, there: _NodeFiles) -> dict[str, CallFate]:
        """Give the fates of calls whose end the node did not live to write; one that lives is left alone."""
        before = self._floor.clock() - GRACE_SECONDS
        living = {leg.linkedid for leg in self._floor.legs.values() if leg.node == node}
        quiet = {
            call_id: told
            for call_id, told in there.told.items()
            if call_id not in living and told.seen_at <= before and told.story.fate() is None
        }
        if not quiet:
            return {}
        try:
            living = {each.linkedid for each in await self._switchboard.channels(node)}
        except AmiError as error:
            log.warning("recovery.not_compared", node=node, error=type(error).__name__)
            return {}
        lost = {}
        for call_id, told in quiet.items():
            # One that ended a moment ago has its end in the file when we look again.
            was_missing, told.missing = told.missing, call_id not in living
            if was_missing and told.missing and (fate := told.story.fate(there.last_sign)):
                lost[call_id] = fate
        return lost

    def _keep(self, node: str, there: _NodeFiles) -> None:
        """Have the next router read on from the first line of the first call that is not written yet."""
        from_here = dict(there.offsets)
        for told in there.told.values():
            if told.file in from_here:
                from_here[told.file] = min(from_here[told.file], told.begin)
        for name in there.kept.keys() | from_here.keys():
            offset = from_here.get(name)
            if offset != there.kept.get(name):
                self._floor.ledger.keep(keys.CALL_FILES + node, name, None if offset is None else str(offset))
        there.kept = from_here
