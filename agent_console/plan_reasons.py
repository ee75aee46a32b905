"""Why a date of a plan is left out or elsewhere, in Chinese for the page; the policy and the API say it in English."""

from __future__ import annotations

import re

_SAID = tuple(
    (re.compile(english), chinese)
    for english, chinese in (
        (r"paused: (.+)", r"暂停：\1"),
        (r"paused", "暂停"),
        (r"skipped", "跳过"),
        (r"moved from (\S+) to (\S+)", r"从 \1 改到 \2"),
        (r"put off from (\S+) \((.+)\) to (\S+)", r"\2，从 \1 顺延到 \3"),
        (r"public holiday: (.+), and no working day within (\d+) days", r"\1，\2 天内没有工作日"),
        (r"public holiday: (.+)", r"法定节假日：\1"),
        (r"(\d{4}-\d\d) has no day (\d+)", r"\1 没有 \2 日"),
        (r"clocks are put forward: .+", "夏令时拨快，与前一次是同一时刻"),
    )
)
_ALREADY, _MOVED = ", where there is one already", ", where another was moved"


def in_chinese(reason: str) -> str:
    """Say a reason; one that is not known stays as it is."""
    for ending, chinese in ((_ALREADY, "，那天已经有一次"), (_MOVED, "，那天已改来另一次")):
        if reason.endswith(ending):
            return in_chinese(reason.removesuffix(ending)) + chinese
    for english, chinese in _SAID:
        found = english.fullmatch(reason)
        if found is not None:
            return found.expand(chinese)
    return reason
