"""Certificates from files: good rows once, each bad one named with what to do."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import Workbook

from db.elders_import import MissingColumns, UnreadableFile
from db.elders_import.files import SPOILT
from db.models import AuditEntry, Worker, WorkerCertificate
from routing.orders.qualifying.importing import REASONS, CertificateImport, CertificatesReport
from tests.routing.town import MORNING, Town

HEADER = ["护理员编号", "证书种类", "证书号", "发证日期", "有效期至"]
BAD = {
    "no_worker": ["W99", "food", "1", "", "长期"], "kind": ["W01", "food care", "1", "", "长期"],
    "spoilt": ["W01", "food", SPOILT, "", "长期"], "long_number": ["W01", "food", "1" * 81, "", "长期"],
    "no_expiry": ["W01", "food", "1", "", ""], "bad_day": ["W01", "food", "1", "", "2026-02-30"],
    "ended": ["W01", "food", "1", "", "2026-03-03"], "future": ["W01", "food", "1", "2026-03-05", "2027-01-01"],
    "order": ["W01", "food", "1", "2026-01-05", "2026-01-04"], "inactive": ["W02", "food", "1", "", "长期"],
    "same_row": ["W01", "food", "7", "2025-01-01", "2029/02/28"], "revoked": ["W03", "old", "9", "", "2030-01-01"],
}  # fmt: skip


def run(town: Town, path: Path) -> CertificatesReport:
    return CertificateImport(town.reading, town.certificates, lambda: town.clock().date()).run(path, "user:1")


def written(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def food(town: Town) -> list[WorkerCertificate]:
    return [row for row in town.rows(WorkerCertificate) if row.kind == "food"]


def test_good_rows_go_in_once_and_every_kind_of_bad_row_is_named(any_town: Town, tmp_path: Path) -> None:
    town = any_town
    with town.unit_of_work() as session:
        session.get_one(Worker, town.worker_id("W02")).active = False
    old = town.certificates.add(
        town.worker_id("W03"),
        "old",
        actor="user:1",
        number="9",
        expires=MORNING.date().replace(year=2030, month=1, day=1),
    )
    town.certificates.revoke(old.id, "假的", "user:1")
    good = [["W01", "food", "7", "2025-01-01", "2029-02-28"], ["W05", "food", "", "", "长期"]]
    path = written(tmp_path / "a.csv", good + list(BAD.values()))
    done = run(town, path)
    assert (done.rows, done.added, done.known) == (len(good) + len(BAD), 2, 0)
    assert sorted(each.why for each in done.bad) == sorted(BAD)
    assert all(each.reason("zh-CN") and each.reason("en") for each in done.bad)
    assert set(REASONS) - set(BAD) == {"unreadable", "refused"}
    first, second = food(town)
    assert (first.number, str(first.issued), str(first.expires), first.checked_by) == (
        "7",
        "2025-01-01",
        "2029-02-28",
        "user:1",
    )
    assert (second.number, second.expires) == (None, None)
    again = run(town, path)
    assert (again.added, again.known, len(again.bad)) == (0, 2, len(BAD)), "the same file again changes nothing"
    assert len(food(town)) == 2
    added = [row.subject for row in town.rows(AuditEntry) if row.action == "certificate.added"]
    assert added[1:] == [f"worker:{town.worker_id(code)}" for code in ("W01", "W05")]


def test_what_is_renewed_is_another_certificate(town: Town, tmp_path: Path) -> None:
    run(town, written(tmp_path / "a.csv", [["W01", "food", "7", "2025-01-01", "2026-12-31"]]))
    run(town, written(tmp_path / "b.csv", [["W01", "food", "7", "2025-01-01", "2028-12-31"]]))
    assert sorted(str(row.expires) for row in food(town)) == ["2026-12-31", "2028-12-31"]


def test_a_workbook_with_its_days_as_days(town: Town, tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["Worker code", "Kind", "Number", "Issued", "Expires"])
    book.active.append(["W01", "food", "7", MORNING.replace(tzinfo=None, year=2025), MORNING.date().replace(year=2028)])
    book.active.append([None, None, None, None, None])
    book.active.append(["W05", "food", 12345678901234567890, None, "none"])
    book.save(tmp_path / "a.xlsx")
    done = run(town, tmp_path / "a.xlsx")
    assert (done.rows, done.added, [each.why for each in done.bad]) == (2, 1, ["spoilt"])
    assert str(food(town)[0].expires) == "2028-03-04"


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", UnreadableFile, "empty"), ("姓名,电话\n".encode(), MissingColumns, "护理员编号"),
        (b"PK\x03\x04rubbish", UnreadableFile, "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_table_of_certificates_is_refused_as_a_whole(
    town: Town, tmp_path: Path, content: bytes, error: type[Exception], says: str
) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(error, match=says):
        run(town, tmp_path / "a.csv")
    assert food(town) == []
