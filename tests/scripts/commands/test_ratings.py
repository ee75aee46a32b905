"""`elderline ratings read`, as the process that it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.routing.outreach.replies import corpus

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "scripts.cli", "ratings", "read"]
LIMIT = 60.0


def run(given: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], input=given, cwd=ROOT, capture_output=True, check=False, timeout=LIMIT
    )


def read(given: bytes, *arguments: str) -> list[dict[str, object]]:
    done = run(given, *arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.decode("ascii").splitlines()]


def test_the_whole_corpus_is_read_as_it_is_labelled() -> None:
    one_line = [each for each in corpus() if each.scale == "1-5" and "\n" not in each.text]
    shown = read("\n".join(each.text for each in one_line).encode())
    wanted = [{"kind": each.kind.value} | ({"score": each.score} if each.score else {}) for each in one_line]
    assert shown == wanted
    assert len(wanted) > 1350


def test_lines_of_every_form_are_one_reply_each() -> None:
    given = b"5\r\n\n \n\xe4\xba\xff\n\xff5\n5\x00\n" + b"5" * 3_000_000 + b"\n" + "好".encode() * 2_000_000 + b"\nTD"
    kinds = ["score", "unclear", "unclear", "unclear", "unclear", "score", "remark", "remark", "opt_out"]
    shown = read(given)
    assert [each["kind"] for each in shown] == kinds
    assert [each.get("score") for each in shown] == [5, None, None, None, None, 5, None, None, None]


@pytest.mark.parametrize(("given", "number"), [(b"", 0), (b"\r\n", 1), (b"\n\n", 2), (b"5", 1), (b"5\n", 1)])
def test_a_blank_line_is_a_blank_reply(given: bytes, number: int) -> None:
    assert len(read(given)) == number


def test_the_scale_says_which_end_is_good() -> None:
    assert read("非常满意\n5\n".encode(), "--scale", "5-1") == [
        {"kind": "score", "score": 1},
        {"kind": "score", "score": 5},
    ]
    assert read(b"0\n10\n11\n", "--scale", "0-10") == [
        {"kind": "score", "score": 0}, {"kind": "score", "score": 10}, {"kind": "unclear"},
    ]  # fmt: skip


@pytest.mark.parametrize("scale", ["", "5", "1-1", "five", "1-500", "1-5-9", "1;5", "１-５"])
def test_what_is_no_scale_is_refused_in_a_sentence(scale: str) -> None:
    done = run(b"5\n", "--scale", scale)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "the worst first: 1-5" in " ".join(done.stderr.decode().split())


def test_each_line_is_answered_at_once() -> None:
    with subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text, kind in (("5分", "score"), ("救命", "sos"), ("", "unclear")):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            # Were it not flushed, this would wait until the process ends, which waits for us.
            assert json.loads(process.stdout.readline())["kind"] == kind
        process.stdin.close()
        assert process.wait(LIMIT) == 0
