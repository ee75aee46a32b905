"""Who may do what: one table for every route, and the one guard that reads it. What is not in the table is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.identity import Identity, bearer_identity, session_identity
from agent_console.roles import ANYONE, LEADS, LOGGED_IN, OVERSEERS, READERS, STAFF, Role, Roles
from agent_console.services import console_services

__all__ = ["ACCESS", "LEADS", "OVERSEERS", "READERS", "STAFF", "Role", "Roles", "guard_routes", "identity", "may"]

ACCESS: Final[Mapping[str, Roles]] = {
    "static": ANYONE,
    "login.show": ANYONE,
    "login.submit": ANYONE,
    "login.leave": LOGGED_IN,
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
    "talk_pane.show": STAFF,
    "talk_pane.control": STAFF,
    "supervision.wallboard": OVERSEERS,
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
    "api_elders.show_consents": READERS,
    "api_elders.say": STAFF,
    "api_never-call.index": OVERSEERS,
    "api_never-call.add": LEADS,
    "api_never-call.end": LEADS,
    "api_callbacks.pace": READERS,
    "medicine_page.show": READERS,
    "medicine_page.export": READERS,
    "medicine_page.make": STAFF,
    "medicine_page.end": STAFF,
    "wellbeing_page.show": READERS,
    "wellbeing_page.of_elder": READERS,
    "wellbeing_page.enrol": STAFF,
    "wellbeing_page.end": STAFF,
    "wellbeing_page.pause": STAFF,
    "wellbeing_page.resume": STAFF,
    "announcements_page.show": OVERSEERS,
    "announcements_page.recording": OVERSEERS,
    "announcements_page.make": LEADS,
    "announcements_page.end": LEADS,
    "announcements_page.record": LEADS,
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
    "hours_page.show": OVERSEERS,
    "hours_page.set_week": LEADS,
    "hours_page.set_exception": LEADS,
    "hours_page.drop_exception": LEADS,
    "hours_page.add_phone": LEADS,
    "hours_page.drop_phone": LEADS,
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
    "api.openapi": ANYONE,
    "api_calls.index": READERS,
    "api_calls.show": READERS,
    "api_calls.journey": READERS,
    "api_tickets.index": READERS,
    "api_tickets.show": READERS,
    "api_agents.index": READERS,
    "api_agents.show": READERS,
    "api_agents.set_state": STAFF,
    "api_elders.index": READERS,
    "api_elders.show": READERS,
    "api_elders.search": READERS,
    "api_elders.show_how": READERS,
    "api_elders.set_how": STAFF,
    "api_orders.index": READERS,
    "api_orders.show": READERS,
    "api_orders.place": STAFF,
    "api_orders.quote": STAFF,
    "api_orders.cancel": STAFF,
    "api_overdue.index": READERS,
    "api_overdue.take": STAFF,
    "api_reminders.index": READERS,
    "api_reminders.make": STAFF,
    "api_reminders.end": STAFF,
    "api_wellbeing.index": READERS,
    "api_wellbeing.show": READERS,
    "api_wellbeing.enrol": STAFF,
    "api_wellbeing.end": STAFF,
    "api_wellbeing.pause": STAFF,
    "api_wellbeing.resume": STAFF,
    "api_plans.index": READERS,
    "api_plans.show": READERS,
    "api_plans.next_dates": READERS,
    "api_plans.preview": STAFF,
    "api_plans.create": STAFF,
    "api_plans.change": STAFF,
    "api_plans.pause": STAFF,
    "api_plans.resume": STAFF,
    "api_plans.skip": STAFF,
    "api_plans.end": STAFF,
    "api_orders.move": STAFF,
    "api_orders.decisions": READERS,
    "api_providers.index": READERS,
    "api_providers.show": READERS,
    "api_providers.scorecards": READERS,
    "api_providers.scorecard": READERS,
    "api_providers.availability": READERS,
    "api_providers.add": LEADS,
    "api_providers.suspend": LEADS,
    "api_providers.lift": LEADS,
    "api_providers.set_availability": LEADS,
    "api_providers.add_phone": LEADS,
    "api_providers.drop_phone": LEADS,
    "api_providers.set_pin": LEADS,
    "api_visits.index": READERS,
    "api_visits.show": READERS,
    "api_visits.export": OVERSEERS,
    "api_visits.correct": LEADS,
    "api_visit_exceptions.index": READERS,
    "api_visit_exceptions.resolve": LEADS,
    "api_certificates.index": READERS,
    "api_certificates.uncovered": READERS,
    "api_certificates.add": LEADS,
    "api_certificates.revoke": LEADS,
    "api_certificates.vet": LEADS,
    "api_callbacks.index": READERS,
    "api_callbacks.show": READERS,
    "api_callbacks.cancel": STAFF,
    "api_callbacks.close": STAFF,
    "api_hours.index": READERS,
    "api_hours.set_week": LEADS,
    "api_hours.set_exception": LEADS,
    "api_hours.drop_exception": LEADS,
    "api_hours.add_phone": LEADS,
    "api_hours.change_phone": LEADS,
    "api_hours.drop_phone": LEADS,
    "api_prices.index": READERS,
    "api_prices.set_tariff": LEADS,
    "api_prices.end_tariff": LEADS,
    "api_prices.set_rule": LEADS,
    "api_prices.add_class": LEADS,
    "api_prices.end_class": LEADS,
    "api_prices.quotas": READERS,
    "api_statements.of_company": OVERSEERS,
    "api_statements.of_elder": OVERSEERS,
    "api_prompts.index": READERS,
    "api_prompts.show": READERS,
    "api_prompts.upload": LEADS,
    "api_prompts.drop": LEADS,
    "api_announcements.index": READERS,
    "api_announcements.show": READERS,
    "api_announcements.make": LEADS,
    "api_announcements.end": LEADS,
    "api_journal.of_elder": READERS,
    "api_journal.of_worker": OVERSEERS,
    "api_journal.of_company": OVERSEERS,
    "api_ratings.index": READERS,
    "api_ratings.show": READERS,
    "api_ratings.summary": READERS,
    "api_sms.index": OVERSEERS,
    "api_sms.show": OVERSEERS,
    "api_talks.index": READERS,
    "api_talks.show": STAFF,
    "api_talks.control": STAFF,
    "api_talks.end": STAFF,
    "api_talks.supervise": LEADS,
    "api_tickets.move": LEADS,
    "api_cases.index": READERS,
    "api_cases.show": READERS,
    "api_cases.close": LEADS,
    "api_cases.note": STAFF,
}

_BEARER_PREFIX = "/api/"
"""Under this path only bearer tokens count, so that no browser can be made to write there with its cookie."""


def identity() -> Identity:
    """Give who is asking. Only for views behind the guard."""
    who: Identity = g.identity
    return who


def guard() -> ResponseReturnValue | None:
    """Let a request through, or refuse it: 401 or the log-in page for strangers, 403 for the wrong role."""
    endpoint = request.endpoint
    if endpoint is None:
        return None  # Flask itself answers 404 or 405 next.
    allowed = ACCESS.get(endpoint)
    if allowed is None:
        current_app.logger.error("route without roles: %s", endpoint)
        abort(403)
    if allowed is ANYONE:
        return None
    bearer = request.path.startswith(_BEARER_PREFIX)
    services = console_services()
    who = bearer_identity(services) if bearer else session_identity(services)
    if who is None:
        if bearer or request.method != "GET" or endpoint == "live.stream":
            abort(401)
        return redirect(url_for("login.show", next=request.path))
    if who.role not in allowed:
        abort(403)
    g.identity = who
    return None


def may(endpoint: str) -> bool:
    """Tell whether whoever asks may use a route: pages show no link that would be refused."""
    who: Identity | None = g.get("identity")
    return who is not None and who.role in ACCESS[endpoint]


def guard_routes(app: Flask) -> None:
    """Put the guard before every view of `app`, and give templates `may`."""
    app.before_request(guard)
    app.jinja_env.globals["may"] = may
    app.jinja_env.tests["allowed"] = may
