"""The JSON API under /api/v1: one file a resource, and an OpenAPI document that the routes themselves write."""

from __future__ import annotations

from flask import Blueprint as FlaskBlueprint
from flask import Flask, Response, jsonify
from flask_smorest import Api

from agent_console.api import (
    agents,
    announcements,
    callbacks,
    calls,
    campaigns,
    cases,
    certificates,
    consents,
    hours,
    journal,
    medicine,
    never_call,
    order_moves,
    overdue,
    plans,
    prices,
    prompts,
    ratings,
    reports,
    scorecards,
    sms,
    statements,
    talks,
    tickets,
    visit_exceptions,
    visits,
    wellbeing,
)
from agent_console.api.schemas import ProblemSchema

PREFIX = "/api/v1"

_DESCRIPTION = (
    "Calls, tickets, agents, elders and work orders of an Elderline hotline. Errors are RFC 9457 problem documents; "
    "times ISO 8601 with offset; telephone numbers E.164; money in fen."
)
_RESOURCES = (
    calls,
    tickets,
    agents,
    consents,  # With elders and manners: one resource, in files of their own.
    never_call,
    order_moves,  # The same resource as orders, in a file of its own.
    overdue,
    campaigns,
    wellbeing,
    medicine,
    plans,
    scorecards,
    visits,
    callbacks,
    ratings,
    sms,
    cases,
    talks,
    hours,
    journal,
    prices,
    statements,
    reports,
    prompts,
    announcements,
    visit_exceptions,
    certificates,
)


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest has no types.
    """flask-smorest, but errors are the application's problem documents."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave errors to agent_console.problems."""


def register_api(app: Flask) -> list[FlaskBlueprint]:
    """Register every resource and the OpenAPI document; give their blueprints."""
    app.config.update(
        API_TITLE="Elderline",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={
            "info": {"description": _DESCRIPTION},
            "security": [{"bearer": []}],
        },
    )  # fmt: skip
    api = ProblemApi(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    resources = [module.resource for module in _RESOURCES]
    for resource in resources:
        api.register_blueprint(resource.blueprint, url_prefix=f"{PREFIX}/{resource.name}")
    document = FlaskBlueprint("api", __name__, url_prefix=PREFIX)

    @document.get("/openapi.json")
    def openapi() -> Response:
        """The OpenAPI document."""
        return jsonify(_with_problems(api.spec.to_dict()))

    app.register_blueprint(document)
    return [*(resource.blueprint for resource in resources), document]


def _with_problems(spec: dict[str, object]) -> dict[str, object]:
    """Give the media type of errors as it is: application/problem+json."""
    components = spec.get("components")
    responses = components.get("responses", {}) if isinstance(components, dict) else {}
    for response in responses.values():
        content = response.get("content", {})
        if "application/json" in content:
            content["application/problem+json"] = content.pop("application/json")
    return spec
