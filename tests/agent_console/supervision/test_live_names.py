"""The live stream answers outside of a request: what it names in English must not need one."""

from __future__ import annotations

from agent_console.catalogue import CHINESE, ENGLISH, speaking
from agent_console.supervision.board import overdue_rows
from tests.agent_console.console import Desk
from tests.agent_console.past import live_through


def test_an_overdue_order_is_named_in_the_language_of_whoever_watches(desk: Desk) -> None:
    live_through(desk.services)
    with speaking(CHINESE):
        chinese = {row["item"] for row in overdue_rows(desk.services)}
    with speaking(ENGLISH):
        english = {row["item"] for row in overdue_rows(desk.services)}
    assert chinese
    assert all(not each.isascii() for each in chinese)
    assert all(each.isascii() for each in english)
