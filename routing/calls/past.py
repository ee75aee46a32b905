"""What is over, as the router remembers it: channels that are gone, and tickets that have ended. Bounded."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

from routing.calls.messages import TicketEnd
from routing.calls.records import Ticket

_Past = TypeVar("_Past")
_REMEMBERED_MOST = 10_000


class Past:
    """Whatever is remembered here does not happen again."""

    def __init__(self) -> None:
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._ended: OrderedDict[str, TicketEnd] = OrderedDict()
        self._of_call: OrderedDict[str, Ticket] = OrderedDict()

    def channel_gone(self, node: str, channel: str, uniqueid: str) -> None:
        """A channel is gone, by its name and by its Uniqueid."""
        for name in (uniqueid, channel):
            _remember(self._gone, f"{node}|{name}", None)

    def is_gone(self, node: str, name: str) -> bool:
        """Whether this channel, by name or Uniqueid, is known to be gone."""
        return f"{node}|{name}" in self._gone

    def ended(self, ticket: Ticket, end: TicketEnd) -> None:
        """A ticket has ended so."""
        _remember(self._ended, ticket.ticket_id, end)
        if ticket.call_id and not ticket.promised:
            _remember(self._of_call, ticket.call_id, ticket)

    def end_of(self, ticket_id: str) -> TicketEnd | None:
        """How this ticket ended; None if nothing is known of its end."""
        return self._ended.get(ticket_id)

    def ticket_of(self, call_id: str) -> Ticket | None:
        """Give the last ticket of this call that has ended, as it was then."""
        return self._of_call.get(call_id)


def _remember(past: OrderedDict[str, _Past], name: str, how: _Past) -> None:
    """Remember what is over, and forget the oldest beyond the bound."""
    past[name] = how
    past.move_to_end(name)
    while len(past) > _REMEMBERED_MOST:
        past.popitem(last=False)
