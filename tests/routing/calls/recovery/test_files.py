"""Call files are read on from where we were: whole lines, each once, whatever is done to the files meanwhile."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calls.recovery.files import CallFiles, rotate

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


class Reader:
    """Reads a folder on, as the router does."""

    def __init__(self, folder: Path) -> None:
        self.files = CallFiles(folder)
        self.offsets: dict[str, int] = {}

    def new(self) -> list[str]:
        texts, more = [], True
        while more:
            reading = self.files.read(self.offsets)
            more = reading.more
            for line in reading.lines:
                assert line.end > line.begin >= self.offsets.get(line.file, 0)
                self.offsets[line.file] = line.end
                texts.append(line.text)
        return texts


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def write(path: Path, text: str) -> None:
    with path.open("ab") as file:
        file.write(text.encode())


def test_there_may_be_nothing_to_read(reader: Reader) -> None:
    assert reader.new() == []
    write(reader.files.folder / "calls.csv", "")
    assert reader.new() == []
    assert Reader(reader.files.folder / "nowhere").new() == []


def test_a_half_line_is_left_until_it_is_whole(reader: Reader) -> None:
    path = reader.files.folder / "calls.csv"
    write(path, "fir")
    assert reader.new() == []
    write(path, "st\nsec")
    assert reader.new() == ["first"]
    assert reader.new() == []
    write(path, "ond\n")
    assert reader.new() == ["second"]


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20), min_size=1),
       st.lists(st.integers(0, 30)))  # fmt: skip
def test_lines_come_once_and_in_order_however_they_are_cut(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], cuts: list[int]
) -> None:
    reader = Reader(tmp_path_factory.mktemp("cut"))
    whole = "".join(f"{each}\n" for each in lines).encode()
    path, seen, at = reader.files.folder / "calls.csv", [], 0
    for cut in [*cuts, len(whole)]:
        with path.open("ab") as file:
            file.write(whole[at : at + cut])
        at += cut
        seen += reader.new()
    assert seen == lines


def test_a_file_that_is_put_aside_is_read_to_its_end_and_then_the_new_one(reader: Reader) -> None:
    path = reader.files.folder / "calls.csv"
    write(path, "first\nsecond\n")
    assert reader.new() == ["first", "second"]
    with path.open("ab") as late:  # Asterisk had opened it before.
        rotate(path, 5, 10, 30, NOW)
        write(path, "fourth\n")
        late.write(b"third\n")
    assert reader.new() == ["third", "fourth"]
    assert sorted(each.name for each in path.parent.iterdir()) == ["calls-20261122T060000000000Z.csv", "calls.csv"]


def test_a_file_that_is_emptied_and_one_that_is_replaced_are_read_from_their_beginnings(reader: Reader) -> None:
    path = reader.files.folder / "calls.csv"
    write(path, "first\nsecond\n")
    reader.new()
    path.write_text("third\n")
    assert reader.new() == ["third"]
    other = path.with_name("shipped")
    other.write_text("third\nfourth\n")  # As rsync does: the same lines and more, in another file.
    other.replace(path)
    assert reader.new() == ["fourth"]


def test_a_copy_is_read_once(reader: Reader) -> None:
    write(reader.files.folder / "calls.csv", "first\n")
    write(reader.files.folder / "calls-20260101T000000000000Z.csv", "first\n")
    assert reader.new() == ["first"]


def test_garbage_stops_nothing(reader: Reader) -> None:
    path = reader.files.folder / "calls.csv"
    with path.open("ab") as file:
        file.write(b"\xff\xfe\x00\n" + b"\x00" * 5_000_000 + b"\nlast\n")
    first, *others, last = reader.new()
    assert (first, last) == ("��\x00", "last")
    assert all(not each.strip("\x00") for each in others)


def test_a_first_line_without_end_does_not_hide_the_rest(reader: Reader) -> None:
    path = reader.files.folder / "calls.csv"
    write(path, "x" * 10_000)
    reader.new()
    write(path, "\nsecond\n")
    assert reader.new()[-1] == "second"


def test_a_small_file_stays_and_what_is_too_much_or_too_old_goes(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    rotate(path, 5, 3, 30, NOW)  # There is none yet.
    write(path, "1234\n")
    rotate(path, 5, 3, 30, NOW)
    assert path.is_file()
    for day in range(6):
        write(path, "123456\n")
        rotate(path, 5, 3, 30, NOW + timedelta(days=day))
        assert not path.is_file()
    aside = sorted(tmp_path.iterdir())
    assert [each.name[:14] for each in aside] == ["calls-20261125", "calls-20261126", "calls-20261127"]
    os.utime(aside[0], (0, 0))
    rotate(path, 5, 3, 30, NOW)
    assert sorted(tmp_path.iterdir()) == aside[1:]
