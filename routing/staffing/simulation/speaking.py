"""Speaking to callers in hold on a simulated day: what `routing.calls.announcing` does, by the functions of `place`.

What is said takes its time. An agent who becomes free meanwhile takes the caller away in the middle of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from routing.calls import place, policy
from routing.calls.messages import AgentState, Intent
from routing.calls.records import Ticket, TicketStage
from routing.staffing.simulation.hall import Hall
from routing.staffing.simulation.people import Caller

_TAKE_NO_CALLS = (AgentState.LOGGED_OFF, AgentState.PAUSED)


class Speaking:
    """Places, waits and offers of call-backs, each caller by their own clock."""

    def __init__(self, hall: Hall, held: Mapping[str, policy.Waiting]) -> None:
        """`held` is who is in hold, with the promises whose people are to be called."""
        centre = hall.centre
        offer = math.inf if centre.callback_offer_seconds is None else centre.callback_offer_seconds
        self._hall = hall
        self._held = held
        self._rules = place.AnnouncementRules(centre.announce_first_seconds, centre.announce_every_seconds, offer)

    def joined(self, caller: Caller) -> None:
        """A caller comes to hold; nobody speaks to an SOS, nor to those who were promised a call."""
        if caller.sos or caller.promised:
            return
        caller.ticket = Ticket(
            caller.ticket_id, caller.ticket_id, "", caller.ticket_id, Intent.GENERAL, caller.need.caller_class,
            caller.joined_at, stage=TicketStage.HELD,
        )  # fmt: skip
        self._wait(caller)

    def resume(self, caller: Caller) -> None:
        """The music goes on: the announcement is over, or an agent's phone rang in vain."""
        if caller.ticket is not None:
            quiet = place.back_in_hold(caller.ticket, self._hall.now)
            caller.ticket = replace(caller.ticket, quiet_until=quiet)
            self._wait(caller)

    def _wait(self, caller: Caller) -> None:
        due = None if caller.ticket is None else place.due_at(caller.ticket, self._rules)
        if due is not None and math.isfinite(due):
            caller.speaks_at = max(due, self._hall.now)
            at = caller.speaks_at
            self._hall.at(at, lambda: self._speak(caller, at))

    def _is_in_hold(self, caller: Caller) -> bool:
        return not caller.gone and not caller.promised and caller.stage is TicketStage.HELD

    def _speak(self, caller: Caller, at: float) -> None:
        if caller.ticket is None or caller.speaks_at != at or not self._is_in_hold(caller):
            return
        hall, centre, now = self._hall, self._hall.centre, self._hall.now
        ahead = place.ahead_of(caller.ticket_id, list(self._held.values()), now, centre.rules)
        estimate = hall.announcements.experience.wait(ahead, self._at_work())
        changes = place.told(caller.ticket, ahead, estimate, now, self._rules)
        caller.ticket = ticket = replace(caller.ticket, **changes)  # type: ignore[arg-type]  # Its own fields.
        hall.announcements.said(caller, ticket.told_seconds, now)
        if len(caller.notes) == 1:
            caller.gives_up_at = now + centre.told_patience * (caller.gives_up_at - now)
        spoken = now + centre.place_speech_seconds
        if not ticket.may_be_called_back:
            self._then(caller, spoken, self.resume)
        elif caller.attempt.accepts_callback:
            self._then(caller, spoken + centre.offer_speech_seconds, self._agrees)
        else:
            self._then(caller, spoken + centre.offer_speech_seconds + centre.offer_quiet_seconds, self.resume)

    def _at_work(self) -> int:
        """Count the agents who take calls now, busy or not, as `routing.calls.announcing` does."""
        return sum(desk.state not in _TAKE_NO_CALLS for desk in self._hall.desks)

    def _agrees(self, caller: Caller) -> None:
        """They pressed the key. Nobody gives up waiting while they confirm their number."""
        confirmed = self._hall.now + self._hall.centre.confirm_seconds
        caller.gives_up_at += self._hall.centre.confirm_seconds
        self._then(caller, confirmed, self._hall.promise)

    def _then(self, caller: Caller, at: float, what: Callable[[Caller], None]) -> None:
        offers = caller.offers

        def go_on() -> None:
            # A phone that rang meanwhile has ended the conversation.
            if self._is_in_hold(caller) and caller.offers == offers:
                what(caller)

        self._hall.at(at, go_on)
