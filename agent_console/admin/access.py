"""Who may use the pages of administrators, auditors and companies: a part of the table in agent_console.access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console.roles import ADMINISTRATORS, AUDITORS, COMPANIES, LEADS, LOGGED_IN, STAFF, Roles

WITH_A_GIVEN_PASSWORD: Final = frozenset({"login.leave", "login.password", "login.choose_password"})
"""All that is open to whoever has a password that somebody else gave them."""
ADMINISTRATION: Final[Mapping[str, Roles]] = {
    "login.password": LOGGED_IN,
    "login.choose_password": LOGGED_IN,
    "users_page.index": ADMINISTRATORS,
    "users_page.show": ADMINISTRATORS,
    "users_page.add": ADMINISTRATORS,
    "users_page.change": ADMINISTRATORS,
    "users_page.act": ADMINISTRATORS,
    "elders_page.blank": STAFF,
    "elders_page.add": STAFF,
    "elders_page.show": STAFF,
    "elders_page.change": STAFF,
    "photos_page.show": STAFF,
    "photos_page.put": STAFF,
    "photos_page.delete": STAFF,
    "departures_page.show": LEADS,
    "departures_page.depart": LEADS,
    "departures_page.undo": LEADS,
    "imports_page.index": ADMINISTRATORS,
    "imports_page.upload": ADMINISTRATORS,
    "imports_page.show": ADMINISTRATORS,
    "imports_page.progress": ADMINISTRATORS,
    "imports_page.sheet": ADMINISTRATORS,
    "imports_page.confirm": ADMINISTRATORS,
    "imports_page.discard": ADMINISTRATORS,
    "keeping_page.show": ADMINISTRATORS,
    "keeping_page.change": ADMINISTRATORS,
    "keeping_page.act": ADMINISTRATORS,
    "keeping_page.act_on_worker": ADMINISTRATORS,
    "settings_page.show": ADMINISTRATORS,
    "settings_page.change": ADMINISTRATORS,
    "settings_page.revert": ADMINISTRATORS,
    "sms_texts_page.index": ADMINISTRATORS,
    "sms_texts_page.show": ADMINISTRATORS,
    "sms_texts_page.change": ADMINISTRATORS,
    "sms_texts_page.restore": ADMINISTRATORS,
    "merges_page.show": ADMINISTRATORS,
    "merges_page.preview": ADMINISTRATORS,
    "merges_page.merge": ADMINISTRATORS,
    "merges_page.undo": ADMINISTRATORS,
    "audit_page.show": AUDITORS,
    "audit_page.export": AUDITORS,
    "company_portal.orders": COMPANIES,
    "company_portal.visits": COMPANIES,
    "company_portal.scorecard": COMPANIES,
    "company_portal.picture": COMPANIES,
    "company_portal.statement": COMPANIES,
    "company_portal.download": COMPANIES,
}
