"""Words and texts of reminders of medicine; `texts` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MEDICINE_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "dose": {
        "calling": "正在提醒", "taken": "吃了", "person": "转了人工", "sos": "紧急呼叫", "not_taken": "没有确认",
        "missed": "没有提醒到", "left": "不再拨打",
    },
}  # fmt: skip
MEDICINE_JOURNEY: Final[Mapping[str, str]] = {
    "medicine.taken": "吃药提醒：吃了", "medicine.later": "吃药提醒：过一会儿",
    "medicine.no_more": "吃药提醒：不再提醒", "medicine.no_key": "吃药提醒：没有按键",
}  # fmt: skip
MEDICINE_TEXTS: Final[Mapping[str, str]] = {
    "medicine.title": "吃药提醒", "medicine.none": "没有吃药提醒。", "medicine.at": "几点",
    "medicine.text": "什么药（大白话）", "medicine.fixed": "“早上的药”一类的固定说法",
    "medicine.waiting": "还没有合成，先用固定说法", "medicine.end": "不再提醒", "medicine.make": "增加提醒",
    "medicine.until": "到哪天（不填：一直）", "medicine.tell": "没有确认时短信告诉第一联系人",
    "medicine.tells": "会告诉联系人", "medicine.history": "每次提醒的结果", "medicine.day": "日期",
    "medicine.state": "结果", "medicine.taken_at": "确认时间", "medicine.tries": "拨打次数",
    "medicine.told": "已短信告诉联系人", "medicine.export": "导出", "medicine.saved": "已保存。",
}  # fmt: skip
