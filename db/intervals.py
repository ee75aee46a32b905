"""The time between two instants, in SQL that both databases understand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class seconds_between(FunctionElement[float]):  # noqa: N801  # Named as the SQL function that it stands for.
    """`seconds_between(earlier, later)`: seconds as a float, negative if they are the other way round."""

    inherit_cache = True
    type = Float()


@compiles(seconds_between)
def _postgresql(element: seconds_between, compiler: SQLCompiler, **kwargs: Any) -> str:
    earlier, later = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({later} - {earlier})) AS FLOAT)"


@compiles(seconds_between, "sqlite")
def _sqlite(element: seconds_between, compiler: SQLCompiler, **kwargs: Any) -> str:
    earlier, later = (compiler.process(each, **kwargs) for each in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"
