"""`elderline never-call`: whom no automatic call rings."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import SQLAlchemyError

from db.elders_import import UnreadableFile
from db.elders_import.files import open_table
from routing.errors import Invalid
from routing.outreach.never_call import REASONS
from scripts.commands.settings import current_settings
from scripts.wiring.outreach import OutreachServices, call_rules
from scripts.wiring.stores import now, open_stores

COLUMNS = {
    "number": ("number", "phone", "号码", "电话", "电话号码"), "reason": ("reason", "原因"),
    "until": ("until", "expires", "到期"), "note": ("note", "备注"),
}  # fmt: skip
IN_CHINESE = {"本人要求": "asked", "住院": "hospital", "传真": "fax", "号码不对": "wrong_number", "其他": "other"}
MOST_FAULTS = 50
_OTHER = "other"


@click.group("never-call")
def never_call_group() -> None:
    """Keep the list of whom never to call."""


@never_call_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Put the numbers of a CSV or XLSX FILE on the list: good rows go in, each bad one is named with what to do.

    Columns: number, and if wanted reason (asked, hospital, fax, wrong_number, other), until (as 2026-12-31) and note. A
    number that stands there already gets the new reason; importing a file again changes nothing.
    """
    stores = open_stores(current_settings())
    listed = OutreachServices(stores, now, call_rules(stores)).never_call
    added, faults = 0, list[tuple[int, str]]()
    try:
        rows = enumerate(open_table(file).rows, 1)
        header = _header(next(rows, (1, None))[1] or [])
        for at, cells in rows:
            if cells is None:
                faults.append((at, "this row cannot be read: write it anew"))
                continue
            given = {name: cells[index].strip() for name, index in header.items() if index < len(cells)}
            if not any(given.values()):
                continue
            try:
                listed.add(
                    reason=_reason(given.get("reason", "")), by="import", number=given.get("number", ""),
                    note=given.get("note", ""), expires_at=_until(given.get("until", ""), stores.settings.zone),
                )  # fmt: skip
                added += 1
            except Invalid as error:
                faults.append((at, str(error)))
    except (UnreadableFile, OSError) as error:
        raise click.ClickException(str(error)) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            f"the database failed ({type(error).__name__}); the rows before are in, run the import again"
        ) from error
    click.echo(f"名单 {added}，有误 {len(faults)}\nlisted {added}, wrong {len(faults)}")
    for at, why in faults[:MOST_FAULTS]:
        click.echo(f"  行 row {at}: {why}")
    if faults:
        raise SystemExit(1)


def _header(cells: list[str]) -> dict[str, int]:
    names = [cell.strip().lower() for cell in cells]
    found = {
        name: names.index(known) for name, also in COLUMNS.items() for known in also if known in names
    }  # fmt: skip
    if "number" not in found:
        raise click.ClickException("the file needs a column `number` (号码): name it in the first row")
    return found


def _reason(text: str) -> str:
    reason = IN_CHINESE.get(text, text.lower()) or _OTHER
    if reason not in REASONS:
        raise Invalid(f"the reason is one of {', '.join(REASONS)}")
    return reason


def _until(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59), tzinfo=zone) if text else None
    except ValueError:
        raise Invalid("write the day as 2026-12-31") from None
