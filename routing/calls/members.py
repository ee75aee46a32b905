"""Asterisk's own queue, which serves callers while we are away: its members are kept equal to the agents logged in."""

from __future__ import annotations

import structlog

from routing.asterisk.errors import AmiError
from routing.calls.errands import Errands
from routing.calls.presence import Presence
from routing.calls.switchboard import Switchboard

log = structlog.get_logger(__name__)


class Members:
    """Follows who is logged in, node by node; a node that failed is tried again at the next change."""

    def __init__(self, presence: Presence, switchboard: Switchboard, errands: Errands) -> None:
        self._presence = presence
        self._switchboard = switchboard
        self._errands = errands
        self._told: dict[str, frozenset[str]] = {}

    def follow(self) -> None:
        """Tell each node that is up who its members are, if that changed."""
        for node in self._switchboard.up:
            members = self._presence.endpoints(node)
            if self._told.get(node) != members:
                self._told[node] = members
                self._errands.send(self._tell(node, members))

    def forget(self, node: str) -> None:
        """A node booted, and may know nothing any more."""
        self._told.pop(node, None)

    async def _tell(self, node: str, members: frozenset[str]) -> None:
        try:
            await self._switchboard.set_members(node, members)
        except AmiError as error:
            log.warning("members.not_told", node=node, error=str(error))
            self._told.pop(node, None)
