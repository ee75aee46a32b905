"""The same day under app_queue's own rules (Asterisk's apps/app_queue.c), as `dialplans/queues.conf.j2` sets them.

Callers stand by priority, then by arrival. Each asks once a second, in a rhythm of its own, whether it is its turn: it
is if fewer callers for whom no phone rings stand before it than members are free (autofill). The member with the
oldest last call rings (leastrecent) for `timeout`; in vain, and the caller pauses for `retry`. Nobody is called back,
nobody's skills count, a member in wrap-up is left alone. An SOS has a higher priority, and goes to the outside number
or a duty phone (if there is one) after its time in the queue, as `dialplans/extensions.conf.j2` has it.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable, Sequence

from routing.calls.messages import AgentState
from routing.calls.records import TicketStage
from routing.staffing.simulation.callers import Need
from routing.staffing.simulation.centre import Centre
from routing.staffing.simulation.hall import Hall
from routing.staffing.simulation.people import Caller, Desk

POLL_SECONDS = 1.0
RETRY_SECONDS = 2.0


class AppQueueHall(Hall):
    """FIFO within priority, polled."""

    def __init__(self, centre: Centre, needs: Sequence[Need]) -> None:
        super().__init__(centre, needs)
        self._line: list[Caller] = []
        self._free = 0
        self._last_call: dict[str, float] = {}
        self._leaves = bool(centre.rules.sos_outside_number or centre.rules.duty_numbers)

    def route(self) -> None:
        """Have those whose turn it may be ask at their next second; the others would ask in vain until then."""
        free = self._free
        for caller in self._line if free > 0 else ():
            if caller.stage is TicketStage.OFFERED:
                continue
            if free <= 0:
                return
            free -= 1
            if not caller.poll_set:
                caller.poll_set = True
                self.at(self._next_poll(caller), self._poll(caller))

    def _next_poll(self, caller: Caller) -> float:
        seconds = max(0.0, self.now - caller.polls_from)
        return max(self.now, caller.polls_from + math.ceil(seconds / POLL_SECONDS - 1e-9) * POLL_SECONDS)

    def _poll(self, caller: Caller) -> Callable[[], None]:
        def poll() -> None:
            caller.poll_set = False
            if not caller.gone and caller.stage is TicketStage.HELD and self._is_its_turn(caller):
                idle = (desk for desk in self.desks if desk.state is AgentState.READY)
                desk = min(idle, key=lambda each: (self._last_call.get(each.extension, 0.0), each.extension))
                self.ring(caller, desk, self.centre.ring_seconds)

        return poll

    def _is_its_turn(self, caller: Caller) -> bool:
        before = 0
        for other in self._line:
            if other is caller:
                return before < self._free
            before += other.stage is TicketStage.HELD
            if before >= self._free:
                return False
        return False

    def joined(self, caller: Caller) -> None:
        if not caller.sos:
            self.at(self.now + self.centre.announce_first_seconds, lambda: self._would_say(caller))
        insort(self._line, caller, key=lambda each: (not each.sos, each.joined_at, each.ticket_id))
        if caller.sos and self._leaves:
            self.at(caller.joined_at + self.centre.rules.sos_outside_seconds, lambda: self._time_is_up(caller))

    def _would_say(self, caller: Caller) -> None:
        """Note what app_queue would announce, which `dialplans/queues.conf.j2` has it keep to itself."""
        if caller.gone:
            return
        if caller.stage is TicketStage.HELD:
            self.announcements.said(caller, None, self.now)
        self.at(self.now + self.centre.announce_every_seconds, lambda: self._would_say(caller))

    def _time_is_up(self, caller: Caller) -> None:
        if not caller.gone and caller.stage is TicketStage.HELD:
            self.left(caller)
            self.outside(caller, _nothing)

    def left(self, caller: Caller) -> None:
        if caller in self._line:
            self._line.remove(caller)

    def missed(self, caller: Caller, desk: Desk) -> None:
        caller.polls_from = self.now + RETRY_SECONDS
        if caller.sos and self._leaves:
            self.at(
                max(self.now, caller.joined_at + self.centre.rules.sos_outside_seconds),
                lambda: self._time_is_up(caller),
            )

    def desk_changed(self, desk: Desk) -> None:
        self._free = sum(each.state is AgentState.READY for each in self.desks)
        if desk.state is AgentState.WRAP_UP:
            self._last_call[desk.extension] = self.now


def _nothing() -> None:
    """Nobody counts the outside calls of app_queue."""
