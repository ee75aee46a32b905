"""From a package tool's output to the one sentence that says what went wrong."""

from __future__ import annotations

from pathlib import Path

_REASONS = Path(__file__).resolve().parent.parent / "lib" / "reasons"


def judge(output: str, what: str, log: Path) -> str:
    """Say in one sentence why `what` could not be installed, going by the `output` of the tool that failed.

    scripts/lib/steps.sh says the same of what is installed before there is a Python; both go by lib/reasons.
    """
    said = output.lower()
    if any(words in said for words in _phrases("no_room")):
        return f"no room on disk while installing {what}; the details are in {log}"
    if any(words in said for words in _phrases("no_source")):
        return f"a package source could not be reached for {what}: check the network or proxy; the details are in {log}"
    return f"installing {what} failed; the details are in {log}"


def _phrases(reason: str) -> list[str]:
    return (_REASONS / f"{reason}.txt").read_text(encoding="utf-8").splitlines()
