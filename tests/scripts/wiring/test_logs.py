"""What every process writes to its log. The configuration is a process's own, so each test has a process."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

_PROGRAM = """
import logging, warnings
import structlog
from routing.settings import Settings
from scripts.wiring.logs import configure_logs
log = structlog.get_logger("routing.early")  # As our modules do: before anything is configured.
configure_logs(Settings(log_level="{level}"))
{body}
"""


def logged(body: str, level: str = "INFO") -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(level=level, body=body)],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_events_are_lines_of_json_with_the_call_and_the_time() -> None:
    (event,) = logged('structlog.contextvars.bind_contextvars(call_id="c1"); log.info("router.active", who="王奶奶")')
    assert (event["event"], event["who"], event["call_id"]) == ("router.active", "王奶奶", "c1")
    assert (event["level"], event["logger"]) == ("info", "routing.early")
    assert datetime.fromisoformat(event["timestamp"]).utcoffset() == timedelta(hours=8)


def test_the_standard_library_writes_alike() -> None:
    said, warned = logged('logging.getLogger("x").warning("a %s", "b"); warnings.warn("old", stacklevel=1)')
    assert (said["event"], said["level"], said["logger"]) == ("a b", "warning", "x")
    assert datetime.fromisoformat(said["timestamp"]).utcoffset() == timedelta(hours=8)
    assert "old" in warned["event"]


def test_a_trace_stays_on_its_line() -> None:
    (event,) = logged('try: 1 / 0\nexcept ZeroDivisionError: log.exception("agi.failed")')
    assert event["level"] == "error"
    assert "ZeroDivisionError" in event["exception"]


def test_the_level_is_a_setting_that_libraries_never_go_below_info_by() -> None:
    body = 'log.debug("one"); log.info("two"); log.warning("three"); logging.getLogger("panoramisk").debug("secret")'
    assert [event["event"] for event in logged(body, "DEBUG")] == ["one", "two", "three"]
    assert [event["event"] for event in logged(body, "INFO")] == ["two", "three"]
    assert [event["event"] for event in logged(body, "ERROR")] == []
