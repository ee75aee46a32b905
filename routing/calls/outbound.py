"""Automatic calls: each cause dials once, ever, within a limited share of the lines, and none while callers wait.

A promised call-back is one of them, but for it an agent is reserved: it waits for nobody and takes no share.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError

from routing.asterisk.errors import AmiError
from routing.asterisk.events import OriginateFinished, OriginateReason
from routing.asterisk.originate import OriginateUnknown
from routing.calls import dialling, entries, keys
from routing.calls.dialling import CAUSES, FAILED, OUTCOMES, WITHDRAWN, claim, ended_event, facts, order, outcome_of
from routing.calls.errands import Errands
from routing.calls.floor import Floor, Leg
from routing.calls.messages import Intent, PlaceCall, PlacedCallEnded, WithdrawCall
from routing.calls.records import PlacedCall, PlacedStage, TicketStage, to_json
from routing.calls.switchboard import Switchboard
from routing.settings import Settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = structlog.get_logger(__name__)

Settle = Callable[[PlacedCallEnded], None]
"""Hands an outcome to whoever owns the cause; it may block, and is called again until it does not raise."""
_RETRY_SECONDS = 2.0
_GRACE_SECONDS = 15.0


class Outbound:
    """Waiting and living automatic calls. What is not known is said to be unknown, and never dialled again."""

    def __init__(
        self,
        floor: Floor,
        switchboard: Switchboard,
        errands: Errands,
        *,
        redis: Redis,
        settings: Settings,
        settle: Settle,
    ) -> None:
        self.calls: dict[str, PlacedCall] = {}
        self._floor = floor
        self._switchboard = switchboard
        self._errands = errands
        self._redis = redis
        self._settings = settings
        self._settle = settle
        self._look_at: dict[str, tuple[float, str]] = {}
        """cause -> when to give up hearing of it, and the outcome then; empty: let the node be asked."""
        self._settling: dict[str, float] = {}
        self._missing: set[str] = set()
        """Causes whose dial was not found on its node the last time that we looked."""
        self._withdrawn: set[str] = set()
        """Causes of living calls that whoever asked for them wants no more."""
        self._unwanted: set[str] = set()
        """Call ids that are to be hung up as soon as their channel shows."""
        self.promise_dialled: Callable[[PlacedCall], None] = lambda _call: None
        """Told how a call of a promise went, before its owner is."""
        self.promise_barred: dialling.Bars = dialling.nobody_bars
        """Asked before a promise's call is dialled, why it must not be; other calls were asked about when claimed."""

    def restore(self, calls: Iterable[PlacedCall]) -> None:
        """Take up what an earlier router left in Redis."""
        self.calls |= {call.cause: call for call in calls}

    def ask(self, command: PlaceCall, ticket_id: str = "") -> None:
        """Take in a call to be placed; a cause that we have already is the same call. `ticket_id`: a promise's."""
        if command.cause in self.calls:
            return
        call = PlacedCall(
            command.cause, command.number, command.flow, command.reference, command.ring_seconds, command.expires_at,
            call_id=f"placed-{uuid.uuid4().hex}", ticket_id=ticket_id,
        )  # fmt: skip
        if ticket_id:
            # It is dialled at once, and stored with its claim: a later word of its waiting would have it dialled twice.
            self.calls[call.cause], self._floor.changed = call, True
        else:
            self._store(call)

    def living(self) -> list[PlacedCall]:
        """Give the calls that wait to be dialled, ring, or are talked on."""
        return [call for call in self.calls.values() if call.stage is not PlacedStage.ENDED]

    def withdraw(self, call: PlacedCall) -> None:
        """Have a call not made, or end it if it rings already. Its end is told as that of any other."""
        if call.stage is PlacedStage.WAITING:
            self._finish(call, "expired")
            return
        self._unwanted.add(call.call_id)
        for leg in list(self._floor.legs.values()):
            self.began(leg)

    def obey(self, command: PlaceCall | WithdrawCall) -> None:
        """Take in a call, or withdraw the one with this cause if it waits or rings; who has answered is not cut off."""
        if isinstance(command, PlaceCall):
            self.ask(command)
            return
        call = self.calls.get(command.cause)
        if call is not None and call.stage in (PlacedStage.WAITING, PlacedStage.DIALLING):
            self._withdrawn.add(call.cause)
            self._floor.ledger.enter(entries.note(call.call_id, self._floor.clock(), "call.withdrawn"))
            self.withdraw(call)

    def began(self, leg: Leg) -> None:
        """A channel lives. One that is not wanted any more is ended."""
        if leg.uniqueid in self._unwanted:
            self._unwanted.discard(leg.uniqueid)
            self._errands.send(self._switchboard.hang_up(leg.node, leg.channel))

    def step(self) -> set[str]:
        """Dial what may be dialled now, end what is overdue; give the nodes that must be asked what lives."""
        now = self._floor.clock()
        ask = set()
        for call in list(self.calls.values()):
            if call.stage is PlacedStage.WAITING and call.expires_at <= now:
                self._finish(call, "expired")
            elif call.stage is PlacedStage.ENDED and self._settling.get(call.cause, 0.0) <= now:
                self._settling[call.cause] = now + _GRACE_SECONDS
                self._errands.send(self._hand_over(call))
            elif call.stage is PlacedStage.DIALLING and self._look_at.get(call.cause, (now + 1, ""))[0] <= now:
                outcome = self._look_at[call.cause][1]
                if outcome:
                    self._finish(call, outcome)
                else:
                    self._look_at[call.cause] = (now + _GRACE_SECONDS, "")
                    ask.add(call.node)
        self._dial_waiting()
        return ask

    def next_change(self) -> float | None:
        """Tell when `step` has something to do, at the latest."""
        times = [call.expires_at for call in self.calls.values() if call.stage is PlacedStage.WAITING]
        # Of a call that was found answered nothing is looked for: its old time must not be waited for again and again.
        dialling = {call.cause for call in self.calls.values() if call.stage is PlacedStage.DIALLING}
        times += [at for cause, (at, _) in self._look_at.items() if cause in dialling]
        times += [at for cause, at in self._settling.items() if cause in self.calls]
        return min(times, default=None)

    def dialled(self, event: OriginateFinished) -> None:
        """The node tells how a dial went."""
        call = self._by_call_id(event.action_id)
        if call is None or call.stage is not PlacedStage.DIALLING:
            return
        _, heard = self._look_at.pop(call.cause, (0.0, ""))
        if not event.answered:
            if event.reason is not OriginateReason.FAILED:
                self._finish(call, OUTCOMES[event.reason])
            elif heard or not event.channel:
                self._finish(call, heard or FAILED)
            else:
                # Asterisk tells of some phones that are busy by the cause of the hanging up alone, which comes next.
                self._look_at[call.cause] = (self._floor.clock() + _RETRY_SECONDS, FAILED)
                self._floor.changed = True
        elif self._floor.was_seen_to_end(call.node, call.call_id):
            self._finish(call, "answered")
        else:
            self._store(replace(call, stage=PlacedStage.ANSWERED))

    def hung_up(self, uniqueid: str, cause: int) -> None:
        """The channel of an automatic call is gone; if it still rang, the node is about to tell why."""
        call = self._by_call_id(uniqueid)
        if call is None:
            return
        if call.stage is PlacedStage.ANSWERED:
            self._finish(call, "answered")
        elif self._look_at.get(call.cause, (0.0, ""))[1]:
            self._finish(call, CAUSES.get(cause, FAILED))
        elif call.stage is PlacedStage.DIALLING:
            self._look_at[call.cause] = (self._floor.clock() + _RETRY_SECONDS, CAUSES.get(cause, FAILED))
            self._floor.changed = True

    def reconcile(self, node: str, living: dict[str, bool]) -> None:
        """Compare with what lives on a node: Uniqueid -> answered. A dial that is not there has an unknown outcome."""
        now = self._floor.clock()
        for call in list(self.calls.values()):
            if call.node != node or call.stage not in (PlacedStage.DIALLING, PlacedStage.ANSWERED):
                continue
            if call.call_id in living:
                self._missing.discard(call.cause)
                if living[call.call_id] and call.stage is PlacedStage.DIALLING:
                    self._store(replace(call, stage=PlacedStage.ANSWERED))
                elif call.stage is PlacedStage.DIALLING:
                    self._look_at.setdefault(call.cause, (now + _GRACE_SECONDS, ""))
            elif call.stage is PlacedStage.ANSWERED:
                self._finish(call, "answered")
            elif call.cause in self._missing:
                self._finish(call, "unknown")
            else:
                # The order may still be under way, so look once more before giving it up.
                self._missing.add(call.cause)
                self._look_at[call.cause] = (now + _RETRY_SECONDS, "")
                self._floor.changed = True

    def _dial_waiting(self) -> None:
        up = sorted(self._switchboard.up)
        callers_wait = any(
            ticket.stage is TicketStage.HELD and ticket.intent is not Intent.CALLBACK and not ticket.called_back
            for ticket in self._floor.tickets.values()
        )
        if not up:
            return
        living = [call for call in self.calls.values() if call.stage in (PlacedStage.DIALLING, PlacedStage.ANSWERED)]
        numbers = {call.number for call in living}
        lines = self._settings.outbound_lines - sum(not call.ticket_id for call in living)
        for call in sorted(self.calls.values(), key=lambda each: not each.ticket_id):
            if not call.ticket_id and (callers_wait or lines <= 0):
                return
            if call.stage is PlacedStage.WAITING and call.number not in numbers:
                lines -= not call.ticket_id
                numbers.add(call.number)
                dialling = replace(call, node=up[len(numbers) % len(up)], stage=PlacedStage.DIALLING)
                self.calls[call.cause] = dialling  # Stored together with the claim, see dialling.claim.
                self._look_at[call.cause] = (self._floor.clock() + call.ring_seconds + _GRACE_SECONDS, "")
                self._errands.send(self._dial(dialling))

    async def _dial(self, call: PlacedCall) -> None:
        try:
            claimed = await claim(self._redis, call, self.promise_barred)
        except (RedisError, OSError, TimeoutError) as error:
            # Without the claim nobody is dialled. The same call id makes a claim that did arrive our own.
            log.warning("outbound.no_claim", cause=call.cause, error=type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)
            self._look_at.pop(call.cause, None)
            self._store(replace(call, stage=PlacedStage.WAITING))
            return
        if claimed != call.call_id:
            log.info("outbound.dialled_before", cause=call.cause)
            self._finish(replace(call, stage=PlacedStage.WAITING), outcome_of(claimed))
            return
        # What was noted of its waiting may reach Redis after the claim: say again that it is being dialled.
        self._floor.ledger.keep(keys.PLACED, call.cause, to_json(call))
        now = self._floor.clock()
        self._floor.ledger.enter(entries.began(facts(call, now)))
        self._floor.ledger.enter(entries.note(call.call_id, now, "call.dialled", call.flow))
        try:
            await self._switchboard.place(call.node, order(call, self._settings.did_hotline))
        except OriginateUnknown:
            self._look_at[call.cause] = (self._floor.clock() + _GRACE_SECONDS, "")
        except (AmiError, ValueError) as error:
            log.warning("outbound.not_dialled", cause=call.cause, error=type(error).__name__)
            self._finish(call, "failed")

    def _finish(self, call: PlacedCall, outcome: str) -> None:
        now = self._floor.clock()
        self._look_at.pop(call.cause, None)
        self._missing.discard(call.cause)
        if call.cause in self._withdrawn and outcome != "answered":
            outcome = WITHDRAWN
        self._withdrawn.discard(call.cause)
        ended = replace(call, stage=PlacedStage.ENDED, outcome=outcome, ended_at=now)
        self._store(ended)
        self._floor.ledger.publish(ended_event(ended))
        if call.stage is PlacedStage.DIALLING:
            self._floor.ledger.enter(entries.ended(call.call_id, now, outcome=outcome, node=call.node))
        self._unwanted.discard(call.call_id)
        self._settling[call.cause] = now + _GRACE_SECONDS
        self._errands.send(self._hand_over(ended))
        if ended.ticket_id:
            self.promise_dialled(ended)

    async def _hand_over(self, call: PlacedCall) -> None:
        """Tell the owner of the cause; `step` does it again if that fails."""
        try:
            await asyncio.to_thread(self._settle, ended_event(call))
        except Exception as error:  # noqa: BLE001  # Whatever the owner's trouble is, the outcome waits here.
            log.warning("outbound.not_settled", cause=call.cause, error=type(error).__name__)
            return
        self.calls.pop(call.cause, None)
        self._settling.pop(call.cause, None)
        self._floor.ledger.lease(keys.CLAIM + call.cause, json.dumps({"outcome": call.outcome}), keys.CLAIM_SECONDS)
        self._floor.ledger.keep(keys.PLACED, call.cause, None)
        self._floor.changed = True

    def _by_call_id(self, call_id: str) -> PlacedCall | None:
        if not call_id.startswith("placed-"):
            return None
        return next((call for call in self.calls.values() if call.call_id == call_id), None)

    def _store(self, call: PlacedCall) -> None:
        self.calls[call.cause] = call
        self._floor.ledger.keep(keys.PLACED, call.cause, to_json(call))
        self._floor.changed = True
