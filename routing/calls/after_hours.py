"""What changes when the hotline is closed, or nobody is logged in: who is on duty, and who is asked for a message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from routing.asterisk.errors import AmiError
from routing.calls import policy
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.hours_now import MESSAGE_SECONDS, HoursNow
from routing.calls.offers import Offers
from routing.calls.records import Ticket, TicketStage
from routing.calls.switchboard import Switchboard
from routing.hours.register import HoursPlan
from routing.hours.standing import warn_of_unknown_holidays

log = structlog.get_logger(__name__)

LoadPlan = Callable[[], HoursPlan]
"""Reads hours and rota from the database; may block, and may raise while the database is away."""

_LOAD_SECONDS = 10.0
_TRY_AGAIN_SECONDS = 5.0


class AfterHours:
    """Keeps the rules of the offers in step with the hours, and sends to a message whom nobody answers."""

    def __init__(
        self, floor: Floor, switchboard: Switchboard, errands: Errands, offers: Offers, *, hours: HoursNow,
        load: LoadPlan | None,
    ) -> None:  # fmt: skip
        """Without `load` the hotline is always open, with the duty phones of the settings."""
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._offers = offers
        self._hours = hours
        self._load = load
        self._told: dict[str, str] = {}
        self._nobody_since: float | None = None
        self._warned = False

    async def read(self) -> None:
        """Read hours and rota; while the database is away those stay that were read last."""
        if self._load is None:
            return
        try:
            async with asyncio.timeout(_LOAD_SECONDS):
                plan = await asyncio.to_thread(self._load)
            self._hours.take(plan)
            today = datetime.fromtimestamp(self._floor.clock(), plan.calendar.zone).date()
            self._warned = self._warned or warn_of_unknown_holidays(plan.calendar, today)
        except Exception as error:  # noqa: BLE001  # Whatever the database's trouble is, callers are routed on.
            log.warning("after_hours.not_read", error=type(error).__name__)
        self._floor.changed = True

    def follow(self) -> None:
        """Bring the rules up to this moment, before anybody is offered to anybody."""
        now = self._floor.clock()
        turned = self._hours.at(now)
        rules = self._offers.rules
        if turned is not None and (turned.numbers, turned.closed_since) != (rules.duty_numbers, rules.closed_since):
            log.info("after_hours.turned", open=turned.closed_since is None, duty_phones=len(turned.numbers))
            self._offers.rules = replace(rules, duty_numbers=turned.numbers, closed_since=turned.closed_since)
        if not policy.nobody_logged_in(self._floor.staffed()):
            self._nobody_since = None
        elif self._nobody_since is None:
            self._nobody_since = now
        self._tell_nodes()

    def forget(self, node: str) -> None:
        """A node booted, and knows the duty phones of its files only."""
        self._told.pop(node, None)

    def step(self) -> None:
        """Send to a message whom nobody is left to answer."""
        now = self._floor.clock()
        for ticket, at in self._due():
            if at <= now:
                self._errands.send(self._send(self._leave(ticket, now)))

    def next_change(self) -> float | None:
        """Tell when `follow` or `step` has something to do."""
        times = [at for _, at in self._due()]
        turn = self._hours.next_change()
        return min(times if turn is None else [turn, *times], default=None)

    def _due(self) -> list[tuple[Ticket, float]]:
        """Give whom a message is taken of if nothing changes, each with the moment."""
        agents, rules = self._floor.staffed(), self._offers.rules
        if rules.closed_since is None and self._nobody_since is None:
            return []  # The usual hours: hundreds may wait, and it is asked at every event.
        found = []
        for each in self._floor.waiting():
            ticket = self._floor.tickets[each.ticket_id]
            if ticket.channel and ticket.node in self._switchboard.known:
                at = policy.message_at(each, agents, self._nobody_since, rules)
                if at is not None:
                    found.append((ticket, max(at, ticket.not_before)))
        return found

    def _leave(self, ticket: Ticket, now: float) -> Ticket:
        """From here on nobody takes the caller away; if nothing comes of it, the node is looked at."""
        self._floor.note(ticket, "message.asked")
        return self._floor.change_ticket(
            ticket.ticket_id,
            stage=TicketStage.MESSAGE,
            offered_to=None,
            offered_at=now,
            answer_by=now + MESSAGE_SECONDS,
        )

    async def _send(self, ticket: Ticket) -> None:
        try:
            await self._switchboard.take_message(ticket.node, ticket.channel, ticket.ticket_id)
        except (AmiError, ValueError) as error:
            log.info("after_hours.not_sent", ticket=ticket.ticket_id, error=str(error))
            known = self._floor.tickets.get(ticket.ticket_id)
            if known is not None and known.stage is TicketStage.MESSAGE:
                self._floor.change_ticket(ticket.ticket_id, answer_by=self._floor.clock() + _TRY_AGAIN_SECONDS)

    def _tell_nodes(self) -> None:
        """Let each node know whom to ring when it is alone: who is on duty first, and then the rest of the rota."""
        numbers = "-".join(self._hours.fallback_numbers())
        for node in self._switchboard.up:
            if self._told.get(node) != numbers:
                self._told[node] = numbers
                self._errands.send(self._tell(node, numbers))

    async def _tell(self, node: str, numbers: str) -> None:
        try:
            await self._switchboard.set_duty_numbers(node, numbers)
        except AmiError as error:
            log.warning("after_hours.node_not_told", node=node, error=type(error).__name__)
            self._told.pop(node, None)
