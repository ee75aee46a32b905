"""`elderline orders import` and `elderline certificates import`, as whoever types them sees them."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook
from sqlalchemy import func, select

from db.demo import DEMO, load
from db.demo_people import ELDERS
from db.encryption import new_key
from db.migrate import upgrade
from db.models import CompanyDay, Elder, Order, OrderEvent, WorkerCertificate
from routing.settings import Settings
from scripts.cli import elderline
from scripts.wiring.stores import Stores, now, open_stores
from tests.waiting import until

HEADER = ["外部单号", "老人编号", "服务项目", "上门时间", "备注", "再要一份", "仍然下单"]
KEYS = {"ELDERLINE_FIELD_KEY": new_key(), "ELDERLINE_INDEX_KEY": new_key()}
WANG, QUIET = DEMO.wang.code, DEMO.quiet.code


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """An instance of its own with the demo's people, one of whom has died; its settings are in the environment."""
    for name, value in {
        **KEYS,
        "ELDERLINE_VAR_DIR": str(tmp_path),
        "ELDERLINE_REDIS_URL": "redis://127.0.0.1:1/0",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings(
        var_dir=tmp_path, field_key=KEYS["ELDERLINE_FIELD_KEY"], index_key=KEYS["ELDERLINE_INDEX_KEY"],
        redis_url="redis://127.0.0.1:1/0",
    )  # fmt: skip
    upgrade(settings.database)
    found = open_stores(settings)
    load(found.unit_of_work, found.cipher, extensions=range(0), hash_password=str)
    with found.unit_of_work() as work:
        work.scalars(select(Elder).where(Elder.code == QUIET)).one().state = "deceased"
    return found


def soon(hours: int = 0) -> str:
    return f"{now() + timedelta(days=2, hours=hours):%Y-%m-%d %H:%M}"


def rows_of_all_kinds() -> dict[str, list[str]]:
    """A row for each reason why an order is not placed, by the words that name it."""
    due = soon()
    return {
        "没有外部单号": ["", WANG, "meal", due], "超过 80 个字": ["x" * 81, WANG, "meal", due],
        "没有这个编号的老人": ["b1", "NOBODY", "meal", due], "老人不在册": ["b2", QUIET, "meal", due],
        "没有这个服务项目": ["b3", WANG, "飞行", due], "上门时间应写成": ["b4", WANG, "meal", "明天"],
        "上门时间已过": ["b5", WANG, "meal", "2020-01-01 08:00"], "一年以后": ["b6", WANG, "meal", "2999-01-01 08:00"],
        "没有服务商服务": ["b7", WANG, "repair", due], "备注超过": ["b8", WANG, "meal", due, "长" * 2001],
        "应填“是”或“否”": ["b9", WANG, "meal", due, "", "大概"], "与前面的行相同": ["good-0", WANG, "meal", soon(5)],
        "同一时间已有单": ["b10", WANG, "meal", due],
    }  # fmt: skip


def run(*arguments: object) -> Result:
    return CliRunner().invoke(elderline, [str(each) for each in arguments])


def placed(stores: Stores) -> list[tuple[str, str]]:
    with stores.reading() as work:
        return [(each.key, each.source) for each in work.scalars(select(Order).order_by(Order.id))]


def to_csv(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def to_xlsx(path: Path, rows: list[list[str]]) -> Path:
    book = Workbook()
    assert book.active is not None
    for row in [HEADER, *rows]:
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("write", [to_csv, to_xlsx])
def test_good_rows_are_placed_and_each_bad_one_is_told(stores: Stores, tmp_path: Path, write: object) -> None:
    bad = rows_of_all_kinds()
    rows = [["good-0", WANG, "送餐", soon(), "少盐"], ["good-1", WANG, "repair", soon(), "", "", "是"], *bad.values()]
    file = write(tmp_path / "orders.table", rows)  # type: ignore[operator]  # The table's form is told by what it is.
    done = run("orders", "import", file, "--report", tmp_path / "bad.csv")
    assert done.exit_code == 0, done.output
    assert f"共 {len(rows)} 行：下单 2，以前已下单 0，未下单 {len(bad)}" in done.stdout
    assert all(words in done.stdout for words in bad), [words for words in bad if words not in done.stdout]
    assert sorted(placed(stores)) == [("import-good-0", "import"), ("import-good-1", "import")]
    told = list(csv.reader((tmp_path / "bad.csv").open(encoding="utf-8-sig")))
    assert len(told) == 1 + len(bad)
    again = run("orders", "import", file)
    assert (again.exit_code, "下单 0，以前已下单 2" in again.stdout) == (0, True)
    assert len(placed(stores)) == 2


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "empty"), ("姓名,电话\n".encode(), "外部单号"), (b"PK\x03\x04rubbish", "damaged")]
)
def test_a_file_that_cannot_be_taken_ends_with_status_1_and_places_nothing(
    stores: Stores, tmp_path: Path, content: bytes, says: str
) -> None:
    (tmp_path / "orders.csv").write_bytes(content)
    done = run("orders", "import", tmp_path / "orders.csv")
    assert (done.exit_code, says in done.stderr, "Traceback" in done.output) == (1, True, False)
    assert placed(stores) == []
    assert run("orders", "import", tmp_path / "none.csv").exit_code == 2


def test_ten_thousand_rows_in_bounded_time_and_memory_of_one_batch(stores: Stores, tmp_path: Path) -> None:
    """One row in twenty is good: as a town's file after a change of its register."""
    alive = [each.code for each in ELDERS if each.code != QUIET]
    kinds = list(rows_of_all_kinds().values())[2:9]
    rows = []
    for at in range(10_000):
        if at % 20 == 0:
            good = at // 20
            rows.append([f"g{good}", alive[good % len(alive)], "meal", soon(good // len(alive))])
        else:
            reference, *rest = kinds[at % len(kinds)]
            rows.append([f"{reference}-{at}", *rest])
    begun = time.monotonic()
    done = run("orders", "import", to_csv(tmp_path / "orders.csv", rows))
    assert done.exit_code == 0, done.output
    assert "共 10000 行：下单 500，以前已下单 0，未下单 9500" in done.stdout
    assert "共 9500 行 / 9500 in all; --report FILE" in done.stdout, "a thousand are printed, the rest is for --report"
    assert time.monotonic() - begun < 120


def test_an_import_that_is_killed_leaves_whole_orders_and_goes_on_when_it_is_run_again(
    stores: Stores, tmp_path: Path
) -> None:
    alive = [each.code for each in ELDERS if each.code != QUIET]
    rows = [[f"k{at}", alive[at % len(alive)], "meal", soon(at // len(alive))] for at in range(1_500)]
    file = to_csv(tmp_path / "orders.csv", rows)
    command = [sys.executable, "-m", "scripts.cli", "orders", "import", str(file)]
    process = subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: len(placed(stores)) > 20, 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = len(placed(stores))
    assert 20 < before < 1_500
    with stores.reading() as work:
        first_rows = work.scalar(select(func.count()).select_from(OrderEvent))
        assert first_rows == before, "an order and the first row of its history are written together, or not"
    done = run("orders", "import", file)
    assert f"下单 {1_500 - before}，以前已下单 {before}，未下单 0" in done.stdout
    assert len({key for key, _source in placed(stores)}) == 1_500


def test_certificates_from_a_file(stores: Stores, tmp_path: Path) -> None:
    file = tmp_path / "certificates.csv"
    file.write_text("工号,证书,有效期至\nW01,food,长期\nW99,food,长期\n", encoding="utf-8")
    done = run("certificates", "import", file)
    assert done.exit_code == 0, done.output
    assert "登记 1，以前已登记 0，未登记 1" in done.stdout and "行 row 3 W99: 没有这个编号的护理员" in done.stdout
    assert "登记 0，以前已登记 1" in run("certificates", "import", file).stdout
    with stores.reading() as work:
        (row,) = work.scalars(select(WorkerCertificate).where(WorkerCertificate.kind == "food")).all()
    assert row.checked_by.startswith("command:")
    file.write_text("工号\n", encoding="utf-8")
    refused = run("certificates", "import", file)
    assert (refused.exit_code, "证书种类" in refused.stderr) == (1, True)


def test_counts_are_compared_and_put_right(stores: Stores) -> None:
    assert run("orders", "recount").exit_code == 0
    with stores.unit_of_work() as work:
        work.add(CompanyDay(day=now().date() + timedelta(days=1), company_id=1, orders=3, offers=0))
    wrong = run("orders", "recount")
    assert (wrong.exit_code, "kept 3, found 0" in wrong.output) == (1, True)
    assert run("orders", "recount", "--repair").exit_code == 0
    assert "0 counts are wrong" in run("orders", "recount").output
