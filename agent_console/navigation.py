"""Where the bar at the top of every page leads: what is used all day as links, the rest under a few words.

Whoever adds a page adds its line here; links that somebody may not use are not shown to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask


@dataclass(frozen=True)
class Link:
    """One page, and the key of its text."""

    endpoint: str
    key: str


@dataclass(frozen=True)
class Menu:
    """Pages under one word."""

    key: str
    links: tuple[Link, ...]


NAVIGATION: Final[tuple[Link | Menu, ...]] = (
    Link("desk.show", "nav.desk"),
    Link("tasks_page.show", "nav.tasks"),
    Link("worklist.show", "nav.messages"),
    Link("cards_page.show", "nav.cards"),
    Link("own_scores.show", "nav.own_scores"),
    Link("outreach_page.not_reached", "nav.not_reached"),
    Link("overdue_page.show", "nav.overdue"),
    Link("supervision.wallboard", "nav.wallboard"),
    Link("supervision.calls", "nav.calls"),
    Link("supervision.orders", "nav.orders"),
    Link("visits_page.show", "nav.visits"),
    Link("reports_page.index", "nav.reports"),
    Menu(
        "nav.menu.hall",
        (
            Link("talks_page.show", "nav.talks"),
            Link("big_board.show", "nav.board"),
            Link("bulletins_page.show", "nav.bulletins"),
            Link("quality_page.index", "nav.quality"),
        ),
    ),
    Menu(
        "nav.menu.care",
        (
            Link("companies_page.index", "nav.companies"),
            Link("certificates_page.show", "nav.certificates"),
            Link("items_page.show", "nav.items"),
            Link("prices_page.show", "nav.prices"),
            Link("statements_page.show", "nav.statements"),
            Link("responses_page.show", "nav.responses"),
        ),
    ),
    Menu(
        "nav.menu.line",
        (
            Link("hours_page.show", "nav.hours"),
            Link("menus_page.show", "nav.menus"),
            Link("prompts_page.show", "nav.prompts"),
            Link("announcements_page.show", "nav.announcements"),
            Link("demo_phone_page.show", "nav.demo_phone"),
            Link("campaigns_page.show", "nav.campaigns"),
            Link("outreach_page.never_call", "nav.never_call"),
        ),
    ),
    Menu(
        "nav.menu.admin",
        (
            Link("users_page.index", "nav.users"),
            Link("elders_page.blank", "nav.elder_new"),
            Link("imports_page.index", "nav.imports"),
            Link("merges_page.show", "nav.merges"),
            Link("sms_texts_page.index", "nav.sms_texts"),
            Link("settings_page.show", "nav.settings"),
            Link("audit_page.show", "nav.audit"),
        ),
    ),
    Link("company_portal.orders", "nav.portal.orders"),
    Link("company_portal.visits", "nav.portal.visits"),
    Link("company_portal.scorecard", "nav.portal.scorecard"),
    Link("company_portal.statement", "nav.portal.statement"),
)


def equip_navigation(app: Flask) -> None:
    """Let the bar know what there is."""
    app.jinja_env.globals.update(navigation=NAVIGATION)
