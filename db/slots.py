"""Quarters of an hour since 1970, in SQL that both databases understand: what reports are counted by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class quarter_of(FunctionElement[int]):  # noqa: N801  # Named as the SQL function that it stands for.
    """`quarter_of(at)`: the number of the quarter of an hour, since 1970 in UTC, in which an instant lies."""

    inherit_cache = True
    type = Integer()


class second_of(FunctionElement[int]):  # noqa: N801
    """`second_of(at)`: whole seconds since 1970."""

    inherit_cache = True
    type = Integer()


@compiles(quarter_of)
def _postgresql(element: quarter_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **kwargs)}) / 900) AS INTEGER)"


@compiles(quarter_of, "sqlite")
def _sqlite(element: quarter_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"(CAST(strftime('%s', {compiler.process(element.clauses, **kwargs)}) AS INTEGER) / 900)"


@compiles(second_of)
def _seconds_postgresql(element: second_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"CAST(FLOOR(EXTRACT(EPOCH FROM {compiler.process(element.clauses, **kwargs)})) AS BIGINT)"


@compiles(second_of, "sqlite")
def _seconds_sqlite(element: second_of, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **kwargs)}) AS INTEGER)"
