"""Who may do what: one table for every route, and the one guard that reads it. What is not in the table is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.admin.access import ADMINISTRATION, WITH_A_GIVEN_PASSWORD
from agent_console.api_access import API
from agent_console.desk.access import DESK_CASES
from agent_console.identity import Identity, bearer_identity, identity, session_identity
from agent_console.reports.access import REPORTS_ACCESS
from agent_console.roles import ANYONE, LEADS, LOGGED_IN, OVERSEERS, READERS, STAFF, Role, Roles
from agent_console.services import console_services
from agent_console.supervision.access import SUPERVISION_ACCESS
from agent_console.telling_access import TELLING_ACCESS

__all__ = ["ACCESS", "LEADS", "OVERSEERS", "READERS", "STAFF", "Role", "Roles", "guard_routes", "identity", "may"]

ACCESS: Final[Mapping[str, Roles]] = {
    "static": ANYONE,
    "login.show": ANYONE,
    "login.submit": ANYONE,
    "login.leave": LOGGED_IN,
    "languages.choose": ANYONE,
    **ADMINISTRATION,
    "home.show": LOGGED_IN,
    "health.parts": ANYONE,
    "health.metrics": ANYONE,
    "sms_push.push": ANYONE,
    "sms_webhook.receive": ANYONE,
    "sms_webhook.report": ANYONE,
    "live.stream": READERS,
    "desk.show": STAFF,
    "desk.record": STAFF,
    "desk.search": STAFF,
    "desk.place_order": STAFF,
    "desk.quote_order": STAFF,
    "desk.cancel_order": STAFF,
    "desk.cancel_promise": STAFF,
    "desk.note_call": STAFF,
    "desk.draft_note": STAFF,
    "register_form.add": STAFF,
    "desk.set_manner": STAFF,
    "desk.note_case": STAFF,
    "desk.close_case": STAFF,
    "desk.change_place": STAFF,
    "desk.set_state": STAFF,
    "journal_page.of_elder": READERS,
    "journal_page.of_worker": OVERSEERS,
    "journal_page.of_company": OVERSEERS,
    "journal_page.export": OVERSEERS,
    "plans_page.of_elder": STAFF,
    "plans_page.create": STAFF,
    "plans_page.show": STAFF,
    "plans_page.change": STAFF,
    "plans_page.change_wish": STAFF,
    "softphone.account": STAFF,
    "demo_phone_page.show": STAFF,
    "demo_phone_page.account": STAFF,
    "talk_pane.show": STAFF,
    "talk_pane.control": STAFF,
    **DESK_CASES,
    "supervision.wallboard": OVERSEERS,
    "big_board.show": OVERSEERS,
    "big_board.stream": OVERSEERS,
    "big_board.today": OVERSEERS,
    "supervision.close_case": LEADS,
    "worklist.show": STAFF,
    "worklist.recording": STAFF,
    "worklist.close": STAFF,
    "worklist.case_recording": STAFF,
    "worklist.close_case": STAFF,
    "overdue_page.show": READERS,
    "overdue_page.take": STAFF,
    "outreach_page.not_reached": STAFF,
    "outreach_page.close": STAFF,
    "outreach_page.consent": STAFF,
    "outreach_page.never_call": OVERSEERS,
    "outreach_page.bar": LEADS,
    "outreach_page.end": LEADS,
    "medicine_page.show": READERS,
    "medicine_page.export": READERS,
    "medicine_page.make": STAFF,
    "medicine_page.end": STAFF,
    "medicine_page.pause": STAFF,
    "medicine_page.resume": STAFF,
    "wellbeing_page.show": READERS,
    "wellbeing_page.of_elder": READERS,
    "wellbeing_page.enrol": STAFF,
    "wellbeing_page.end": STAFF,
    "wellbeing_page.pause": STAFF,
    "wellbeing_page.resume": STAFF,
    **TELLING_ACCESS,
    **SUPERVISION_ACCESS,
    **REPORTS_ACCESS,
    "visits_page.show": OVERSEERS,
    "visits_page.one": OVERSEERS,
    "visits_page.export": OVERSEERS,
    "visits_page.resolve": LEADS,
    "visits_page.correct": LEADS,
    "certificates_page.show": OVERSEERS,
    "certificates_page.add": LEADS,
    "certificates_page.bring_in": LEADS,
    "certificates_page.revoke": LEADS,
    "certificates_page.vet": LEADS,
    "responses_page.show": OVERSEERS,
    "responses_page.picture": OVERSEERS,
    "responses_page.export": OVERSEERS,
    "companies_page.index": OVERSEERS,
    "companies_page.show": OVERSEERS,
    "companies_page.picture": OVERSEERS,
    "companies_page.comparison": OVERSEERS,
    "company_changes.add": LEADS,
    "company_changes.suspend": LEADS,
    "company_changes.lift": LEADS,
    "company_changes.reassign": LEADS,
    "company_changes.set_availability": LEADS,
    "company_changes.add_phone": LEADS,
    "company_changes.drop_phone": LEADS,
    "company_changes.set_pin": LEADS,
    "menus_page.show": OVERSEERS,
    "menus_page.set_times": LEADS,
    "hours_page.show": OVERSEERS,
    "hours_page.set_week": LEADS,
    "hours_page.set_exception": LEADS,
    "hours_page.drop_exception": LEADS,
    "hours_page.add_phone": LEADS,
    "hours_page.change_phone": LEADS,
    "hours_page.drop_phone": LEADS,
    "items_page.show": OVERSEERS,
    "items_page.add": LEADS,
    "items_page.act": LEADS,
    "prices_page.show": OVERSEERS,
    "prices_page.set_tariff": LEADS,
    "prices_page.end_tariff": LEADS,
    "prices_page.set_rule": LEADS,
    "prices_page.add_class": LEADS,
    "prices_page.end_class": LEADS,
    "statements_page.show": OVERSEERS,
    "statements_page.download": OVERSEERS,
    "prompts_page.show": OVERSEERS,
    "prompts_page.line": OVERSEERS,
    "prompts_page.sound": OVERSEERS,
    "prompts_page.upload": LEADS,
    "prompts_page.phone": LEADS,
    "prompts_page.drop": LEADS,
    "leading.act_on_agent": LEADS,
    "leading.move_ticket": LEADS,
    "supervision.calls": OVERSEERS,
    "supervision.journey": OVERSEERS,
    "supervision.orders": OVERSEERS,
    "supervision.order": READERS,
    "order_page.move": STAFF,
    **API,
}

DEVELOPMENT_ONLY: Final = frozenset({"demo_phone_page.show", "demo_phone_page.account"})
"""Routes that are not there outside the development profile, whoever asks."""
_STREAMS: Final = frozenset({"live.stream", "big_board.stream"})
"""A browser's EventSource follows no redirect to the log-in."""
_BEARER_PREFIX = "/api/"
"""Under this path only bearer tokens count, so that no browser can be made to write there with its cookie."""


def guard() -> ResponseReturnValue | None:
    """Let a request through, or refuse it: 401 or the log-in page for strangers, 403 for the wrong role."""
    endpoint = request.endpoint
    if endpoint is None:
        return None  # Flask itself answers 404 or 405 next.
    allowed = ACCESS.get(endpoint)
    if allowed is None:
        current_app.logger.error("route without roles: %s", endpoint)
        abort(403)
    if endpoint in DEVELOPMENT_ONLY and not console_services().settings.development:
        abort(404)
    if allowed is ANYONE:
        return None
    bearer = request.path.startswith(_BEARER_PREFIX)
    services = console_services()
    who = bearer_identity(services) if bearer else session_identity(services)
    if who is None:
        if bearer or request.method != "GET" or endpoint in _STREAMS:
            abort(401)
        return redirect(url_for("login.show", next=request.path))
    if who.must_change and endpoint not in WITH_A_GIVEN_PASSWORD:
        if request.method != "GET" or endpoint in _STREAMS:
            abort(403)
        return redirect(url_for("login.password"))
    if who.role not in allowed:
        abort(403)
    g.identity = who
    return None


def may(endpoint: str) -> bool:
    """Tell whether whoever asks may use a route: pages show no link that would be refused."""
    who: Identity | None = g.get("identity")
    if endpoint in DEVELOPMENT_ONLY and not console_services().settings.development:
        return False
    return who is not None and not who.must_change and who.role in ACCESS[endpoint]


def guard_routes(app: Flask) -> None:
    """Put the guard before every view of `app`, and give templates `may`."""
    app.before_request(guard)
    app.jinja_env.globals["may"] = may
    app.jinja_env.tests["allowed"] = may
