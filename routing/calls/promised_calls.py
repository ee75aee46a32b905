"""Calling back those who were promised it: who may be dialled now, what becomes of each dial, and when to try again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from routing.calls import entries
from routing.calls.dialling import PROMISED
from routing.calls.floor import HOLD_SECONDS, Floor
from routing.calls.messages import CallerClass, PlaceCall, TicketEnd
from routing.calls.offers import Offers
from routing.calls.outbound import Outbound
from routing.calls.policy import Waiting
from routing.calls.promise_book import PromiseState, PromiseWriting
from routing.calls.records import PlacedCall, Ticket, TicketStage
from routing.numbers import as_dialled
from routing.outreach.policy import CallRules, Then, after_attempt, within_hours
from routing.settings import Settings

log = structlog.get_logger(__name__)

_DIAL_SECONDS = 5.0
"""The node takes the order to dial within so long, or the agent is let go."""
_GREETING_SECONDS = 20.0
"""From answering to hold: the greeting takes some five seconds."""
_AGAIN_SECONDS = 5.0
_ASKING_SECONDS = 1.0
"""Before a dial the database is asked for so long; an agent waits meanwhile."""
_ENDS = {
    TicketEnd.ANSWERED: PromiseState.DONE,
    TicketEnd.FALLBACK: PromiseState.DONE,
    TicketEnd.SELF_SERVED: PromiseState.CANCELLED,
}


class PromisedCalls:
    """Never more dials than reserved agents, and never two to one person. Every method returns at once."""

    def __init__(
        self,
        floor: Floor,
        offers: Offers,
        outbound: Outbound,
        writing: PromiseWriting,
        settings: Settings,
        *,
        barred: Callable[[Ticket], str],
    ) -> None:
        """`barred` says why somebody must not be called; it may block and raise."""
        self._floor = floor
        self._offers = offers
        self._outbound = outbound
        self._ask = barred
        self._bars: set[str] = set()
        """Reasons for which somebody was not called, as outcomes of a dial that was not made."""
        self._barred: dict[str, str] = {}
        """Promise -> why it is given up, until its end is written."""
        self._writing = writing
        self._country = settings.country
        self._dial_seconds = settings.outbound_ring_seconds
        self._rules = CallRules(
            settings.calling_hours, settings.zone, settings.promise_attempts, timedelta(seconds=settings.promise_retry)
        )
        self._counted: dict[str, int] = {}
        """Promise -> the latest dial that counted as missed, for several events may tell of it."""
        self.ring_seconds = _DIAL_SECONDS + self._dial_seconds + _GREETING_SECONDS
        offers.promises = self
        outbound.promise_dialled, outbound.promise_barred = self._dialled, self._may_not
        floor.promise_ended = self._ended

    def open(self) -> list[Ticket]:
        """Give the promises whose people are not on the line."""
        return [each for each in self._floor.tickets.values() if each.called_back]

    def get(self, promise_id: str) -> Ticket | None:
        """Give one of them."""
        ticket = self._floor.tickets.get(promise_id)
        return ticket if ticket and ticket.called_back else None

    def let_go(self, ticket: Ticket, why: str, but: str = "") -> None:
        """Free the agent, and end the call that is being made, save for the one with the id `but`."""
        if ticket.stage is TicketStage.OFFERED:
            self._offers.release(ticket, why)
            self._floor.change_ticket(ticket.ticket_id, stage=TicketStage.HELD, offered_to=None, answer_by=0.0)
        for call in self._calls_of(ticket.ticket_id):
            if call.call_id != but:
                self._outbound.withdraw(call)

    def due(self, now: float) -> Collection[str]:
        """Give the promises whose people may be dialled now: nobody whom we dial already, or who is on the line."""
        waiting = [each for each in self.open() if each.stage is TicketStage.HELD and each.not_before <= now]
        if not waiting or not self._allowed(now):
            return ()
        living = self._outbound.living()
        dialled, made = {call.number for call in living}, {call.ticket_id for call in living}
        here = {each.elder_id for each in self._floor.tickets.values() if each.channel and each.elder_id is not None}
        return {
            each.ticket_id
            for each in waiting
            if each.ticket_id not in made and each.elder_id not in here and self._digits(each) not in dialled
        }

    def dial(self, ticket: Ticket) -> None:
        """An agent is reserved and sees the record: dial the person. Each dial has a claim of its own."""
        now = self._floor.clock()
        ticket = self._floor.change_ticket(ticket.ticket_id, dials=ticket.dials + 1)
        cause = f"{ticket.ticket_id}.{ticket.dials}"
        command = PlaceCall(
            cause, self._digits(ticket), PROMISED, ticket.ticket_id, self._dial_seconds, now + _DIAL_SECONDS
        )
        self._outbound.ask(command, ticket.ticket_id)
        # Should all of Redis be lost now, the database keeps them from being dialled again too soon.
        later = ticket.answer_by + self._rules.retry.total_seconds()
        self._writing.owe(replace(ticket, not_before=later), PromiseState.DUE, "dialled")

    def reached(self, ticket: Ticket, node: str, channel: str, caller_class: str) -> None:
        """The person is in hold: the reserved agent rings, or whoever is free if they were let go meanwhile."""
        leg = self._floor.legs.get(f"{node}|{channel}")
        call_id = leg.linkedid if leg else ticket.call_id
        if not any(call.call_id == call_id for call in self._calls_of(ticket.ticket_id)):
            # They called us: the flow's word of it is late.
            self.take_back(ticket, node, channel, call_id)
            self._offers.held(self._floor.tickets[ticket.ticket_id], channel, caller_class, node)
            return
        ticket = self._floor.change_ticket(ticket.ticket_id, node=node, channel=channel, call_id=call_id)
        self._floor.note(ticket, "promise.reached")
        if ticket.stage is TicketStage.OFFERED:
            self._offers.reached(ticket)
        else:
            self._offers.held(ticket, channel, caller_class)

    def take_back(self, ticket: Ticket, node: str, channel: str, call_id: str) -> None:
        """The person is on the line with a call of theirs, and waits there at the place that the promise kept."""
        self.let_go(ticket, "taken_back", but=call_id)
        self._writing.owe(ticket, PromiseState.CANCELLED, "taken_back")
        here = {"node": node, "channel": channel, "call_id": call_id, "promised": False, "not_before": 0.0}
        by = self._floor.clock() + HOLD_SECONDS
        taken = self._floor.change_ticket(ticket.ticket_id, stage=TicketStage.OPENED, answer_by=by, **here)
        self._floor.note(taken, "promise.taken_back")

    def lost(self, ticket: Ticket) -> None:
        """The person answered, and was gone before any agent was on the line."""
        self._floor.ledger.enter(entries.ended(ticket.call_id, None, outcome=TicketEnd.ABANDONED, node=ticket.node))
        self._missed(ticket, "hung_up")

    def give_way(self, held: Sequence[Waiting]) -> bool:
        """Let an agent who only waits for somebody to answer go, for an SOS that nobody else can take."""
        if not any(each.caller_class is CallerClass.SOS for each in held):
            return False
        for ticket in self.open():
            if ticket.stage is TicketStage.OFFERED:
                self.let_go(ticket, "sos")
                self._back(ticket, self._floor.clock() + _AGAIN_SECONDS)
                return True
        return False

    def step(self) -> None:
        """Let agents go whose promise is not being dialled (any more)."""
        now = self._floor.clock()
        for ticket in self.open():
            if ticket.stage is TicketStage.OFFERED and (
                ticket.answer_by <= now or not self._calls_of(ticket.ticket_id)
            ):
                self._offers.release(ticket, "FAILED")
                self._back(ticket, now + _AGAIN_SECONDS)

    def next_change(self) -> float | None:
        """Tell when `step`, or what is `due`, changes by itself."""
        now = self._floor.clock()
        times = []
        for ticket in self.open():
            if ticket.stage is TicketStage.OFFERED:
                times.append(ticket.answer_by)
            elif ticket.not_before > now:
                times.append(ticket.not_before)
            elif not self._allowed(now):
                times.append(within_hours(_moment(now), self._rules).timestamp())
        return min(times, default=None)

    def _dialled(self, call: PlacedCall) -> None:
        """A call of a promise is over. Of whoever reached hold their channel tells."""
        ticket = self.get(call.ticket_id)
        attempt = call.cause.rpartition(".")[2]
        if ticket is None or not attempt.isdecimal() or int(attempt) < ticket.dials:
            return
        if call.outcome in self._bars:
            self._give_up(ticket, call.outcome)
            return
        ticket = self._floor.change_ticket(ticket.ticket_id, dials=int(attempt))
        if call.outcome != "expired":
            self._missed(ticket, "hung_up" if call.outcome == "answered" else call.outcome)
        elif ticket.stage is TicketStage.OFFERED:
            self._offers.release(ticket, "FAILED")
            self._back(ticket, self._floor.clock() + _AGAIN_SECONDS)

    def _give_up(self, ticket: Ticket, why: str) -> None:
        """Nobody may call them: the agent is free at once, and a person decides what becomes of the promise."""
        if ticket.stage is TicketStage.OFFERED:
            self._offers.release(ticket, why)
        self._floor.note(self._back(ticket, self._floor.clock()), "promise.not_called", why)
        self._barred[ticket.ticket_id] = why
        self._floor.end_ticket(ticket.ticket_id, TicketEnd.UNREACHED)

    def _missed(self, ticket: Ticket, outcome: str) -> None:
        """They did not answer, or not for long enough: later again, or a person takes over."""
        if self._counted.get(ticket.ticket_id) == ticket.dials:
            return
        self._counted[ticket.ticket_id] = ticket.dials
        now = self._floor.clock()
        if ticket.stage is TicketStage.OFFERED:
            self._offers.release(ticket, outcome)
        follow = after_attempt(outcome, ticket.dials, _moment(now), self._rules)
        again = follow.due_at.timestamp() if follow.then is Then.RETRY and follow.due_at else now
        ticket = self._back(ticket, again)
        self._floor.note(ticket, "promise.not_reached", follow.reason)
        if follow.then is Then.RETRY:
            self._writing.owe(ticket, PromiseState.DUE, outcome)
        else:
            self._floor.end_ticket(ticket.ticket_id, TicketEnd.UNREACHED)

    def _back(self, ticket: Ticket, not_before: float) -> Ticket:
        """Put a promise back where it stood, with nobody on the line and no agent."""
        return self._floor.change_ticket(
            ticket.ticket_id,
            stage=TicketStage.HELD,
            node="",
            channel="",
            call_id=ticket.promised_in,
            offered_to=None,
            answer_by=0.0,
            not_before=max(not_before, ticket.not_before),
        )

    def _ended(self, ticket: Ticket, end: TicketEnd) -> None:
        self._counted.pop(ticket.ticket_id, None)
        why = self._barred.pop(ticket.ticket_id, end.value)
        self._writing.owe(ticket, _ENDS.get(end, PromiseState.FAILED), why)

    async def _may_not(self, call: PlacedCall) -> str:
        """Ask why the person must not be called now. While nobody can tell, they are: they asked for it, and were asked
        about when it was promised."""
        ticket = self.get(call.ticket_id)
        if ticket is None:
            return ""
        try:
            async with asyncio.timeout(_ASKING_SECONDS):
                why = await asyncio.to_thread(self._ask, ticket)
        except Exception as error:  # noqa: BLE001  # Whatever the database's trouble is, the promise is kept.
            log.warning("promises.not_asked", promise=ticket.ticket_id, error=type(error).__name__)
            return ""
        if why:
            self._bars.add(why)
        return why

    def _calls_of(self, ticket_id: str) -> list[PlacedCall]:
        return [call for call in self._outbound.living() if call.ticket_id == ticket_id]

    def _allowed(self, now: float) -> bool:
        return within_hours(_moment(now), self._rules) == _moment(now)

    def _digits(self, ticket: Ticket) -> str:
        return as_dialled(ticket.number, self._country)


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
