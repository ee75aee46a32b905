"""The hub of live events: everybody hears, nobody waits for the slow, and a lost Redis mends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from agent_console.hub import BACKLOG, LISTENERS, Listener, LiveHub, TooManyListeners
from routing.calls.messages import LIVE, AgentChanged, AgentState, Message, encode
from tests.redis_server import RedisServer


@pytest.fixture
def hub(redis: Redis) -> Iterator[LiveHub]:
    hub = LiveHub(redis)
    yield hub
    hub.close()


def event(number: int = 0) -> Message:
    """An event that can be told from others."""
    return AgentChanged("1001", AgentState.READY, float(number))


def begins(redis: Redis, *listeners: Listener) -> None:
    """Take all that comes with the beginning: the word that the subscription stands, and a word of our own after it."""
    mark = event(-1)
    redis.publish(LIVE, encode(mark))
    for listener in listeners:
        heard: list[Message] = []
        while mark not in heard:
            batch = listener.take(30)
            assert batch is not None
            heard += batch


def test_every_listener_hears_what_is_published(hub: LiveHub, redis: Redis) -> None:
    listeners = [hub.listen() for _ in range(3)]
    begins(redis, *listeners)
    redis.publish(LIVE, encode(event(7)))
    assert [each.take(30) for each in listeners] == [[event(7)]] * 3


def test_a_burst_comes_as_one_batch_and_a_stream_of_events_as_several(hub: LiveHub, redis: Redis) -> None:
    listener = hub.listen()
    begins(redis, listener)
    with redis.pipeline() as burst:
        for number in range(50):
            burst.publish(LIVE, encode(event(number)))
        burst.execute()
    heard: list[Message] = []
    batches = 0
    while len(heard) < 50:
        batch = listener.take(30)
        assert batch
        heard += batch
        batches += 1
    assert heard == [event(number) for number in range(50)]
    assert batches < 25


def test_events_without_end_do_not_keep_a_batch_open(hub: LiveHub) -> None:
    listener, stop = hub.listen(), threading.Event()

    def chatter() -> None:
        while not stop.wait(0.02):
            listener.put(event())

    thread = threading.Thread(target=chatter)
    thread.start()
    try:
        begun = time.monotonic()
        assert listener.take(10)
        assert time.monotonic() - begun < 5
    finally:
        stop.set()
        thread.join()


def test_what_is_urgent_waits_for_nothing_more(hub: LiveHub, redis: Redis) -> None:
    listener = hub.listen(lambda message: message == event(2))
    other = hub.listen()
    begins(redis, listener, other)
    for number in range(4):
        listener.put(event(number))
        other.put(event(number))
    assert listener.take(30) == [event(0), event(1), event(2)]
    assert listener.take(30) == [event(3)]
    assert other.take(30) == [event(number) for number in range(4)]


def test_quiet_ends_after_the_time_given(hub: LiveHub, redis: Redis) -> None:
    listener = hub.listen()
    begins(redis, listener)
    assert listener.take(0.05) == []


def test_what_is_no_message_is_passed_over(hub: LiveHub, redis: Redis) -> None:
    listener = hub.listen()
    begins(redis, listener)
    for line in ("", "[]", "not json", '{"type":"Unknown"}', b"\xff"):
        redis.publish(LIVE, line)
    redis.publish(LIVE, encode(event(1)))
    assert listener.take(30) == [event(1)]


def test_a_listener_that_lags_is_cut_off_and_the_others_are_not(hub: LiveHub) -> None:
    slow, quick = hub.listen(), hub.listen()
    for number in range(BACKLOG + 50):
        slow.put(event(number))
    assert slow.take(0.1) is None
    quick.put(event(3))
    assert event(3) in (quick.take(30) or [])


def test_listeners_are_bounded_and_a_place_that_is_left_is_free_again(hub: LiveHub) -> None:
    listeners = [hub.listen() for _ in range(LISTENERS)]
    with pytest.raises(TooManyListeners):
        hub.listen()
    listeners[0].close()
    listeners[0].close()
    hub.listen()
    with pytest.raises(TooManyListeners):
        hub.listen()


def test_a_lost_redis_is_found_again(hub: LiveHub, redis: Redis, redis_server: RedisServer) -> None:
    listener = hub.listen()
    begins(redis, listener)
    redis_server.stop()
    redis_server.start()
    give_up = time.monotonic() + 30
    while True:
        redis.publish(LIVE, encode(event(9)))
        batch = listener.take(0.5)
        assert batch is not None
        if event(9) in batch:
            return
        assert time.monotonic() < give_up
