"""Who may do what with announcements and group messages: a part of the one table in `access`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console.roles import LEADS, OVERSEERS, Roles

TELLING_ACCESS: Final[Mapping[str, Roles]] = {
    "campaigns_page.show": OVERSEERS,
    "campaigns_page.look": OVERSEERS,
    "campaigns_page.progress": OVERSEERS,
    "campaigns_page.recording": OVERSEERS,
    "campaigns_page.export": OVERSEERS,
    "campaigns_page.make": LEADS,
    "campaigns_page.record": LEADS,
    "campaigns_page.move": LEADS,
    "api_campaigns.index": OVERSEERS,
    "api_campaigns.show": OVERSEERS,
    "api_campaigns.preview": OVERSEERS,
    "api_campaigns.recipients": OVERSEERS,
    "api_campaigns.make": LEADS,
    "api_campaigns.move": LEADS,
    "announcements_page.show": OVERSEERS,
    "announcements_page.recording": OVERSEERS,
    "announcements_page.make": LEADS,
    "announcements_page.end": LEADS,
    "announcements_page.record": LEADS,
}
