"""Who may do what, route by route. The table here is written by hand, so that a slip in the console's own shows."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from agent_console.access import ACCESS
from agent_console.app import create_app
from tests.agent_console.admin.routes import ADMIN_API, ADMIN_PAGES
from tests.agent_console.console import ROLES, Desk, csrf
from tests.agent_console.daily_routes import DAILY_API, DAILY_PAGES
from tests.agent_console.desk.routes import CASE_PAGES, PHONE_PAGES
from tests.agent_console.reports.routes import REPORT_API, REPORT_PAGES
from tests.agent_console.supervision.routes import SUPERVISION_PAGES

ALL, STAFF, LEADS = set(ROLES), {"agent", "supervisor", "administrator"}, {"supervisor", "administrator"}
READERS, OVERSEERS = STAFF | {"auditor"}, LEADS | {"auditor"}

PUBLIC = {
    "GET /static/<path:filename>", "GET /login", "POST /login", "GET /healthz", "GET /metrics", "GET /sms/inbound",
    "GET /sms/report", "POST /sms/push", "GET /api/v1/openapi.json", "POST /language",
}  # fmt: skip
PRICES = ("tariffs", "tariffs/end", "rules", "classes", "classes/end")
PAGES = {
    "GET /": ALL,
    "POST /logout": ALL,
    "GET /password": ALL,
    "POST /password": ALL,
    "GET /live": READERS,
    "GET /desk": STAFF,
    "GET /desk/record": STAFF,
    "POST /desk/search": STAFF,
    "POST /desk/orders": STAFF,
    "POST /desk/orders/quote": STAFF,
    "POST /desk/callbacks/<int:callback_id>/cancel": STAFF,
    "POST /desk/orders/<int:order_id>/cancel": STAFF,
    "POST /desk/elders/<int:elder_id>/manner": STAFF,
    "POST /desk/cases/<int:case_id>/notes": STAFF,
    "POST /desk/cases/<int:case_id>/close": STAFF,
    "POST /desk/elders/<int:elder_id>/place": STAFF,
    "POST /desk/state": STAFF,
    "GET /desk/elders/<int:elder_id>/plans": STAFF,
    "POST /desk/elders/<int:elder_id>/plans": STAFF,
    "GET /desk/plans/<int:plan_id>": STAFF,
    "POST /desk/plans/<int:plan_id>/<what>": STAFF,
    "POST /desk/plans/<int:plan_id>/wish": STAFF,
    **PHONE_PAGES,
    "GET /desk/messages": STAFF,
    "GET /desk/messages/<int:callback_id>/recording": STAFF,
    "POST /desk/messages/<int:callback_id>/close": STAFF,
    "GET /desk/messages/cases/<int:case_id>/recording": STAFF,
    "POST /desk/messages/cases/<int:case_id>/close": STAFF,
    "GET /desk/overdue": READERS,
    "POST /desk/overdue/<int:escalation_id>/take": STAFF,
    "GET /desk/not-reached": STAFF,
    "POST /desk/not-reached/<int:callback_id>/close": STAFF,
    "POST /desk/elders/<int:elder_id>/consents": STAFF,
    "GET /supervisor/never-call": OVERSEERS,
    "POST /supervisor/never-call": LEADS,
    "POST /supervisor/never-call/<int:entry_id>/end": LEADS,
    **DAILY_PAGES,
    **CASE_PAGES,
    **ADMIN_PAGES,
    "GET /supervisor/announcements": OVERSEERS,
    "POST /supervisor/announcements": LEADS,
    "GET /supervisor/announcements/<int:announcement_id>/recording": OVERSEERS,
    "POST /supervisor/announcements/<int:announcement_id>/recording": LEADS,
    "POST /supervisor/announcements/<int:announcement_id>/end": LEADS,
    "GET /journal/elders/<int:elder_id>": READERS,
    "GET /journal/workers/<int:worker_id>": OVERSEERS,
    "GET /journal/companies/<int:company_id>": OVERSEERS,
    "GET /journal/elders/<int:elder_id>/export.csv": OVERSEERS,
    "GET /supervisor/visits": OVERSEERS,
    "GET /supervisor/visits/<int:visit_id>": OVERSEERS,
    "GET /supervisor/visits/export.csv": OVERSEERS,
    "POST /supervisor/visits/<int:visit_id>": LEADS,
    "POST /supervisor/visits/exceptions/<int:exception_id>": LEADS,
    "GET /supervisor/certificates": OVERSEERS,
    "POST /supervisor/certificates/workers/<int:worker_id>": LEADS,
    "POST /supervisor/certificates/import": LEADS,
    "POST /supervisor/certificates/workers/<int:worker_id>/vetting": LEADS,
    "POST /supervisor/certificates/<int:certificate_id>/revoke": LEADS,
    **REPORT_PAGES,
    **SUPERVISION_PAGES,
    "GET /supervisor/responses": OVERSEERS,
    "GET /supervisor/responses/weeks.svg": OVERSEERS,
    "GET /supervisor/responses/responses.<form>": OVERSEERS,
    "GET /supervisor/companies": OVERSEERS,
    "GET /supervisor/companies/<int:company_id>": OVERSEERS,
    "GET /supervisor/companies/<int:company_id>/scorecard.svg": OVERSEERS,
    "GET /supervisor/companies/comparison.svg": OVERSEERS,
    "POST /supervisor/companies": LEADS,
    "POST /supervisor/companies/<int:company_id>/suspend": LEADS,
    "POST /supervisor/companies/<int:company_id>/lift": LEADS,
    "POST /supervisor/companies/<int:company_id>/orders/<int:order_id>/reassign": LEADS,
    "POST /supervisor/companies/<int:company_id>/availability": LEADS,
    "POST /supervisor/companies/<int:company_id>/phones": LEADS,
    "POST /supervisor/companies/<int:company_id>/phones/<int:phone_id>/drop": LEADS,
    "POST /supervisor/companies/<int:company_id>/pin": LEADS,
    "GET /supervisor/hours": OVERSEERS,
    "POST /supervisor/hours/week": LEADS,
    "POST /supervisor/hours/exceptions": LEADS,
    "POST /supervisor/hours/exceptions/drop": LEADS,
    "GET /supervisor/items": OVERSEERS,
    "POST /supervisor/items": LEADS,
    "POST /supervisor/items/<int:item_id>/<what>": LEADS,
    "POST /supervisor/hours/duty": LEADS,
    "POST /supervisor/hours/duty/<int:phone_id>": LEADS,
    "POST /supervisor/hours/duty/<int:phone_id>/drop": LEADS,
    "GET /supervisor/prices": OVERSEERS,
    **{f"POST /supervisor/prices/{what}": LEADS for what in PRICES},
    "GET /supervisor/statements": OVERSEERS,
    "POST /supervisor/statements/company": OVERSEERS,
    "POST /supervisor/statements/elder": OVERSEERS,
    "GET /supervisor/prompts": OVERSEERS,
    "GET /supervisor/prompts/<tag>/<name>": OVERSEERS,
    "GET /supervisor/prompts/<tag>/<name>/<which>.wav": OVERSEERS,
    "POST /supervisor/prompts/<tag>/<name>/upload": LEADS,
    "POST /supervisor/prompts/<tag>/<name>/phone": LEADS,
    "POST /supervisor/prompts/<tag>/<name>/drop": LEADS,
    "POST /supervisor/agents": LEADS,
    "POST /supervisor/tickets": LEADS,
    "GET /supervisor": OVERSEERS,
    "POST /supervisor/cases/<int:case_id>/close": LEADS,
    "GET /supervisor/calls": OVERSEERS,
    "GET /supervisor/calls/<call_id>": OVERSEERS,
    "GET /supervisor/orders": OVERSEERS,
    "GET /supervisor/orders/<int:order_id>": READERS,
    "POST /supervisor/orders/<int:order_id>/moves": STAFF,
}
API = {
    **{
        f"GET /api/v1/{name}{rest}": READERS
        for name, rest in (
            ("calls", ""), ("calls", "/<call_id>"), ("calls", "/<call_id>/journey"),
            ("tickets", ""), ("tickets", "/<ticket_id>"), ("agents", ""), ("agents", "/<extension>"),
            ("elders", ""), ("elders", "/<int:elder_id>"), ("orders", ""), ("orders", "/<int:order_id>"),
            ("orders", "/<int:order_id>/decisions"),
            ("providers", ""), ("providers", "/<int:company_id>"), ("visits", ""), ("visits", "/<int:visit_id>"),
            ("providers", ""), ("providers", "/<int:company_id>"), ("providers", "/scorecards"),
            ("providers", "/<int:company_id>/scorecard"), ("providers", "/<int:company_id>/availability"),
            ("visits", ""), ("visits", "/<int:visit_id>"),
            ("callbacks", ""), ("callbacks", "/<int:callback_id>"), ("ratings", ""), ("ratings", "/<int:rating_id>"),
            ("ratings", "/summary"),
            ("cases", ""), ("cases", "/<int:case_id>"), ("hours", ""),
            ("prices", ""), ("prices", "/quotas/<int:elder_id>"),
            ("prompts", ""), ("prompts", "/<name>"),
            ("announcements", ""), ("announcements", "/<int:announcement_id>"),
            ("visit_exceptions", ""), ("certificates", ""), ("certificates", "/uncovered"),
        )
    },
    "GET /api/v1/journal/elders/<int:elder_id>": READERS,
    "GET /api/v1/journal/workers/<int:worker_id>": OVERSEERS,
    "GET /api/v1/journal/companies/<int:company_id>": OVERSEERS,
    "GET /api/v1/elders/<int:elder_id>/consents": READERS,
    "POST /api/v1/elders/<int:elder_id>/consents": STAFF,
    "GET /api/v1/never-call": OVERSEERS,
    "POST /api/v1/never-call": LEADS,
    "POST /api/v1/never-call/<int:entry_id>/end": LEADS,
    "GET /api/v1/callbacks/pace": READERS,
    "GET /api/v1/visits/export": OVERSEERS,
    "POST /api/v1/visits/<int:visit_id>/correct": LEADS,
    "POST /api/v1/visit_exceptions/<int:exception_id>/resolve": LEADS,
    "POST /api/v1/certificates": LEADS,
    "POST /api/v1/certificates/<int:certificate_id>/revoke": LEADS,
    "POST /api/v1/certificates/vetting": LEADS,
    "POST /api/v1/providers": LEADS,
    "POST /api/v1/providers/<int:company_id>/suspend": LEADS,
    "POST /api/v1/providers/<int:company_id>/lift": LEADS,
    "POST /api/v1/providers/<int:company_id>/availability": LEADS,
    "POST /api/v1/providers/<int:company_id>/phones": LEADS,
    "POST /api/v1/providers/<int:company_id>/phones/<int:phone_id>/drop": LEADS,
    "POST /api/v1/providers/<int:company_id>/pin": LEADS,
    "GET /api/v1/sms": OVERSEERS,
    "GET /api/v1/sms/<int:sms_id>": OVERSEERS,
    "POST /api/v1/elders/search": READERS,
    "GET /api/v1/elders/<int:elder_id>/manner": READERS,
    "PATCH /api/v1/elders/<int:elder_id>/manner": STAFF,
    "GET /api/v1/overdue": READERS,
    "POST /api/v1/overdue/<int:escalation_id>/take": STAFF,
    **DAILY_API,
    **ADMIN_API,
    **REPORT_API,
    "POST /api/v1/orders": STAFF,
    "POST /api/v1/orders/quote": STAFF,
    "GET /api/v1/plans": READERS,
    "GET /api/v1/plans/<int:plan_id>": READERS,
    "GET /api/v1/plans/<int:plan_id>/dates": READERS,
    "POST /api/v1/plans": STAFF,
    "POST /api/v1/plans/preview": STAFF,
    "POST /api/v1/plans/<int:plan_id>": STAFF,
    "POST /api/v1/plans/<int:plan_id>/pause": STAFF,
    "POST /api/v1/plans/<int:plan_id>/resume": STAFF,
    "POST /api/v1/plans/<int:plan_id>/skip": STAFF,
    "POST /api/v1/plans/<int:plan_id>/end": STAFF,
    "POST /api/v1/orders/<int:order_id>/cancel": STAFF,
    "POST /api/v1/orders/<int:order_id>/moves": STAFF,
    "POST /api/v1/agents/<extension>/state": STAFF,
    "POST /api/v1/callbacks/<int:callback_id>/cancel": STAFF,
    "GET /api/v1/talks": READERS,
    "GET /api/v1/talks/<call_id>": STAFF,
    "POST /api/v1/talks/<call_id>": STAFF,
    "POST /api/v1/talks/<call_id>/end": STAFF,
    "POST /api/v1/talks/<call_id>/supervise": LEADS,
    "POST /api/v1/tickets/<ticket_id>/move": LEADS,
    "POST /api/v1/callbacks/<int:callback_id>/close": STAFF,
    "POST /api/v1/announcements": LEADS,
    "POST /api/v1/announcements/<int:announcement_id>/end": LEADS,
    "POST /api/v1/hours/week": LEADS,
    "POST /api/v1/hours/exceptions": LEADS,
    "POST /api/v1/hours/exceptions/<string:day>/drop": LEADS,
    "POST /api/v1/hours/duty": LEADS,
    "POST /api/v1/hours/duty/<int:phone_id>": LEADS,
    "POST /api/v1/hours/duty/<int:phone_id>/drop": LEADS,
    **{f"POST /api/v1/prices/{what}": LEADS for what in PRICES},
    "GET /api/v1/statements/companies/<int:company_id>": OVERSEERS,
    "GET /api/v1/statements/elders/<int:elder_id>": OVERSEERS,
    "POST /api/v1/prompts/<name>/recording": LEADS,
    "POST /api/v1/prompts/<name>/recording/drop": LEADS,
    "POST /api/v1/cases/<int:case_id>/close": LEADS,
    "POST /api/v1/cases/<int:case_id>/notes": STAFF,
}  # fmt: skip


def routes(app: Flask) -> set[str]:
    """Every method and rule that the application answers."""
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def address(route: str) -> tuple[str, str]:
    """A method and an address of the route, about nobody who is there."""
    method, rule = route.split()
    rule = re.sub("<int:[a-z_]+>", "999999", rule)
    rule = re.sub("<[a-z_:]+>", "nobody", rule)
    return method, rule


def status(client: FlaskClient, route: str, **how: object) -> int:
    """What the route answers. A stream is closed at once."""
    method, path = address(route)
    answer = client.open(path, method=method, buffered=False, **how)  # type: ignore[arg-type]
    answer.close()
    return answer.status_code


def test_the_table_has_every_route(desk: Desk) -> None:
    assert routes(desk.app) == PUBLIC | set(PAGES) | set(API)
    assert set(ACCESS) == {rule.endpoint for rule in desk.app.url_map.iter_rules()}


@pytest.mark.parametrize("role", ROLES)
def test_pages_by_role(desk: Desk, role: str) -> None:
    client = desk.logged_in(role)
    token = csrf(client, "/") if role in READERS or role == "company" else ""
    for route in sorted(PAGES, key=lambda each: each == "POST /logout"):
        how = {"data": {"csrf_token": token}} if route.startswith("POST") else {}
        refused = status(client, route, **how) == 403
        assert refused == (role not in PAGES[route]), route


@pytest.mark.parametrize("role", ROLES)
def test_api_by_role(desk: Desk, role: str) -> None:
    client, headers = desk.anonymous(), desk.bearer(role)
    for route, allowed in API.items():
        if role == "agent" and route.endswith("/agents/<extension>/state"):
            continue  # Agents may set their own state only: tested with the agents.
        how = {"json": {}} if route.startswith("POST") else {}
        refused = status(client, route, headers=headers, **how) == 403
        assert refused == (role not in allowed), route


def test_strangers_get_nothing(desk: Desk) -> None:
    client = desk.anonymous()
    token = csrf(client, "/login")
    for route in PAGES:
        how = {"data": {"csrf_token": token}} if route.startswith("POST") else {}
        wanted = 302 if route.startswith("GET") and not route.endswith("/live") else 401
        assert status(client, route, **how) == wanted, route
    for route in API:
        how = {"json": {}} if route.startswith("POST") else {}
        assert status(client, route, **how) == 401, route


def test_a_session_opens_no_api_and_a_token_no_page(desk: Desk) -> None:
    assert desk.logged_in("administrator").get("/api/v1/calls").status_code == 401
    assert desk.anonymous().get("/supervisor", headers=desk.bearer("administrator")).status_code == 302


def test_a_route_that_nobody_entered_in_the_table_is_refused(desk: Desk) -> None:
    desk.app = create_app(desk.services)
    desk.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert desk.logged_in("administrator").get("/forgotten").status_code == 403
