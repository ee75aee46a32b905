"""Asterisk's own queue, which serves callers while we are away: its members are kept equal to the agents logged in.

A member is a phone that is registered at the node, of an agent who is logged in; who is paused is a paused member. So
the queue of a node without us rings whom we would ring, and its callers wait for who is only away for a moment.
"""

from __future__ import annotations

import asyncio

import structlog

from routing.asterisk.errors import AmiError
from routing.calls.errands import Errands
from routing.calls.presence import Presence
from routing.calls.switchboard import Switchboard

log = structlog.get_logger(__name__)

_RETRY_SECONDS = 2.0


class Members:
    """Follows who is logged in, node by node. A node is told one thing after the other, until it has the latest."""

    def __init__(self, presence: Presence, switchboard: Switchboard, errands: Errands) -> None:
        self._presence = presence
        self._switchboard = switchboard
        self._errands = errands
        self._told: dict[str, dict[str, bool]] = {}
        self._under_way: set[str] = set()

    def follow(self) -> None:
        """Tell each node that is up who its members are, if that changed."""
        for node in self._switchboard.up - self._under_way:
            if self._lacks(node) and self._errands.send(self._tell(node)):
                self._under_way.add(node)

    def forget(self, node: str) -> None:
        """A node booted, and may know nothing any more."""
        self._told.pop(node, None)

    def _lacks(self, node: str) -> bool:
        """Whether the node is to be told. Before we know who is registered there, its own memory is the better one."""
        members = self._presence.endpoints(node)
        return (bool(members) or self._presence.knows(node)) and self._told.get(node) != members

    async def _tell(self, node: str) -> None:
        try:
            while node in self._switchboard.up and self._lacks(node):
                members = self._presence.endpoints(node)
                self._told.pop(node, None)
                try:
                    await self._switchboard.set_members(node, members)
                except AmiError as error:
                    log.warning("members.not_told", node=node, error=type(error).__name__)
                    await asyncio.sleep(_RETRY_SECONDS)
                else:
                    self._told[node] = members
        finally:
            self._under_way.discard(node)
