"""The file of a real Asterisk: what it tells of a call, that it may be put aside, and that it is nobody's business."""

from __future__ import annotations

import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from routing.calls.recovery.files import CallFiles, rotate
from routing.calls.recovery.lines import read_line
from routing.calls.recovery.stories import CallFate, CallStory
from tests.asterisk_node import AsteriskNode
from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.phones]

SECONDS = 40


@pytest.fixture
def folder(node: AsteriskNode) -> Path:
    return node.settings.call_files[node.settings.node]


def call(node: AsteriskNode, line: Line, number: str) -> None:
    """A call that the fallback answers, for there is no ivr here, and that the caller ends."""
    phone = Phone(line, number)
    phone.plug_in()
    phone.dial(f"sip:{node.settings.did_hotline}@127.0.0.1:{node.settings.sip_port}")
    phone.wait_for("connected", SECONDS)
    phone.unplug()


def fates(folder: Path, count: int) -> list[CallFate]:
    """Read until so many calls have ended: Asterisk writes a moment after the phone has hung up, and tells nobody."""
    give_up = time.monotonic() + SECONDS
    while True:
        stories: dict[str, CallStory] = {}
        for each in CallFiles(folder).read({}).lines:
            event = read_line(each.text)
            if event is not None:
                stories.setdefault(event.linkedid, CallStory(event.linkedid, "a")).hear(event)
        found = [fate for story in stories.values() if story.ours and (fate := story.fate())]
        if len(found) >= count:
            return found
        assert time.monotonic() < give_up, f"{len(found)} of {count} calls have ended"
        time.sleep(0.05)


def test_the_file_of_a_real_node_tells_of_calls_and_may_be_put_aside(
    node: AsteriskNode, line: Line, folder: Path
) -> None:
    began = time.time()
    call(node, line, "09319000101")
    (first,) = fates(folder, 1)
    assert (first.dialled, first.number, first.outcome, first.fell_back) == ("12349", "09319000101", "abandoned", True)
    assert began - 1 <= first.started_at <= first.ended_at <= time.time() + 1
    assert first.how.startswith("caller hung up")

    until(lambda: "LINKEDID_END" in (folder / "calls.csv").read_text())  # The last word on a call.
    rotate(folder / "calls.csv", 10, 5, 30, datetime.now(UTC))
    assert not (folder / "calls.csv").exists()
    call(node, line, "09319000102")
    assert (folder / "calls.csv").is_file()
    assert {fate.number for fate in fates(folder, 2)} == {"09319000101", "09319000102"}


def test_only_asterisks_user_and_root_look_into_the_folders_with_numbers(folder: Path) -> None:
    for each in (folder, folder.parent / "cdr-csv"):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700


@pytest.mark.parametrize("number", ['a"b${X}', "1\r\n2", '1\n"HANGUP","","1795329268.3","x.1","x.1","","","","","",""'])
def test_an_odd_number_hides_no_call(node: AsteriskNode, line: Line, folder: Path, number: str) -> None:
    before = len(fates(folder, 0))
    call(node, line, quote(number, safe=""))
    assert len(fates(folder, before + 1)) == before + 1
