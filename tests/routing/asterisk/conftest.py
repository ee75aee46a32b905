"""A real Asterisk for the tests of this folder, with a few extensions to dial beside the hotline's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.asterisk_node import AsteriskNode, make_node

# Each answers a dial in its own way; the console adds them, as the rendered dialplan is the hotline's.
EXTENSIONS = {
    "tries-answer": ("Answer()", "Wait(60)"),
    "tries-busy": ("Busy(5)",),
    "tries-congested": ("Congestion(5)",),
    "tries-rings": ("Ringing()", "Wait(60)"),
    "tries-says": ("UserEvent(Note,Elder:${ELDER},Channel:PJSIP/other-1)", "Wait(60)"),
}


@contextmanager
def dialable_node(folder: Path) -> Iterator[AsteriskNode]:
    """Run a node with these extensions and without sounds, which nothing here plays, while the block lasts."""
    node = make_node(folder)
    node.sounds = folder / "no-sounds"
    node.sounds.mkdir()
    node.start()
    try:
        add_extensions(node)
        yield node
    finally:
        # A polite end waits for the calls that a failed test left; nothing of this node is kept.
        node.kill()


def add_extensions(node: AsteriskNode) -> None:
    """Add them to a node that runs; they go when it ends."""
    for context, applications in EXTENSIONS.items():
        for priority, application in enumerate(applications, start=1):
            node.cli(f"dialplan add extension s,{priority},{application} into {context}")


@pytest.fixture(scope="package")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskNode]:
    """An Asterisk that tests share, so they hang up what they dialled. One that a test kills is the test's own."""
    with dialable_node(tmp_path_factory.mktemp("asterisk")) as node:
        yield node
