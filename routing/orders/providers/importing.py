"""Companies from a table: good rows go in, each bad one is named with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from routing.errors import DomainError, Invalid
from routing.orders.providers.register import CodeTaken, CompanyRegister, NewCompany

COLUMNS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "code": frozenset({"code", "代码", "编号"}),
        "name": frozenset({"name", "名称", "服务商"}),
        "phone": frozenset({"phone", "电话"}),
        "items": frozenset({"items", "服务项目"}),
        "districts": frozenset({"districts", "街道"}),
        "daily_capacity": frozenset({"daily_capacity", "capacity", "每日张数"}),
        "latitude": frozenset({"latitude", "纬度"}),
        "longitude": frozenset({"longitude", "经度"}),
    }
)
"""What a column may be called."""
NEEDED = ("code", "name", "phone", "items")
LONGEST = 400
"""Characters of a cell."""


@dataclass(frozen=True)
class Fault:
    """A row that did not go in; `row` counts from 1, as a spreadsheet does."""

    row: int
    code: str
    reason: str


@dataclass(frozen=True)
class Imported:
    """What became of a file. `known` were there already under the same name, and stay as they are."""

    added: int
    known: int
    faults: tuple[Fault, ...]


def import_companies(rows: Iterable[Sequence[str] | None], register: CompanyRegister) -> Imported:
    """Add the companies of a table; None is a row that cannot be read. Importing a file again changes nothing.

    Raises Invalid for a table without the columns that must be there.
    """
    numbered = enumerate(rows, start=1)
    columns = _header(numbered)
    added = known = 0
    faults: list[Fault] = []
    for number, cells in numbered:
        if cells is not None and not any(cell.strip() for cell in cells):
            continue
        told = _told(cells, columns) if cells is not None else {}
        code = told.get("code", "")
        try:
            if cells is None:
                raise Invalid("this row cannot be read: save the file anew as CSV in UTF-8")
            register.add(_company(told))
            added += 1
        except CodeTaken as taken:
            if taken.name == told["name"]:
                known += 1
            else:
                faults.append(Fault(number, code, str(taken)))
        except DomainError as wrong:
            faults.append(Fault(number, code, str(wrong)))
    return Imported(added, known, tuple(faults))


def _header(numbered: Iterator[tuple[int, Sequence[str] | None]]) -> dict[str, int]:
    for _number, cells in numbered:
        if cells is None or not any(cell.strip() for cell in cells):
            continue
        heads = [cell.strip().lower() for cell in cells]
        columns = {name: at for name, names in COLUMNS.items() for at, head in enumerate(heads) if head in names}
        missing = [name for name in NEEDED if name not in columns]
        if missing:
            raise Invalid(f"the first row names the columns, and {', '.join(missing)} are not among them")
        return columns
    raise Invalid("the file is empty: its first row names the columns")


def _told(cells: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    return {name: cells[at].strip()[:LONGEST] for name, at in columns.items() if at < len(cells)}


def _company(told: Mapping[str, str]) -> NewCompany:
    return NewCompany(
        told.get("code", ""), told.get("name", ""), told.get("phone", ""), _list(told, "items"),
        _list(told, "districts"), int(_number(told, "daily_capacity", whole=True) or 0)
        if told.get("daily_capacity") else 100,
        _number(told, "latitude"), _number(told, "longitude"),
    )  # fmt: skip


def _list(told: Mapping[str, str], name: str) -> tuple[str, ...]:
    given = told.get(name, "")
    for comma in "，、;；":
        given = given.replace(comma, ",")
    return tuple(each.strip() for each in given.split(",") if each.strip())


def _number(told: Mapping[str, str], name: str, *, whole: bool = False) -> float | None:
    given = told.get(name, "")
    if not given:
        return None
    try:
        return int(given) if whole else float(given)
    except ValueError:
        raise Invalid(f"{name} is a {'whole ' if whole else ''}number, not {given[:20]!r}") from None
