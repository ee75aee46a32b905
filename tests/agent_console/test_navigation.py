"""The bar: everybody is led to what is open to them, to nothing else, and each link leads to a page."""

from __future__ import annotations

import re

import pytest
from flask import url_for

from agent_console.access import ACCESS, Role
from agent_console.navigation import NAVIGATION, Link
from tests.agent_console.console import Desk

LINKS = [link for each in NAVIGATION for link in ((each,) if isinstance(each, Link) else each.links)]


@pytest.mark.parametrize("role", ["agent", "supervisor", "administrator", "auditor"])
def test_it_shows_what_is_open_and_nothing_else(desk: Desk, role: str) -> None:
    client = desk.logged_in(role)
    first = next(each for each in LINKS if Role(role) in ACCESS[each.endpoint])
    with desk.app.test_request_context():
        address = {each.endpoint: url_for(each.endpoint) for each in LINKS}
    bar = client.get(address[first.endpoint]).get_data(as_text=True).partition("<nav")[2].partition("</nav>")[0]
    shown = set(re.findall(r'href="([^"]+)"', bar))
    assert shown == {address[each.endpoint] for each in LINKS if Role(role) in ACCESS[each.endpoint]}
    assert all(client.get(each).status_code == 200 for each in shown)
    assert bar.count("aria-current") == 1
