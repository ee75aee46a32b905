"""The application factory: settings of Flask, the guard, the error pages, and every blueprint."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from redis.backoff import NoBackoff
from redis.retry import Retry

from agent_console import health, home, languages, live, login
from agent_console.access import guard_routes
from agent_console.admin import (
    audit_page,
    departures_page,
    elders_page,
    imports_page,
    merges_page,
    photos_page,
    settings_page,
    sms_texts_page,
    users_page,
)
from agent_console.api import register_api
from agent_console.browser_policy import policy
from agent_console.companies import certificates_page, companies_page, company_changes, keeping_page, portal
from agent_console.desk import (
    bulletin_board,
    cards_page,
    own_scores,
    register_form,
    softphone,
    sos_page,
    talk_pane,
    tasks_page,
    worklist,
)
from agent_console.desk import page as desk
from agent_console.desk.recording_requests import let_recordings_in
from agent_console.english_names import named
from agent_console.identity import BY_THEMSELVES
from agent_console.languages import equip_languages
from agent_console.line import announcements_page, demo_phone_page, hours_page, menus_page, prompts_page
from agent_console.navigation import equip_navigation
from agent_console.orders import (
    items_page,
    order_page,
    overdue_page,
    plans_page,
    prices_page,
    statements_page,
    visits_page,
)
from agent_console.orders.payers import name_payers
from agent_console.outreach import (
    campaigns_page,
    journal_page,
    medicine_page,
    outreach_page,
    responses_page,
    sms_push,
    sms_webhook,
    wellbeing_page,
)
from agent_console.problems import answer_errors
from agent_console.reports import page as reports_page
from agent_console.reports import schedules_page
from agent_console.services import ConsoleServices, attach, console_services, follow_settings
from agent_console.supervision import (
    big_board,
    bulletins_page,
    leading,
    quality_page,
    recordings_page,
    score_form_page,
    talks_page,
)
from agent_console.supervision import page as supervision
from agent_console.texts import equip_templates

_API_LIMIT = "6000 per minute"  # From one address: ten times what fifty wallboards would ask by hand.
_LIMIT_STORE: Any = {"socket_timeout": 3, "socket_connect_timeout": 3, "retry": Retry(NoBackoff(), 1)}
"""redis-py's own retries would hold every request for seconds while Redis is down."""
_LARGEST_BODY = 1_000_000  # Bytes; the largest form is an order with a note.


class ConsoleSessions(SecureCookieSessionInterface):
    """Sessions end unless a person asks for something; what pages ask by themselves does not count."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return request.endpoint not in BY_THEMSELVES and super().should_set_cookie(app, session)


def create_app(services: ConsoleServices) -> Flask:
    """Make the console on `services`. Nothing connects until the first request.

    Raises ValueError when ELDERLINE_SESSION_KEY is missing or shorter than 32 characters.
    """
    settings = services.settings
    key = settings.session_key.get_secret_value()
    if len(key) < 32:
        raise ValueError("ELDERLINE_SESSION_KEY needs 32 characters or more; ./scripts/up makes one in var/secrets.env")
    app = Flask(__name__)
    app.session_interface = ConsoleSessions()
    app.config.update(
        SECRET_KEY=key,
        # Browsers share cookies among ports: two instances on one machine must not end each other's sessions.
        SESSION_COOKIE_NAME=f"elderline-{settings.web_port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # A browser sends no Secure cookie over the plain http that development runs on.
        SESSION_COOKIE_SECURE=not settings.development,
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=settings.session_minutes),
        MAX_CONTENT_LENGTH=_LARGEST_BODY,
        WTF_CSRF_TIME_LIMIT=None,  # A form is good for as long as its session.
        WTF_CSRF_CHECK_DEFAULT=True,
    )
    if isinstance(app.json, DefaultJSONProvider):
        app.json.ensure_ascii = False  # Chinese as Chinese: shorter, and people read it.
    attach(services, app.extensions)
    equip_languages(app, settings)
    equip_templates(app, settings)
    app.jinja_env.filters["named"] = named
    equip_navigation(app)
    cards_page.read_cards(settings)
    name_payers(app)
    app.before_request(follow_settings)
    app.before_request(let_recordings_in)
    csrf = CSRFProtect(app)
    guard_routes(app)
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=settings.redis,
        storage_options=_LIMIT_STORE,
        key_prefix="elderline:limits",
        in_memory_fallback_enabled=True,  # Without Redis each process counts for itself.
        headers_enabled=False,
    )
    limiter.limit(login.LIMIT, methods=["POST"])(login.blueprint)
    limiter.limit(sms_webhook.LIMIT)(sms_webhook.blueprint)
    limiter.limit(sms_push.LIMIT)(sms_push.blueprint)
    csrf.exempt(sms_push.blueprint)  # A machine calls it, without a session that could be misused.
    for part in (
        login,
        languages,
        home,
        health,
        sms_push,
        sms_webhook,
        live,
        desk,
        softphone,
        register_form,
        talk_pane,
        sos_page,
        tasks_page,
        cards_page,
        worklist,
        overdue_page,
        outreach_page,
        campaigns_page,
        wellbeing_page,
        medicine_page,
        supervision,
        big_board,
        order_page,
        leading,
        quality_page,
        score_form_page,
        recordings_page,
        own_scores,
        talks_page,
        bulletins_page,
        bulletin_board,
        hours_page,
        menus_page,
        prices_page,
        items_page,
        statements_page,
        prompts_page,
        announcements_page,
        demo_phone_page,
        visits_page,
        certificates_page,
        plans_page,
        responses_page,
        reports_page,
        schedules_page,
        companies_page,
        company_changes,
        journal_page,
        users_page,
        merges_page,
        elders_page,
        photos_page,
        departures_page,
        settings_page,
        sms_texts_page,
        keeping_page,
        imports_page,
        audit_page,
        portal,
    ):
        app.register_blueprint(part.blueprint)
    for blueprint in register_api(app):
        limiter.limit(_API_LIMIT)(blueprint)
        csrf.exempt(blueprint)  # Only bearer tokens count there, and no page of another site can send one.
    answer_errors(app)
    app.after_request(_headers)
    return app


def _headers(response: Response) -> Response:
    """Say what browsers may do with our answers: no script of others, no frames, no copies of personal data."""
    response.headers.setdefault("Content-Security-Policy", policy())
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")  # For browsers that know no frame-ancestors.
    response.headers.setdefault("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
    if not console_services().settings.development:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
