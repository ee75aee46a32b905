"""Texts of the pages of plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PLAN_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "plan_state": {"active": "进行中", "paused": "暂停中", "ended": "已结束"},
    "plan_holidays": {"usual": "照常", "skip": "不来", "next_working_day": "顺延到下一个工作日"},
    "plan_every": {
        "DAILY": "每天", "WORKDAYS": "周一到周五", "WEEKLY": "每周，勾选星期几", "FORTNIGHTLY": "每两周，勾选星期几",
        "MONTHLY": "每月，与开始日期同一天", "MONTH_END": "每月最后一天", "RULE": "自己写规则（RFC 5545）",
    },
}  # fmt: skip

PLAN_TEXTS: Final[Mapping[str, str]] = {
    "plan.title": "长期计划", "plan.new": "新计划", "plan.every": "多久一次", "plan.times": "上门时间",
    "plan.times.hint": "11:30,17:30", "plan.starts": "开始", "plan.ends": "最后一天（可不填）",
    "plan.holidays": "法定节假日", "plan.company": "优先的服务商", "plan.nobody": "不指定",
    "plan.worker": "希望来的护理员", "plan.change": "修改计划", "plan.save": "保存修改", "plan.would": "改了以后的日期",
    "plan.change.hint": "还没有派给服务商的单子按新的重做，已经派出的不变。",
    "plan.rule": "规则", "plan.preview": "看看日期", "plan.make": "建立计划", "plan.state": "状态",
    "plan.made": "计划已建立。", "plan.changed": "已保存。已经派给服务商的单子不变。", "plan.dates": "接下来的日期",
    "plan.left_out": "不来", "plan.unknown_holidays": "法定节假日资料只到 {day}，之后的日期可能还会变。",
    "plan.pause": "暂停", "plan.pause.hint": "住院、外出", "plan.from": "从", "plan.until": "到（不填：直到恢复）",
    "plan.resume": "恢复", "plan.skip": "跳过这天", "plan.move": "改到", "plan.end": "结束计划",
    "plan.why": "原因", "plan.made_until": "已生成到", "plan.back": "返回老人档案",
    "plan.refused": "没有保存：{why}", "plan.bad": "日期、时间或规则填得不对，请看一看再存。",
    "plan.leap": "某个月没有 29、30、31 日，那个月就不来；要月底来，请选“每月最后一天”。",
    "order.ask.repeat": "十分钟内刚给这位老人下过一样的工单 {number}。真的再要一份吗？",
    "order.ask.anyway": "没有服务商服务这位老人的街道。仍然下单的话，由班长另找服务商。",
    "order.ask.yes": "是，仍然下单",
}  # fmt: skip
