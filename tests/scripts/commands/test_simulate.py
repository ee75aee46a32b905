"""`elderline simulate`: both policies side by side, as a table, a picture and one JSON object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from routing.staffing.simulation.check import Compared
from scripts.cli import elderline
from scripts.commands.simulator_check import holds

SMALL = ("--calls", "600", "--days", "1")


def run(tmp_path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(elderline, ("simulate", *arguments), env={"ELDERLINE_VAR_DIR": str(tmp_path)})


def test_one_json_object_has_the_figures_of_both(tmp_path: Path) -> None:
    picture = tmp_path / "day.png"
    done = run(tmp_path, *SMALL, "--json", "--plot", str(picture))
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["times_real_time"] > 1000
    for side in ("app_queue", "live", "live_told"):
        figures = found[side]
        assert figures["all"]["calls"] > 600
        assert 0 < figures["all"]["within_15"] <= 1
        assert set(figures["by_class"]) == {"sos", "frail", "elder", "other"}
        assert figures["by_class"]["sos"]["wait_p99"] <= figures["by_class"]["sos"]["wait_max"]
        assert figures["estimate_error"] > 0
    assert found["app_queue"]["all"]["called_back"] == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_prints_the_same(tmp_path: Path) -> None:
    def figures(seed: str) -> dict[str, object]:
        found = json.loads(run(tmp_path, *SMALL, "--seed", seed, "--json", "--no-plot").stdout)
        return {name: each for name, each in found.items() if name != "times_real_time"}

    assert figures("3") == figures("3") != figures("4")


def test_the_table_says_which_aims_were_met(tmp_path: Path) -> None:
    done = run(tmp_path, *SMALL, "--load", "0.5")
    assert done.exit_code == 0, done.output
    assert "1 days of 300 calls (50% of 600 planned)" in done.output
    assert "met    95 % answered or called back" in done.output
    assert (tmp_path / "staffing" / "simulation.svg").is_file()
    short = run(tmp_path, "--calls", "300", "--days", "1", "--load", "3", "--no-plot")
    assert "MISSED 95 % answered or called back" in short.output


def test_the_check_prints_formula_and_simulation(tmp_path: Path) -> None:
    done = run(tmp_path, "--check", "4000", "--json")
    figures = json.loads(done.stdout)["figures"]
    assert [each["name"] for each in figures] == [
        "share that waits", "share that gives up", "average speed of answer, s", "answered within 20 s",
    ]  # fmt: skip
    assert (done.exit_code == 0) == all(each["holds"] for each in figures)
    for each in figures:
        assert each["simulated"] == pytest.approx(each["formula"], rel=0.4)


def test_a_figure_holds_if_it_is_near_and_the_run_could_have_told_otherwise() -> None:
    assert holds(Compared("x", 1.0, 1.019, 0.001))
    assert not holds(Compared("x", 1.0, 1.05, 0.01))
    assert not holds(Compared("x", 1.0, 1.05, 0.06)), "chance may explain it, and nothing is shown"
    assert not holds(Compared("x", 1.0, 1.001, 0.03)), "near by luck"


def test_a_short_check_says_that_it_tells_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "--check", "2000")
    assert done.exit_code == 1
    assert "too few calls to tell" in done.output


def test_a_table_has_both_policies_at_each_load_with_their_spread(tmp_path: Path) -> None:
    done = run(tmp_path, *SMALL, "--table", "loads", "--seeds", "2", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["times_real_time"] > 1000
    sides = ("app_queue", "live", "live_told")
    assert [(each["variant"], each["side"]) for each in found["rows"]] == [
        (load, side) for load in ("80%", "100%", "120%", "140%") for side in sides
    ]
    lightest, heaviest = found["rows"][1], found["rows"][-2]
    assert lightest["side"] == heaviest["side"] == "live"
    assert lightest["within_15"]["mean"] > heaviest["within_15"]["mean"]
    assert heaviest["within_15"]["deviation"] > 0, "two seeds are two days"


@pytest.mark.parametrize(
    ("table", "first", "last"),
    [("sos", "agents alone", "outside number"), ("offers", "5 s", "never"), ("accepting", "0.0%", "100.0%")],
)
def test_each_table_can_be_printed(tmp_path: Path, table: str, first: str, last: str) -> None:
    done = run(tmp_path, "--calls", "200", "--days", "1", "--table", table, "--seeds", "1")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert [line[:16].strip() for line in (lines[2], lines[-2])] == [first, last]
    assert "times real time" in lines[-1]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--profile", "nowhere.csv"), "cannot be read"),
        (("--load", "0"), "--load"),
        (("--sos-share", "1.5"), "--sos-share"),
        (("--days", "none"), "--days"),
    ],
)
def test_bad_options_are_told(tmp_path: Path, options: tuple[str, ...], why: str) -> None:
    done = run(tmp_path, *options)
    assert done.exit_code in (1, 2)
    assert why in done.output
    assert isinstance(done.exception, SystemExit)
