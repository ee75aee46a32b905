"""Words and texts of daily calls to those who live alone; `texts` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WELLBEING_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "daily_state": {
        "calling": "正在问候", "well": "平安", "call_me": "请我们打过去", "person": "转了人工", "sos": "紧急呼叫",
        "alarm": "没有接听，已报警", "missed": "没有打出去", "left": "不再拨打",
    },
    "daily_looking": {
        "": "", "asking": "正在请亲友上门看", "well": "亲友说平安", "needs_us": "亲友说需要我们",
        "nobody": "没有联系上亲友", "going": "亲友现在去看", "person": "亲友转了人工", "sos": "亲友按了紧急",
        "no_answer": "亲友没有接听",
    },
    "daily_consent": {"elder": "老人本人同意", "relative": "亲属同意", "paper": "书面同意"},
    "daily_pause": {"hospital": "住院", "away": "外出", "other": "其他"},
}  # fmt: skip
WELLBEING_STEPS: Final[Mapping[str, str]] = {
    "wellbeing.late_answer": "报警之后才按键", "look_in.asked": "打电话请亲友去看", "look_in.said": "亲友答复",
    "look_in.over": "亲友联系结果",
}  # fmt: skip
WELLBEING_JOURNEY: Final[Mapping[str, str]] = {
    "wellbeing.well": "每日问候：平安", "wellbeing.call_me": "每日问候：请打过去",
    "wellbeing.no_key": "每日问候：没有按键",
    "look_in.well": "亲友：平安", "look_in.needs_us": "亲友：需要我们", "look_in.going": "亲友：现在去看",
    "look_in.no_key": "亲友：没有按键", "look_in.gone": "亲友：已经有人在管",
}  # fmt: skip
WELLBEING_TEXTS: Final[Mapping[str, str]] = {
    "daily.title": "每日问候", "daily.none": "今天还没有问候电话。", "daily.elder": "老人", "daily.first": "第一次拨打",
    "daily.tries": "拨打次数", "daily.no_key": "接了没按键", "daily.state": "结果", "daily.looking": "请亲友看望",
    "daily.day": "日期", "daily.enrolled": "每天 {at} 问候，从 {starts} 起，{by} 登记",
    "daily.not_enrolled": "没有登记每日问候。", "daily.enrol": "登记", "daily.change": "改时间", "daily.at": "几点",
    "daily.rule": "哪些天（日历规则）", "daily.consent": "谁同意的", "daily.note": "说明", "daily.end": "不再问候",
    "daily.pause": "暂停", "daily.pause.first": "从", "daily.pause.last": "到（不填：直到恢复）",
    "daily.pause.why": "原因",
    "daily.resume": "恢复", "daily.paused": "暂停 {first} 至 {last}，{why}", "daily.open": "待定",
    "daily.alone": "老人独居，可以登记每日问候。", "daily.all": "今天的每日问候",
    "daily.saved": "已保存。",
}  # fmt: skip
