"""A hotline without its outreach, for stories in which people call; everybody leaves when one is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.story.scene import Scene, open_scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One hotline for all stories of a module."""
    with open_scene(tmp_path_factory.mktemp("scene"), "redis", "asterisk", "ivr", "router") as scene:
        yield scene


@pytest.fixture(autouse=True)
def _all_is_well_afterwards(scene: Scene) -> Iterator[None]:
    yield
    scene.everybody_leaves()
    scene.assert_well()
