"""Beyond the limit of calls in flows: the caller hears words, and reaches an agent; supervisors learn of it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from routing.figures import left
from scripts.health import check
from tests.story.scene import QUIET_MOST, Scene, open_scene
from tests.story.test_keys import AGENT_HZ, CALLER_HZ, SINGLE

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(500)]

LIMIT = 2


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("limit")
    with open_scene(folder, "redis", "asterisk", "ivr", "router", max_calls=LIMIT) as scene:
        yield scene


def test_beyond_the_limit_the_fallback_speaks_and_an_agent_answers(scene: Scene) -> None:
    before, agent = scene.calls(), scene.agent()
    there = [scene.person(each.number) for each in SINGLE[:LIMIT]]
    for caller in there:
        scene.dial(caller)
    beyond = scene.person(SINGLE[LIMIT].number)
    since = scene.dial(beyond)
    beyond.hears_something()
    waited = time.monotonic() - since
    assert waited < QUIET_MOST
    beyond.hears("fallback.greet")
    agent.hears_tone(CALLER_HZ)
    beyond.hears_tone(AGENT_HZ)
    print(f"beyond the limit: the first word {waited:.2f} s after dialling")

    def told() -> bool:
        return left(scene.hotline.stores.redis)["ivr"].get("calls_turned_away") == 1

    scene.until("/metrics counts it", told)
    health = check(scene.hotline.settings)["ivr"]
    assert health["ok"] and "1 beyond its limit of 2 went to the fallback" in health["detail"], health
    scene.leave(beyond, *there)
    records = scene.new_calls(before, LIMIT + 1)
    assert sorted(str(each.outcome) for each in records) == ["abandoned"] * LIMIT + ["fallback"], "supervisors see it"
