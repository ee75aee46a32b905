"""Where Asterisk's root file system comes from: the machine's own mirror, in whichever form apt has it written."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.settings import Settings
from scripts.install.asterisk import need_asterisk, root_folder
from scripts.install.debian import debian_mirror
from scripts.install.steps import Steps, Trouble

DEB822 = "Types: deb\nURIs: http://mirror.example.org/debian\nSuites: bookworm\nComponents: main\n"
ONE_LINE = "deb http://mirror.example.org/debian bookworm main\n"
WITH_OTHERS = (
    "deb https://packages.example.com/apt cloud main\n"
    "deb http://security.example.org/debian-security bookworm-security main\n"
    "deb [trusted=yes] http://mirror.example.org/debian bookworm main\n"
)


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt of its own, which has read nothing yet; give its folder of sources."""
    sources = tmp_path / "sources.list.d"
    sources.mkdir()
    config = f'Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "{sources}"; Dir::State "{tmp_path}/state";'
    (tmp_path / "apt.conf").write_text(config)
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    return sources


@pytest.mark.parametrize(
    ("name", "text"), [("debian.sources", DEB822), ("debian.list", ONE_LINE), ("debian.list", WITH_OTHERS)]
)
def test_the_mirror_is_the_machines_own(apt: Path, name: str, text: str) -> None:
    (apt / name).write_text(text)
    assert debian_mirror("Asterisk").rstrip("/") == "http://mirror.example.org/debian"


def test_without_a_debian_mirror_it_says_so(apt: Path) -> None:
    (apt / "cloud.list").write_text("deb https://packages.example.com/apt cloud main\n")
    with pytest.raises(Trouble, match="no Debian mirror"):
        debian_mirror("Asterisk")


def test_one_that_is_there_is_not_built_again(tmp_path: Path) -> None:
    settings = Settings(cache_dir=tmp_path, var_dir=tmp_path / "var")
    binary = root_folder(settings) / "usr/sbin/asterisk"
    binary.parent.mkdir(parents=True)
    binary.touch()
    assert need_asterisk(settings, Steps()) in {root_folder(settings), Path("/")}


def test_a_root_that_is_set_but_empty_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="ELDERLINE_ASTERISK_ROOT"):
        need_asterisk(Settings(asterisk_root=tmp_path), Steps())
