"""`elderline statement`: a month of a company or an elder."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from db.demo import DEMO, load
from db.encryption import new_key
from db.migrate import upgrade
from db.models import AuditEntry, Company, Elder, ServiceItem
from routing.orders.lifecycle import Act, move
from routing.orders.lifecycle import load as load_order
from routing.orders.policy import OrderState
from routing.settings import Settings
from scripts.cli import elderline
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import now, open_stores

KEYS = {"ELDERLINE_FIELD_KEY": new_key(), "ELDERLINE_INDEX_KEY": new_key()}


@pytest.fixture
def month(tmp_path: Path) -> str:
    """A database in which 王桂兰 has had a meal; gives the month of it."""
    settings = Settings(
        var_dir=tmp_path, field_key=KEYS["ELDERLINE_FIELD_KEY"], index_key=KEYS["ELDERLINE_INDEX_KEY"],
        redis_url="redis://127.0.0.1:1/0",
    )  # fmt: skip
    upgrade(settings.database)
    stores = open_stores(settings)
    load(stores.unit_of_work, stores.cipher, extensions=range(0), hash_password=str)
    services = HotlineServices(stores)
    with stores.reading() as work:
        elder = work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()
        item = work.scalars(select(ServiceItem.id).where(ServiceItem.code == "meal")).one()
    placed = services.orders.place(elder, item, key="k", source="desk")
    with stores.unit_of_work() as work:
        order = load_order(work, placed.id)
        order.company_id = work.scalar(select(Company.id).where(Company.code == "C01"))
        for state in (OrderState.UNASSIGNED, OrderState.ACCEPTED, OrderState.VISITING, OrderState.DONE):
            move(work, order, state, Act("system", "job", now()))
    stores.engine.dispose()
    return f"{services.prices.today():%Y-%m}"


def run(folder: Path, *arguments: str) -> Result:
    there = {"ELDERLINE_VAR_DIR": str(folder), "ELDERLINE_DATABASE_URL": "", **KEYS}
    return CliRunner().invoke(elderline, ("statement", *arguments), env=there)


def test_a_company_s_month(tmp_path: Path, month: str) -> None:
    out = tmp_path / "c01.csv"
    done = run(tmp_path, "--month", month, "--company", "C01", "--out", str(out))
    assert done.output.strip() == (
        f"company C01, {month}: 1 orders, price 15.00, subsidy 15.00, elders pay 0.00, owed 15.00, "
        "of it by the fund 15.00; disputed: 0"
    )
    told = out.read_bytes().decode("utf-8-sig")
    assert "王**" in told and "王桂兰" not in told
    run(tmp_path, "--month", month, "--company", "C01", "--out", str(out), "--names")
    assert "王桂兰" in out.read_bytes().decode("utf-8-sig")
    stores = open_stores(Settings(var_dir=tmp_path, field_key=KEYS["ELDERLINE_FIELD_KEY"],
                                  index_key=KEYS["ELDERLINE_INDEX_KEY"]))  # fmt: skip
    with stores.reading() as work:
        details = [row.detail for row in work.scalars(select(AuditEntry)) if row.action == "statement.drawn"]
    stores.engine.dispose()
    assert [detail.split()[-1] for detail in details] == ["masked", "names"]


def test_an_elder_s_month_as_a_workbook(tmp_path: Path, month: str) -> None:
    out = tmp_path / "wang.xlsx"
    assert run(tmp_path, "--month", month, "--elder", DEMO.wang.code, "--out", str(out)).exit_code == 0
    assert out.read_bytes()[:2] == b"PK"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--month", "2026-03"), "give either"),
        (("--month", "2026-03", "--company", "C1", "--elder", "E1"), "give either"),
        (("--month", "2026-03", "--company", "C99"), "no company with the code C99"),
        (("--month", "2026-13", "--company", "C01"), "give it as 2026-03"),
        (("--month", "2026-03", "--company", "C01", "--out", "x.pdf"), ".xlsx or .csv"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_up_is_told_in_a_sentence(
    tmp_path: Path, month: str, arguments: tuple[str, ...], words: str
) -> None:  # fmt: skip
    del month
    refused = run(tmp_path, *arguments)
    assert (refused.exit_code != 0, words in refused.output) == (True, True), refused.output


def test_without_a_database(tmp_path: Path) -> None:
    done = run(tmp_path, "--month", "2026-03", "--company", "C01")
    assert done.output.startswith("Error: the database does not answer")
