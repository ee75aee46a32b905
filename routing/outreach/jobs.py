"""What can wait: the jobs of the worker. Each may run twice, or at the same time as itself, without harm.

The database is the truth and a job only a nudge: what a job lost would have done, the next sweep does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from routing.orders.dispatch import Dispatch
from routing.orders.escalation.service import Escalations
from routing.orders.planning.making import PlanMaker
from routing.orders.planning.night import NightBatch
from routing.outreach.callbacks import Callbacks
from routing.outreach.consents import Consents
from routing.outreach.scores import Ratings
from routing.outreach.sms.inbound import Inbox
from routing.outreach.sms.outbox import Sms

log = structlog.get_logger(__name__)

QUEUE = "elderline"
JOB_SECONDS = 60
"""A job that takes longer is stopped. The longest is a round of SMS with a slow gateway: see SMS_A_ROUND."""
WAITS_SECONDS = 30
"""A periodic job that no worker took within this time is dropped: the next one does the same."""
FAILURE_SECONDS = 86_400
"""A failed job is kept so long for whoever looks into it; RQ's own default is a year."""
SMS_A_ROUND = 50
"""Messages a round; a full round is followed by another at once, after the replies that came meanwhile."""
READ_BY_OTHERS = timedelta(seconds=3)
"""A reply that came later than this is being read by whoever took it; one that is older was left by it."""
SMS_SECONDS = 10.0
"""No message is begun later than this after its job began. Other jobs wait meanwhile; and a hand-over to a gateway
that just answers in time takes 13 s: a job that RQ stops in the middle of one leaves a message of which nobody knows
whether it went."""
CLOSED_AFTER = timedelta(hours=24)
"""An order that was rated is closed when the elder has said nothing else for a day."""

UNSCORED_AFTER = timedelta(days=7)
"""An order that is done and was asked about, and got no answer, is closed after a week; a late word still counts."""


class KeptCases(Protocol):
    """Cases that could not be written when the call came."""

    def write_kept(self) -> int:
        """Write them; give how many."""


class LostNotes(Protocol):
    """Recordings that no case knows of."""

    def open_cases(self, now: datetime) -> int:
        """Open their cases; give how many."""


class Sweeping(Protocol):
    """Finds what is due and does it, each thing once."""

    def sweep(self) -> int:
        """Do it; give how many there were."""


class Standings(Protocol):
    """How companies stand."""

    def refresh(self) -> int:
        """Write it down for dispatch, and ask a person about those that may be suspended; give how many."""


class LettingGo(Protocol):
    """Telephones that ring in vain."""

    def let_go(self, order_id: int) -> None:
        """Have them fall silent."""


@dataclass(frozen=True)
class JobServices:
    """What the jobs use, made by the composition root of the worker's process."""

    dispatch: Dispatch
    callbacks: Callbacks
    ratings: Ratings
    sms: Sms
    inbox: Inbox
    sos_cases: KeptCases
    voice_notes: KeptCases
    found_notes: LostNotes
    escalations: Escalations
    late_visits: Sweeping
    certificate_warnings: Sweeping
    plans: PlanMaker
    night: NightBatch
    scorecards: Standings
    consents: Consents
    unseen: Sweeping
    well_being: Sweeping
    medicine: Sweeping
    campaigns: Sweeping
    reports: Sweeping
    imports: Sweeping
    withdrawals: LettingGo
    clock: Callable[[], datetime]


@dataclass
class _Provided:
    """Where a job finds its services: RQ calls functions by name and can hand them nothing."""

    factory: Callable[[], JobServices] | None = field(default=None)


_provided = _Provided()


def provide(factory: Callable[[], JobServices]) -> None:
    """Tell the jobs of this process (and of those that it forks) where their services come from."""
    _provided.factory = factory


def _services() -> JobServices:
    if _provided.factory is None:
        raise RuntimeError("the worker was started without services: call jobs.provide first")
    return _provided.factory()


def sweep_callbacks() -> int:
    """Take up calls that were left in the middle, and have those that are due dialled."""
    callbacks = _services().callbacks
    return callbacks.sweep() + callbacks.dial_due()


def settle_callback(attempt_cause: str, outcome: str) -> None:
    """Note how an automatic call went."""
    _services().callbacks.settle(attempt_cause, outcome)


def sweep_offers() -> int:
    """Expire offers, and offer what waits to be offered."""
    return _services().dispatch.sweep()


def dispatch_order(order_id: int) -> None:
    """Offer a new order at once."""
    _services().dispatch.offer_next(order_id)


def send_sms() -> int:
    """Hand over SMS that are queued, and read those that came and were not read, until there are none."""
    services, accepted, over = _services(), 0, time.monotonic() + SMS_SECONDS
    while True:
        services.inbox.read_waiting(came_before=services.clock() - READ_BY_OTHERS)
        services.consents.drop_forbidden()
        sent = services.sms.send_due(SMS_A_ROUND, within=over - time.monotonic())
        accepted += sent.accepted
        if sent.accepted < SMS_A_ROUND or time.monotonic() >= over:
            return accepted


def keep_house() -> int:
    """Close orders that are rated, or never will be, and write cases that were kept while the database was away."""
    services = _services()
    written = services.sos_cases.write_kept() + services.voice_notes.write_kept()
    services.ratings.close_unscored(UNSCORED_AFTER)
    return written + services.ratings.close_rated(CLOSED_AFTER)


def withdraw_calls(order_id: int) -> None:
    """Let telephones fall silent that ring for what is settled."""
    _services().withdrawals.let_go(order_id)


def climb() -> int:
    """Tell of orders that have become overdue, level by level."""
    return _services().escalations.sweep()


def sweep_visits() -> int:
    """Tell desk and elder of visits that are late, flag those that nobody ended, ask elders whether anybody came."""
    services = _services()
    return services.late_visits.sweep() + services.unseen.sweep()


def sweep_well_being() -> int:
    """Begin the daily calls that are due, and follow those that are over."""
    return _services().well_being.sweep()


def sweep_medicine() -> int:
    """Remind of the medicines whose time has come, and follow those calls."""
    return _services().medicine.sweep()


def sweep_campaigns() -> int:
    """Go on with the group messages that run."""
    return _services().campaigns.sweep()


def make_reports() -> int:
    """Make and send the reports that schedules owe."""
    return _services().reports.sweep()


def begin_imports() -> int:
    """Begin with a file of elders that waits to be checked or taken."""
    return _services().imports.sweep()


def warn_certificates() -> int:
    """Tell desk and companies of certificates that end."""
    return _services().certificate_warnings.sweep()


def find_notes() -> int:
    """Open the cases of recordings that were left when a conversation died."""
    services = _services()
    return services.found_notes.open_cases(services.clock())


def make_planned() -> int:
    """Make the orders of plans some days ahead."""
    return _services().plans.make().made


def assign_night() -> int:
    """Give the planned orders of the coming day to companies, by night."""
    return _services().night.run_if_night().offered


def refresh_standings() -> int:
    """Write down how companies stand, for dispatch to weigh."""
    return _services().scorecards.refresh()


class Jobs:
    """Puts jobs into the queue. A job's id says what it does, so that one thing is not queued twice."""

    def __init__(self, redis: Redis) -> None:
        self._queue = Queue(QUEUE, connection=redis, default_timeout=JOB_SECONDS)

    def dispatch(self, order_id: int) -> None:
        """Have a new order offered."""
        self.put(dispatch_order, f"dispatch-order-{order_id}", order_id)

    def settle(self, attempt_cause: str, outcome: str) -> None:
        """Have the outcome of an automatic call noted."""
        self.put(settle_callback, f"settle-{attempt_cause}-{outcome}", attempt_cause, outcome)

    def send_sms_now(self) -> None:
        """Have what waits in the outbox sent at once, and not at the next tick. Never fails: the tick does it else.

        Two ids: while one such job runs, which may have looked before our message was written, one more waits.
        """
        # A job that died with its worker stands in the way of the next for no longer than a slot lasts.
        slot = int(time.time()) // WAITS_SECONDS
        try:
            if not self.put(send_sms, f"send_sms-now-{slot}", ttl=WAITS_SECONDS):
                self.put(send_sms, f"send_sms-again-{slot}", ttl=WAITS_SECONDS)
        except RedisError:
            log.warning("sms.not_nudged")

    def withdraw_calls(self, order_id: int, at: float) -> None:
        """Have telephones let go that ring for an order in vain, since it moved `at`. Never fails: they ring on."""
        try:
            self.put(withdraw_calls, f"withdraw-{order_id}-{at:.6f}", order_id, ttl=WAITS_SECONDS)
        except RedisError:
            log.warning("jobs.not_withdrawn", order_id=order_id)

    def put(self, job: Callable[..., object], job_id: str, *arguments: Any, ttl: int | None = None) -> bool:
        """Queue a job unless the same is queued or running; tell whether it was. RQ allows no ``.`` or ``:`` in ids."""
        job_id = job_id.replace(".", "_").replace(":", "_")
        try:
            self._queue.enqueue_call(
                job, args=arguments, job_id=job_id, unique=True, ttl=ttl, result_ttl=0, failure_ttl=FAILURE_SECONDS
            )
        except DuplicateJobError:
            return False
        return True
