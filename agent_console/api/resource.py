"""One resource of the API: a typed face on flask-smorest, which has no types of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema

Params = ParamSpec("Params")
Answer = TypeVar("Answer")
View = Callable[Params, Answer]


class Resource:
    """Routes under one name; each says what it takes and answers, and so writes its part of the OpenAPI document."""

    def __init__(self, name: str, description: str) -> None:
        self.name = name
        self.blueprint = Blueprint(f"api_{name}", __name__, description=description)

    def get(
        self,
        rule: str,
        answers: type[Schema],
        *,
        query: type[Schema] | None = None,
        refuses: Mapping[int, str] | None = None,
    ) -> Callable[[View[Params, Answer]], View[Params, Answer]]:
        """Answer GET; what `query` read is the view's first argument."""
        return self._route("GET", rule, answers, 200, {"query": query}, refuses)

    def get_file(
        self, rule: str, content_type: str, *, query: type[Schema] | None = None
    ) -> Callable[[View[Params, Answer]], View[Params, Answer]]:
        """Answer GET with a file, which the view writes; what `query` read is the view's first argument."""

        def register(view: View[Params, Answer]) -> View[Params, Answer]:
            wrapped: Any = view
            if query is not None:
                wrapped = self.blueprint.arguments(query, location="query")(wrapped)
            file = {"type": "string", "format": "binary"}
            answered = self.blueprint.response(200, file, content_type=content_type)
            self.blueprint.route(rule, methods=["GET"])(answered(wrapped))
            return view

        return register

    def post(
        self,
        rule: str,
        answers: type[Schema],
        *,
        body: type[Schema],
        headers: type[Schema] | None = None,
        status: int = 200,
        refuses: Mapping[int, str] | None = None,
    ) -> Callable[[View[Params, Answer]], View[Params, Answer]]:
        """Answer POST; what `headers` and then `body` read are the view's first arguments."""
        return self._route("POST", rule, answers, status, {"headers": headers, "json": body}, refuses)

    def patch(
        self, rule: str, answers: type[Schema], *, body: type[Schema], refuses: Mapping[int, str] | None = None
    ) -> Callable[[View[Params, Answer]], View[Params, Answer]]:
        """Answer PATCH; what `body` read is the view's first argument."""
        return self._route("PATCH", rule, answers, 200, {"json": body}, refuses)

    def _route(  # noqa: PLR0917  # What the public ways gather.
        self,
        method: str,
        rule: str,
        answers: type[Schema],
        status: int,
        reads: Mapping[str, type[Schema] | None],
        refuses: Mapping[int, str] | None,
    ) -> Callable[[View[Params, Answer]], View[Params, Answer]]:
        def register(view: View[Params, Answer]) -> View[Params, Answer]:
            wrapped: Any = view
            for location, schema in reversed(list(reads.items())):
                if schema is not None:
                    wrapped = self.blueprint.arguments(schema, location=location)(wrapped)
            for code, why in (refuses or {}).items():
                wrapped = self.blueprint.alt_response(code, description=why)(wrapped)
            self.blueprint.route(rule, methods=[method])(self.blueprint.response(status, answers)(wrapped))
            return view  # Undecorated, so that whoever calls it in Python gets what it returns.

        return register
