"""Promised call-backs: tickets without a channel, which keep their place in the queue until the person is called.

When policy gives a promise an agent, the agent is reserved and shown the record, and only then is the person dialled
(`promised_calls`). Whoever answers is greeted, comes to hold, and is sent to that agent. Whoever does not frees the
agent at once, and is dialled again later, a bounded number of times; then a person of ours takes over. What is promised
stands in Redis and in the database (`promise_book`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

import structlog

from routing.calls import entries
from routing.calls.errands import Errands
from routing.calls.floor import Floor
from routing.calls.messages import CallerClass, Intent, OpenTicket, TicketEnd
from routing.calls.offers import Offers
from routing.calls.outbound import Outbound
from routing.calls.promise_book import PromiseBook, PromiseState, PromiseWriting
from routing.calls.promise_messages import CancelPromise, DeferPromise, PromiseCall
from routing.calls.promised_calls import PromisedCalls
from routing.calls.records import RecordError, Ticket, TicketStage, from_json
from routing.settings import Settings

log = structlog.get_logger(__name__)

_READ_SECONDS = 10.0


class Promises:
    """Makes, keeps and gives up promises. Every method but `read` returns at once."""

    def __init__(
        self,
        floor: Floor,
        offers: Offers,
        outbound: Outbound,
        errands: Errands,
        *,
        settings: Settings,
        book: PromiseBook,
    ) -> None:
        self._floor = floor
        self._offers = offers
        self._book = book
        self._writing = PromiseWriting(floor, errands, book)
        self._calls = PromisedCalls(floor, offers, outbound, self._writing, settings, barred=book.barred)

    def make(self, command: PromiseCall) -> None:
        """Turn a waiting caller into a promise at the same place, unless they are being connected just now."""
        try:
            promise = from_json(Ticket, command.promise)
        except RecordError as error:
            log.warning("promises.unreadable", error=str(error))
            return
        if promise.ticket_id in self._floor.tickets or self._floor.has_ended(promise.ticket_id):
            return
        waiting = self._floor.tickets.get(command.ticket_id)
        talks = self._floor.end_of(command.ticket_id) is TicketEnd.ANSWERED
        if talks or (waiting and (waiting.stage is TicketStage.OFFERED or waiting.caller_class is CallerClass.SOS)):
            self._writing.owe(promise, PromiseState.CANCELLED, "connected")
            return
        twice = any(each.promised and _same_person(promise, each) for each in self._floor.tickets.values())
        if waiting:
            promise = _at_the_place_of(waiting, promise)
            self._offers.gone(waiting, TicketEnd.PROMISED)
        else:
            # They hung up before we heard of it; what they were promised counts.
            self._floor.ledger.enter(entries.ended(promise.promised_in, None, outcome=TicketEnd.PROMISED))
        if twice:
            self._writing.owe(promise, PromiseState.CANCELLED, "promised_before")
            return
        self._floor.join(promise)
        self._writing.owe(promise, PromiseState.DUE)

    def defer(self, command: DeferPromise) -> None:
        """Do not dial before a moment: the person is on the line with us."""
        if ticket := self._calls.get(command.promise_id):
            self._floor.change_ticket(ticket.ticket_id, not_before=max(ticket.not_before, command.until))

    def cancel(self, command: CancelPromise) -> None:
        """The person needs us no more."""
        if ticket := self._calls.get(command.promise_id):
            self._calls.let_go(ticket, "cancelled")
            self._offers.gone(self._floor.tickets[ticket.ticket_id], TicketEnd.SELF_SERVED)

    def take_back(self, ticket: Ticket, command: OpenTicket) -> None:
        """The person is on the line, and waits there from now on, at the place that the promise kept.

        Their coming to hold may have been heard of before this. An SOS stays one; else they need what they needed.
        """
        if ticket.called_back:
            self._calls.take_back(ticket, command.node, command.channel, command.call_id)
        if command.caller_class is CallerClass.SOS:
            sos = {"caller_class": CallerClass.SOS, "intent": Intent.SOS, "case_id": command.case_id or ticket.case_id}
            self._floor.change_ticket(ticket.ticket_id, **sos)

    def restore(self, owed: Iterable[tuple[str, bytes | str]]) -> None:
        """Take up what an earlier router left in Redis for the database."""
        self._writing.restore(owed)

    def step(self) -> None:
        """Do what is due by the clock, and write what is owed."""
        self._calls.step()
        self._writing.step(self._floor.clock())

    def next_change(self) -> float | None:
        """Tell when there is something to do."""
        times = (self._calls.next_change(), self._writing.next_change())
        return min((at for at in times if at is not None), default=None)

    async def read(self) -> None:
        """Take up the promises that are open in the database, and let go of those that were closed there.

        Done at the start and now and again, so that a Redis that lost all gets its promises back.
        """
        before = {each.ticket_id for each in self._calls.open()}
        try:
            async with asyncio.timeout(_READ_SECONDS):
                kept = await asyncio.to_thread(self._book.kept)
        except Exception as error:  # noqa: BLE001  # Whatever the trouble is, those whom Redis knows stay.
            log.warning("promises.not_read", error=type(error).__name__)
            return
        for promise in kept:
            if not self._writing.is_closed(promise.ticket_id):
                self._floor.join(promise)
        for gone in before - {each.ticket_id for each in kept}:
            ticket = self._calls.get(gone)
            if ticket and ticket.stage is TicketStage.HELD and not self._writing.is_owed(gone):
                self._offers.gone(ticket, TicketEnd.SELF_SERVED)


def _same_person(one: Ticket, other: Ticket) -> bool:
    return one.number == other.number or (one.elder_id is not None and one.elder_id == other.elder_id)


def _at_the_place_of(waiting: Ticket, promise: Ticket) -> Ticket:
    return replace(
        promise, joined_at=waiting.joined_at, intent=waiting.intent, caller_class=waiting.caller_class,
        skills=waiting.skills, preferred_agent=waiting.preferred_agent, elder_id=waiting.elder_id or promise.elder_id,
        order_id=waiting.order_id, case_id=waiting.case_id, call_id=waiting.call_id, promised_in=waiting.call_id,
        tried=waiting.tried,
    )  # fmt: skip
