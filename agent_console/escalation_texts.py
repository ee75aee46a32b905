"""Words and texts of overdue orders; `texts` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ESCALATION_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "level": {"1": "服务台", "2": "班长", "3": "值班电话"},
}
ESCALATION_STEPS: Final[Mapping[str, str]] = {
    "overdue": "超时，报班长", "duty rung": "呼叫值班电话", "nobody on duty": "值班电话无人接手",
    "taken": "已有人接手",
}  # fmt: skip
ESCALATION_JOURNEY: Final[Mapping[str, str]] = {
    "overdue.taken": "接手超时工单",
    "overdue.not_taken": "没有接手",
    "overdue.gone": "工单已有人处理",
}

ESCALATION_TEXTS: Final[Mapping[str, str]] = {
    "nav.overdue": "超时",
    "overdue.title": "超时工单", "overdue.none": "没有超时的工单。", "overdue.level": "已报到",
    "overdue.since": "已超时", "overdue.take": "我来处理", "overdue.taken": "工单 {number} 由您处理。",
    "overdue.taken_by": "处理人", "overdue.all": "全部超时工单", "overdue.minutes": "{minutes} 分钟",
    "overdue.duty": "值班电话 {position}",
}  # fmt: skip
