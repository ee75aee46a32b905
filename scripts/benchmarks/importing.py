"""A register of 50,000 elders by the way of the page: handed over, checked, taken; and what a call waits meanwhile.

The worker that checks and takes is a process of its own, as in the house. Beside it another process writes a step of a
call again and again, each in a transaction, and one looks at the progress as the page does: on SQLite there is one
writer at a time, so the longest of these writes is what a caller's order waits at most.
"""

from __future__ import annotations

import io
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import migrate
from db.encryption import FieldCipher, new_key
from db.models import JourneyEvent
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work
from routing.elders.entry import elders_number
from routing.elders.imports import MOST_BYTES, MOST_ROWS, ElderImports
from scripts.benchmarks.ring import quantile
from scripts.benchmarks.searching import Made

_HEADER = (
    "编号",
    "姓名",
    "性别",
    "出生日期",
    "身份证号",
    "电话",
    "街道",
    "地址",
    "健康状况",
    "联系人",
    "与老人关系",
    "联系人电话",
)
_NOTES = ("", "高血压", "糖尿病，每天两次胰岛素", "冠心病，装有支架", "腿脚不便，用助行器")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PAUSE_SECONDS = 0.02
"""Between two writes of the call's step, and five times as long between two looks."""
_ALONE_SECONDS = 10.0
"""How long it writes before anything is checked: what the machine itself makes a write wait."""
_SEED = 20260318

Figures = dict[str, float]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Work:
    """What the worker's process took: seconds, and the memory that it held at most."""

    seconds: float
    megabytes: float
    held_ms: float
    """The longest transaction: so long the others waited for it, the rest is the machine's."""


def workbook(rows: int) -> bytes:
    """Make a register as an office keeps it, with made-up people, one contact each."""
    chance = random.Random(_SEED)  # noqa: S311  # The same town in each run, no secret.
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(_HEADER)
    for at in range(rows):
        each = Made(at, chance)
        born = date(1930, 1, 1) + timedelta(days=chance.randrange(10_000))
        sheet.append((
            f"R{at:06d}", each.name, "女" if at % 2 else "男", born.isoformat(), _identity(at, born),
            "0931" + each.number[-7:], each.district, each.address, chance.choice(_NOTES),
            each.name[0] + chance.choice("建国强伟磊"), "子女", f"139{chance.randrange(10**8):08d}",
        ))  # fmt: skip
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _identity(at: int, born: date) -> str:
    """Give a number with the right check digit (GB 11643), odd for men."""
    digits = f"620102{born:%Y%m%d}{at % 500 * 2 + (at + 1) % 2:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def run(urls: Mapping[str, str], say: Say, rows: int = MOST_ROWS) -> dict[str, Figures]:
    """Measure on each database of `urls`, which is migrated here. Raises RuntimeError if not all came in."""
    content = workbook(rows)
    if len(content) > MOST_BYTES:
        raise RuntimeError(f"the register takes {len(content)} bytes, more than the page takes")
    return {name: _measure(name, url, content, rows, say) for name, url in urls.items()}


def _measure(name: str, url: str, content: bytes, rows: int, say: Say) -> Figures:
    migrate.upgrade(url)
    keys = (new_key(), new_key())
    cipher = FieldCipher(*keys)
    engine = make_engine(url, cipher)
    imports = _imports(make_unit_of_work(engine), make_reading(engine), cipher)
    figures: Figures = {}
    number = 0
    try:
        alone = Beside(url, keys, imports.hand_over("名单.xlsx", content, "user:1"))
        threading.Event().wait(_ALONE_SECONDS)
        alone.stop()
        imports.discard(1, "user:1")
        figures |= {"alone_write_ms_p99": alone.write_ms(0.99), "alone_write_ms_most": alone.write_ms(1.0)}
        say(f"{name:>13}, alone: a call's write p99 {alone.write_ms(0.99)}, at most {alone.write_ms(1.0)} ms")
        for step in ("check", "take", "again"):
            if step == "take":
                imports.confirm(number, "user:1")
            else:
                number = imports.hand_over("名单.xlsx", content, "user:1")
            beside = Beside(url, keys, number)
            try:
                with ProcessPoolExecutor(1, get_context("spawn")) as process:
                    work = process.submit(_work_off, url, keys).result()
            finally:
                beside.stop()
            row = imports.get(number)
            counted = row.unchanged if step == "again" else row.added
            if counted != rows:
                raise RuntimeError(f"{step}: {counted} of {rows} rows, {row.state} {row.trouble} {row.sheet[:200]}")
            figures |= {
                f"{step}_held_ms_most": work.held_ms,
                f"{step}_seconds": round(work.seconds, 1), f"{step}_mb": round(work.megabytes, 1),
                f"{step}_write_ms_p50": beside.write_ms(0.5), f"{step}_write_ms_p99": beside.write_ms(0.99),
                f"{step}_write_ms_most": beside.write_ms(1.0), f"{step}_looks": float(len(beside.looks)),
            }  # fmt: skip
            say(
                f"{name:>13}, {step:>5}: {work.seconds:.1f} s for {rows:,} rows, {work.megabytes:.0f} MB; a call's"
                f" write meanwhile p50 {beside.write_ms(0.5)}, p99 {beside.write_ms(0.99)}, at most"
                f" {beside.write_ms(1.0)} ms of {beside.count}; the longest transaction {work.held_ms} ms; progress"
                f" seen in {len(beside.looks)} steps, a look at most {beside.look_ms:.0f} ms"
            )
    finally:
        engine.dispose()
    return figures


def _imports(unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher) -> ElderImports:
    return ElderImports(
        unit_of_work, reading, lambda: datetime.now(UTC), cipher, normalise=elders_number("CN", "0931"),
        zone=ZoneInfo("Asia/Shanghai"),
    )  # fmt: skip


def _work_off(url: str, keys: tuple[str, str]) -> Work:
    """Do what waits in this process, as the worker does."""
    cipher = FieldCipher(*keys)
    engine = make_engine(url, cipher)
    held: list[float] = []
    imports = _imports(_timed(make_unit_of_work(engine), held), make_reading(engine), cipher)
    began = time.perf_counter()
    imports.work_off()
    seconds = time.perf_counter() - began
    engine.dispose()
    return Work(seconds, _peak_kilobytes() / 1000, round(max(held), 1))


def _timed(unit_of_work: UnitOfWork, held: list[float]) -> UnitOfWork:
    """Give units of work of which the milliseconds from the lock to the end are noted."""

    @contextmanager
    def timed() -> Iterator[Session]:
        began = 0.0
        try:
            with unit_of_work() as session:
                session.connection()  # It begins: on SQLite the lock is ours from here.
                began = time.perf_counter()
                yield session
        finally:
            held.append((time.perf_counter() - began) * 1000 if began else 0.0)

    return timed


def _peak_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


class Beside:
    """Writes steps of a call and looks at the progress, until it is stopped; whatever fails is said at the end."""

    def __init__(self, url: str, keys: tuple[str, str], number: int) -> None:
        self._cipher = FieldCipher(*keys)
        self._engine = make_engine(url, self._cipher)
        self._number = number
        self._stopped = threading.Event()
        self._troubles: list[Exception] = []
        self._writes: list[float] = []
        self.looks: set[int] = set()
        """How far it was, each time that it was further."""
        self.look_ms = 0.0
        """The longest look."""
        self._threads = [threading.Thread(target=self._go, args=(each,)) for each in (self._write, self._look)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End it. Raises what went wrong in it, a lock that was not had in time above all."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._engine.dispose()
        if self._troubles:
            raise self._troubles[0]

    def write_ms(self, share: float) -> float:
        """Give how long a write took, of the slowest `share` of them: 1 is the longest."""
        return quantile(sorted(self._writes), share) or 0.0

    @property
    def count(self) -> int:
        """Writes."""
        return len(self._writes)

    def _go(self, what: Callable[[], None]) -> None:
        try:
            what()
        except SQLAlchemyError as error:
            self._troubles.append(error)

    def _write(self) -> None:
        unit_of_work = make_unit_of_work(self._engine)
        while not self._stopped.wait(_PAUSE_SECONDS):
            began = time.perf_counter()
            with unit_of_work() as work:
                work.add(JourneyEvent(call_id="bench", at=datetime.now(UTC), what="bench.written"))
            self._writes.append((time.perf_counter() - began) * 1000)

    def _look(self) -> None:
        imports = _imports(make_unit_of_work(self._engine), make_reading(self._engine), self._cipher)
        while not self._stopped.wait(5 * _PAUSE_SECONDS):
            began = time.perf_counter()
            self.looks.add(imports.get(self._number).read)
            self.look_ms = max(self.look_ms, (time.perf_counter() - began) * 1000)
