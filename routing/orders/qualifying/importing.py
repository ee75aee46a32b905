"""Workers' certificates from a table: good rows go in, each bad one is named with what to do, and the same file again
changes nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sqlalchemy import select

from db.elders_import.columns import MissingColumns
from db.elders_import.files import SPOILT, open_table
from db.elders_import.values import Unfit, day
from db.models import Worker, WorkerCertificate
from db.session import UnitOfWork
from routing.errors import DomainError
from routing.orders.qualifying.policy import VETTING
from routing.orders.qualifying.register import LONGEST_KIND, CertificateRegister

BATCH = 250
"""Rows that are looked up together."""
MOST_ROWS = 50_000
"""A file of more is no file of certificates, and ends there."""
LONGEST_NUMBER = 80
_FARTHEST = date(2200, 1, 1)
_WHOLE_DAY = re.compile(r"\d{8}|\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]00:00(?::00)?)?", re.ASCII)
_NO_END = frozenset({"长期", "无", "永久", "none", "no end"})
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "worker": ("护理员编号", "护理员", "工号", "worker", "worker code"),
        "kind": ("证书种类", "证书", "种类", "kind", "certificate"),
        "number": ("证书号", "证书编号", "number"),
        "issued": ("发证日期", "issued"),
        "expires": ("有效期至", "有效到", "到期日期", "expires", "valid until"),
    }
)
"""What a column may be called."""
_NEEDED = ("worker", "kind", "expires")
REASONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "unreadable": ("这一行无法读取，请重新填写", "the row cannot be read; write it anew"),
        "no_worker": (
            "没有这个编号的护理员，请改正编号或先登记",
            "no worker has this code; correct it or register them first",
        ),
        "inactive": (
            "这位护理员已停用，请先启用或删去这一行",
            "the worker is not active; make them active or drop the row",
        ),
        "kind": (
            "证书种类要用一个词，如 care；背景审查另外登记",
            "a kind is one word, as care; vetting is set by itself",
        ),
        "long_number": ("证书号超过 80 个字，请改短", "the number has more than 80 characters; shorten it"),
        "spoilt": (
            "表格软件改动了长数字，请把该列设为文本后重填",
            "the spreadsheet spoilt this number; make the column text",
        ),
        "no_expiry": ("请填有效期；长期有效的填“长期”", "say until when it holds; write none if it does not end"),
        "bad_day": ("日期应写成 2026-03-04", "write a day as 2026-03-04"),
        "ended": ("证书已经过期，请换成新证书", "the certificate has ended; give the one that holds now"),
        "future": ("发证日期在以后，请核对", "it was issued in the future; look at the day"),
        "order": ("有效期早于发证日期，请核对", "it ends before it was issued; look at both days"),
        "same_row": ("与前面的行相同，请删去一行", "an earlier row says the same; drop one"),
        "revoked": (
            "这张证书已被吊销，要恢复请在页面上重新登记",
            "this certificate was revoked; add it on the page if that was wrong",
        ),
        "refused": ("系统没有接受，请看说明", "it was refused; see the reason"),
    }
)
"""Key of a reason, and its sentence in Chinese and English."""


@dataclass(frozen=True)
class BadCertificate:
    """A row that was not taken; `row` is as spreadsheets count. Nothing in it is personal."""

    row: int
    worker: str
    why: str
    detail: str = ""

    def reason(self, language: str = "zh-CN") -> str:
        """Say what is wrong, and what to do."""
        said = REASONS[self.why][0 if language.startswith("zh") else 1]
        return f"{said} {self.detail}".strip()


@dataclass
class CertificatesReport:
    """What an import did: certificates added, rows that were known before, and the rows that were not taken."""

    rows: int = 0
    added: int = 0
    known: int = 0
    bad: list[BadCertificate] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Count the bad rows by reason."""
        return Counter(each.why for each in self.bad)

    def summary(self) -> str:
        """Say what was done, in both languages."""
        return (
            f"共 {self.rows} 行：登记 {self.added}，以前已登记 {self.known}，未登记 {len(self.bad)}\n"
            f"{self.rows} rows: {self.added} added, {self.known} known before, {len(self.bad)} not taken"
        )


@dataclass(frozen=True)
class _Row:
    number: int
    worker: str
    kind: str
    certificate: str
    issued: date | None
    expires: date | None

    @property
    def says(self) -> tuple[str, str, date | None, date | None]:
        return self.kind, self.certificate, self.issued, self.expires


class CertificateImport:
    """Brings files of certificates in; `register` writes and audits each."""

    def __init__(self, reading: UnitOfWork, register: CertificateRegister, today: Callable[[], date]) -> None:
        self._reading = reading
        self._register = register
        self._today = today

    def run(self, path: Path, actor: str, progress: Callable[[int], object] = lambda _rows: None) -> CertificatesReport:
        """Take the certificates of a file; each good row is written by itself, so an import that died is run again.

        Raises UnreadableFile, MissingColumns and OSError before anything is written.
        """
        rows = enumerate(open_table(path).rows, 1)
        columns = _header(next((cells or [] for _, cells in rows), []))
        report, seen = CertificatesReport(), set[tuple[object, ...]]()
        read = self._rows(rows, columns, report)
        while batch := list(islice(read, BATCH)):
            known = self._known([row.worker for row in batch])
            for row in batch:
                again = (row.worker, *row.says) in seen
                seen.add((row.worker, *row.says))
                why, detail = ("same_row", "") if again else self._take(row, known, actor, report)
                if why:
                    report.bad.append(BadCertificate(row.number, row.worker, why, detail))
            progress(len(batch))
        report.bad.sort(key=lambda each: each.row)
        return report

    def _rows(
        self, rows: Iterator[tuple[int, list[str] | None]], columns: Mapping[str, int], report: CertificatesReport
    ) -> Iterator[_Row]:
        for number, cells in islice(rows, MOST_ROWS):
            if cells is not None and not any(cell.strip() for cell in cells):
                continue
            report.rows += 1
            worker = ""
            try:
                if cells is None:
                    raise Unfit("unreadable")  # noqa: TRY301  # All reasons go one way.
                given = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
                worker = given["worker"][:40]
                yield self._read(number, worker, given)
            except Unfit as unfit:
                report.bad.append(BadCertificate(number, "" if worker == SPOILT else worker, unfit.why))

    def _read(self, number: int, worker: str, given: Mapping[str, str]) -> _Row:
        """Read a row by itself. Raises Unfit."""
        certificate, kind = given.get("number", ""), given["kind"]
        if SPOILT in (worker, certificate):
            raise Unfit("spoilt")
        if not kind or len(kind) > LONGEST_KIND or kind == VETTING or re.search(r"[,，\s]", kind):
            raise Unfit("kind")
        if len(certificate) > LONGEST_NUMBER:
            raise Unfit("long_number")
        if not given["expires"]:
            raise Unfit("no_expiry")
        expires = None if given["expires"].lower() in _NO_END else _day(given["expires"])
        issued = _day(given["issued"]) if given.get("issued") else None
        today = self._today()
        if issued is not None and issued > today:
            raise Unfit("future")
        if issued is not None and expires is not None and expires < issued:
            raise Unfit("order")
        if expires is not None and expires < today:
            raise Unfit("ended")
        return _Row(number, worker, kind, certificate, issued, expires)

    def _known(self, codes: Sequence[str]) -> Mapping[str, _Worker]:
        with self._reading() as session:
            workers = session.scalars(select(Worker).where(Worker.code.in_(set(codes)))).all()
            held: dict[int, dict[tuple[object, ...], str]] = {each.id: {} for each in workers}
            theirs = select(WorkerCertificate).where(WorkerCertificate.worker_id.in_(held))
            for row in session.scalars(
                theirs.order_by(WorkerCertificate.state.desc())
            ):  # valid after revoked: it wins.
                says = (row.kind, row.number or "", row.issued, row.expires)
                if held[row.worker_id].get(says) != "valid":  # One that holds beside one that was revoked counts.
                    held[row.worker_id][says] = row.state
            return {each.code: _Worker(each.id, each.active, held[each.id]) for each in workers}

    def _take(
        self, row: _Row, known: Mapping[str, _Worker], actor: str, report: CertificatesReport
    ) -> tuple[str, str]:  # fmt: skip
        """Write one certificate; give why not, if so."""
        worker = known.get(row.worker)
        if worker is None:
            return "no_worker", ""
        state = worker.held.get(row.says)
        if state == "valid":
            report.known += 1
            return "", ""
        if state is not None:
            return "revoked", ""
        if not worker.active:
            return "inactive", ""
        try:
            self._register.add(
                worker.id, row.kind, actor=actor, number=row.certificate, issued=row.issued, expires=row.expires
            )
        except DomainError as refused:
            return "refused", str(refused)
        report.added += 1
        return "", ""


@dataclass(frozen=True)
class _Worker:
    id: int
    active: bool
    held: Mapping[tuple[object, ...], str]
    """State of what they hold, by what a row says of it."""


def _header(cells: Sequence[str]) -> Mapping[str, int]:
    """Give the place of each column that is known. Raises MissingColumns."""
    names = {_plain(name): each for each, names in COLUMNS.items() for name in names}
    found: dict[str, int] = {}
    for at, text in enumerate(cells):
        if (name := names.get(_plain(text))) is not None:
            found.setdefault(name, at)
    missing = [f"{COLUMNS[name][0]} ({COLUMNS[name][-1]})" for name in _NEEDED if name not in found]
    if missing:
        raise MissingColumns(f"缺少列：{'、'.join(missing)} / columns are missing, see the list before this")
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-*:：]", "", unicodedata.normalize("NFKC", text).lower())


def _day(text: str) -> date:
    """Read a whole day. Raises Unfit."""
    try:
        if _WHOLE_DAY.fullmatch(text) is None:
            raise Unfit("bad_day")  # noqa: TRY301  # All reasons go one way.
        return day(text, _FARTHEST)
    except Unfit:
        raise Unfit("bad_day") from None
