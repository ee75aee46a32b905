"""How many elders answered, as a sheet: XLSX, and CSV that Excel opens as it is (UTF-8 with a byte order mark)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import fields
from io import BytesIO, StringIO

from openpyxl import Workbook

from routing.outreach.responses.policy import Counts
from routing.outreach.responses.service import Responses

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
NAMES = tuple(each.name for each in fields(Counts))


def rows_of(found: Responses, words: Mapping[str, str]) -> list[list[str | int]]:
    """Give the rows: what the line is of, its key and name, and the counts. `words` names the columns and groups."""
    rows: list[list[str | int]] = [[words[name] for name in ("group", "key", "name", *NAMES)]]
    days = f"{found.first.isoformat()}/{found.last.isoformat()}"
    rows.append([words["total"], days, "", *_numbers(found.total)])
    for group, lines in (("week", found.weeks), ("kind", found.kinds), ("company", found.companies)):
        rows += [[words[group], _text(each.key), _text(each.name), *_numbers(each.counts)] for each in lines]
    return rows


def as_csv(found: Responses, words: Mapping[str, str]) -> bytes:
    """Write a CSV file."""
    out = StringIO(newline="")
    csv.writer(out).writerows(rows_of(found, words))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(found: Responses, words: Mapping[str, str]) -> bytes:
    """Write a workbook of one sheet."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    for row in rows_of(found, words):
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _numbers(counts: Counts) -> list[int]:
    return [getattr(counts, name) for name in NAMES]


def _text(text: str) -> str:
    """Keep a name from being a formula on the machine of whoever opens the file."""
    return f"'{text}" if text.startswith(_FORMULA) else text
