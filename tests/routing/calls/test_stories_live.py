"""A sample of the random stories on a real Asterisk with real phones: the seeds are fixed, and each tells its steps."""

from __future__ import annotations

import asyncio

import pytest

from tests.routing.calls.live import stage  # noqa: F401  # A fixture.
from tests.routing.calls.live_story import LiveStory
from tests.routing.calls.stage import Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

STEPS = 30


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_through_a_story_on_a_real_asterisk_nobody_is_lost_or_doubled(stage: Stage, seed: int) -> None:  # noqa: F811
    story = LiveStory(stage, seed)

    async def run() -> None:
        async with stage.flow():
            await story.play(STEPS)

    try:
        asyncio.run(asyncio.wait_for(run(), 240))
    finally:
        print(f"seed {seed}: {', '.join(story.steps)}")
