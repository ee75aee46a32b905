"""Jobs and their clock, over a real Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from redis import Redis
from rq import Queue, SimpleWorker

from db.demo import DEMO
from db.models import Callback, SmsMessage
from routing.calls.messages import LIVE, PlacedCallEnded, encode
from routing.elders.entry import elders_number
from routing.elders.imports import ElderImports
from routing.orders.policy import OrderState
from routing.orders.service import Orders
from routing.outreach import jobs
from routing.outreach.jobs import QUEUE, Jobs, JobServices
from routing.outreach.scheduler import HEARTBEAT, LOCK, Periodic, Scheduler
from routing.outreach.withdrawals import Withdrawals
from tests.routing.orders.planning.test_night import batch
from tests.routing.orders.planning.test_plans import maker_of
from tests.routing.town import ZONE, Town


class NoCases:
    """No case was kept, and no recording was lost."""

    def write_kept(self) -> int:
        return 0

    def sweep(self) -> int:
        return 0

    def open_cases(self, _now: datetime) -> int:
        return 0


@pytest.fixture
def provided(town: Town) -> Iterator[Town]:
    """The jobs of this process work on the town."""
    none = NoCases()
    services = JobServices(
        dispatch=town.dispatch, callbacks=town.callbacks, ratings=town.ratings, sms=town.sms, inbox=town.inbox,
        sos_cases=none, voice_notes=none, found_notes=none, escalations=town.escalations,
        late_visits=town.late_visits, certificate_warnings=town.certificate_warnings, plans=maker_of(town),
        night=batch(town), scorecards=town.scorecards, consents=town.consents, unseen=town.unseen,
        well_being=town.well_being, medicine=town.doses, campaigns=town.campaign_runner,
        reports=none,
        imports=ElderImports(
            town.unit_of_work, town.reading, town.clock, town.cipher, normalise=elders_number("CN", "0931"), zone=ZONE
        ),
        withdrawals=Withdrawals(town.reading, town.withdrawn.append),
        clock=town.clock,
    )  # fmt: skip
    jobs.provide(lambda: services)
    yield town
    jobs._provided.factory = None


def work(redis: Redis) -> None:
    """Do what is queued, in this process and thread."""
    SimpleWorker([Queue(QUEUE, connection=redis)], connection=redis).work(burst=True, logging_level="WARNING")


def clock_at(epoch: list[float]) -> Callable[[], float]:
    return lambda: epoch[0]


def nothing() -> None:
    """A periodic job for tests."""


def test_an_order_goes_from_ring_to_rating_by_jobs_alone(provided: Town, redis: Redis) -> None:
    town, queue = provided, Jobs(redis)
    orders = Orders(
        town.unit_of_work, town.reading, town.clock, town.published.append, queue.dispatch, notices=town.notices
    )
    order = orders.place(town.elder_id(DEMO.wang), town.item_id("meal"), key="k", source="voice")
    work(redis)
    assert orders.get(order.id).state is OrderState.OFFERED
    queue.put(jobs.sweep_callbacks, "one")
    queue.put(jobs.send_sms, "two")
    work(redis)
    assert [call.flow for call in town.placed] == ["offer"]
    assert [message.number for message in town.carrier.handed] == [DEMO.company.number]
    queue.settle(town.placed[0].cause, "answered")
    work(redis)
    assert [row.state for row in town.rows(Callback)] == ["answered"]
    worker = town.accept(order).worker_id or 0
    town.visits.check_in(worker, DEMO.wang.number, "in")
    town.visits.check_out(worker, DEMO.wang.number, "out")
    town.clock.forward(minutes=31)
    queue.put(jobs.sweep_callbacks, "three")
    work(redis)
    assert town.placed[-1].flow == "after_service"
    town.ratings.score(order.id, "call", score=5)
    town.clock.forward(days=2)
    queue.put(jobs.keep_house, "four")
    work(redis)
    assert orders.get(order.id).state is OrderState.CLOSED


def test_one_thing_is_not_queued_twice_and_an_id_may_hold_anything(redis: Redis) -> None:
    queue = Jobs(redis)
    assert queue.put(nothing, "a.b:c")
    assert not queue.put(nothing, "a.b:c")
    assert Queue(QUEUE, connection=redis).job_ids == ["a_b_c"]
    work(redis)
    assert queue.put(nothing, "a.b:c")


def test_every_job_may_run_twice(provided: Town) -> None:
    order = provided.place()
    provided.clock.forward(minutes=1)
    for job in (jobs.sweep_callbacks, jobs.sweep_offers, jobs.send_sms, jobs.keep_house, jobs.climb):
        job()
        job()
    jobs.dispatch_order(order.id)
    jobs.settle_callback(provided.placed[0].cause, "busy")
    jobs.settle_callback(provided.placed[0].cause, "busy")
    assert len(provided.placed) == 1
    assert len(provided.open_offers()) == 1
    assert len(provided.carrier.handed) == len(provided.rows(SmsMessage)) == 1


def test_a_worker_without_services_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"jobs\.provide"):
        jobs.sweep_offers()


def test_each_slot_of_time_queues_its_job_once_and_the_heart_beats(redis: Redis) -> None:
    epoch = [1000.0]
    scheduler = Scheduler(redis, Jobs(redis), [Periodic(nothing, 2)], clock_at(epoch))
    assert [scheduler.tick(), scheduler.tick()] == [1, 0]
    epoch[0] += 1.5
    assert scheduler.tick() == 0
    epoch[0] += 1
    assert scheduler.tick() == 1
    assert 0 < int(str(redis.ttl(HEARTBEAT))) <= 10
    assert len(Queue(QUEUE, connection=redis)) == 2


def test_of_two_schedulers_one_works_and_the_other_takes_over(redis: Redis) -> None:
    epoch = [1000.0]
    first, second = (Scheduler(redis, Jobs(redis), [Periodic(nothing, 1)], clock_at(epoch)) for _ in range(2))
    assert (first.tick(), second.tick()) == (1, 0)
    redis.delete(LOCK)  # As when the first has stood still for longer than its lock.
    epoch[0] += 1
    assert (second.tick(), first.tick()) == (1, 0)
    epoch[0] += 1
    assert (first.tick(), second.tick()) == (0, 1)


def test_the_outcome_of_a_call_is_heard_and_noted_and_a_stop_is_prompt(provided: Town, redis: Redis) -> None:
    provided.place()
    provided.callbacks.dial_due()
    cause = provided.placed[0].cause
    stop = threading.Event()
    scheduler = Scheduler(redis, Jobs(redis), ())
    thread = threading.Thread(target=scheduler.run, args=(stop,))
    thread.start()
    try:
        heard = Queue(QUEUE, connection=redis)
        for _ in range(200):  # Until the scheduler listens; a message before that is nobody's.
            redis.publish(LIVE, "no message of ours")
            redis.publish(LIVE, encode(PlacedCallEnded(cause, "busy", 0.0)))
            if heard.job_ids or stop.wait(0.05):
                break
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert not redis.exists(LOCK)
    work(redis)
    assert [(row.state, row.last_outcome) for row in provided.rows(Callback)] == [("due", "busy")]
