"""`elderline staffing`: a plan from a profile, a file or the database, and what it says of bad input."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.encryption import FieldCipher, new_key
from db.models import CallRecord
from db.session import make_engine, make_unit_of_work
from scripts.cli import elderline


def run(tmp_path: Path, *arguments: str, **variables: str) -> Result:
    there = {"ELDERLINE_VAR_DIR": str(tmp_path), **variables}
    return CliRunner().invoke(elderline, ("staffing", *arguments), env=there)


def history(tmp_path: Path, weeks: int = 12) -> Path:
    first = datetime(2026, 1, 5, tzinfo=UTC)
    rows = [
        f"{first + timedelta(days=n, hours=hour):%Y-%m-%dT%H:%M},{40 + 10 * (n % 7 == 0)}"
        for n in range(7 * weeks)
        for hour in range(9, 17)
    ]
    path = tmp_path / "history.csv"
    path.write_text("time,calls\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def test_a_profile_gives_a_table_and_a_picture(tmp_path: Path) -> None:
    done = run(tmp_path, "--profile", "bank_calls", "--calls", "3000", "--date", "2026-03-02")
    assert done.exit_code == 0, done.output
    assert "Monday 2026-03-02: 3000 calls" in done.output
    (busiest,) = (line for line in done.output.splitlines() if line.startswith("10:00"))
    assert busiest.split()[3:7] == ["23", "22", "22", "33"]
    picture = tmp_path / "staffing" / "2026-03-02.svg"
    assert "<svg" in picture.read_text("utf-8")


def test_a_history_is_forecast_and_tested_back(tmp_path: Path) -> None:
    picture = tmp_path / "plan.png"
    done = run(tmp_path, "--history", str(history(tmp_path)), "--json", "--plot", str(picture))
    assert done.exit_code == 0, done.output
    plan = json.loads(done.stdout)
    assert (plan["day"], plan["calls"]) == ("2026-03-30", pytest.approx(400))
    assert [each["time"] for each in plan["half_hours"]][:2] == ["09:00", "10:00"]
    assert set(plan["half_hours"][0]["agents"]) == {"GB/T 33358", "TSA", "NENA"}
    assert plan["back_test"]["half_hours"] == pytest.approx(0, abs=1e-9)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_patience_level_and_shrinkage_count(tmp_path: Path) -> None:
    def agents(*options: str) -> list[int]:
        done = run(tmp_path, "--profile", "bank_calls", "--json", "--no-plot", *options)
        return [each["rostered"] for each in json.loads(done.stdout)["half_hours"]]

    usual = agents()
    assert sum(agents("--patience", "20")) < sum(usual), "one in twenty may give up, and makes room"
    assert sum(agents("--level", "TSA")) < sum(usual)
    assert sum(agents("--shrinkage", "0.5")) > sum(usual)


def test_calls_in_the_database_are_the_past(tmp_path: Path, sqlite_url: str) -> None:
    field_key, index_key = new_key(), new_key()
    engine = make_engine(sqlite_url, FieldCipher(field_key, index_key))
    tomorrow = datetime.now().astimezone().replace(hour=3, minute=10, second=0, microsecond=0) + timedelta(days=1)
    with make_unit_of_work(engine)() as session:
        for week in range(1, 5):
            for n in range(30):
                for direction in ("inbound", "outbound"):
                    started = tomorrow - timedelta(weeks=week) + timedelta(seconds=n)
                    name = f"{direction}-{week}-{n}"
                    session.add(CallRecord(id=name, node="a", direction=direction, started_at=started))
    engine.dispose()
    keys = {"ELDERLINE_FIELD_KEY": field_key, "ELDERLINE_INDEX_KEY": index_key}
    done = run(tmp_path, "--json", "--no-plot", ELDERLINE_DATABASE_URL=sqlite_url, **keys)
    assert done.exit_code == 0, done.output
    plan = json.loads(done.stdout)
    assert plan["calls"] == pytest.approx(30)
    assert (plan["based_on_days"], len(plan["half_hours"])) == (4, 1)
    empty = run(tmp_path, "--weeks", "1", ELDERLINE_DATABASE_URL=f"sqlite:///{tmp_path}/none.db", **keys)
    assert empty.exit_code == 1
    assert "is it migrated?" in empty.output


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"time,calls\n2026-01-05T09:00,3\nnonsense,4\n", "row 3"),
        (b"when,calls\n", "lacks time"),
        ("time,calls\n2026-01-05,三\n".encode("gbk"), "not UTF-8"),
        (b"", "lacks time and calls"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    for option in ("--history", "--profile"):
        done = run(tmp_path, option, str(path), "--no-plot")
        assert done.exit_code == 1
        assert why in done.output
        assert "Traceback" not in done.output
        assert len(done.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "status", "why"),
    [
        (("--profile", "nowhere.csv"), 1, "cannot be read"),
        (("--history", "nowhere.csv"), 2, "does not exist"),
        (("--shrinkage", "1"), 2, "0<=x<=0.95"),
        (("--handle", "nan", "--profile", "bank_calls", "--no-plot"), 1, "finite"),
        (("--profile", "bank_calls", "--calls", "0"), 2, "--calls"),
        (("--profile", "bank_calls", "--plot", "/proc/none/plan.svg"), 1, "cannot be written"),
        (("--profile", "bank_calls", "--plot", "plan.doc"), 1, "cannot be written"),
    ],
)
def test_bad_options_are_told(tmp_path: Path, options: tuple[str, ...], status: int, why: str) -> None:
    done = run(tmp_path, *options)
    assert (done.exit_code, why in done.output) == (status, True), done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_day_long_after_the_history_has_no_forecast(tmp_path: Path) -> None:
    done = run(tmp_path, "--history", str(history(tmp_path, 2)), "--date", str(date(2027, 1, 1)))
    assert done.exit_code == 1
    assert "nothing to forecast from" in done.output
