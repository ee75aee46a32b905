"""Words and texts of the pages about companies; `texts` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COMPANY_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "decline": {
        "": "没有说", "no_staff": "没有人手", "too_far": "路太远", "bad_time": "时间不合适", "other": "别的原因",
    },
    "availability": {"closed": "不接单", "capacity": "今天张数", "opened": "恢复接单"},
    "ground": {
        "complaints": "投诉属实", "verified": "核实率低", "punctuality": "准时率低", "acceptance": "接单率低",
        "score": "评分低", "disputes": "争议多",
    },
    "picture": {
        "acceptance": "接单率 %", "punctuality": "准时率 %", "verified": "核实率 %", "score": "评分（1 到 5）",
        "mean": "平均评分（向 4 分收缩）", "done": "完成的单子", "complaints": "每百次上门的投诉",
        "suspended": "已暂停",
    },
    "finding": {"": "没有说明", "upheld": "投诉属实", "unfounded": "投诉不属实"},
}  # fmt: skip

COMPANY_TEXTS: Final[Mapping[str, str]] = {
    "nav.companies": "服务商",
    "company.code": "代码", "company.name": "名称", "company.line_code": "电话编号",
    "company.compare": "比较图", "company.acceptance": "接单率", "company.punctuality": "准时率",
    "company.verified": "核实率", "company.score": "评分", "company.complaints": "每百次投诉",
    "company.done": "完成", "company.disputes": "争议", "company.answer": "答复时间", "company.suspended": "暂停派单",
    "company.suggested": "建议暂停", "company.inactive": "已停用", "company.days": "最近 90 天",
    "company.formula": "评分算法：(先验 4 分 × 10 次 + 得分和) / (10 + 次数)", "company.months": "按月",
    "company.declined": "不接的原因", "company.offers": "派单记录", "company.offered": "派单时间",
    "company.why": "为什么派给它", "company.suspend": "暂停派单", "company.reason": "原因（必填）",
    "company.until": "到哪一天（不填：到恢复为止）", "company.lift": "恢复派单", "company.decisions": "暂停记录",
    "company.decided": "决定", "company.lifted": "恢复", "company.saved": "已保存。",
    "company.left": "已接的单（请改派）", "company.reassign": "收回改派",
    "company.given_back": "工单已收回，重新派单。",
    "company.availability": "接单时间", "company.now_open": "现在接单", "company.closed_until": "不接单，直到",
    "company.capacity": "今天最多几张", "company.close": "停接到这一天结束", "company.reopen": "恢复接单",
    "company.set": "设置", "company.phones": "其他来电号码", "company.label": "谁的电话",
    "company.drop": "删除", "company.add_phone": "添加号码", "company.pin": "来电密码", "company.pin.has": "已设置",
    "company.pin.none": "没有设置，只认登记的号码", "company.pin.hint": "4 到 8 位数字；空着就取消",
    "company.add": "新服务商", "company.phone": "电话", "company.items": "服务项目代码（逗号分开）",
    "company.districts": "街道（逗号分开，空着：全部）", "company.date.bad": "日期写得不对。",
    "company.number.bad": "张数要填数字。", "company.of": "{part}/{of}", "company.minutes": "{minutes:.1f} 分钟",
    "company.all": "全部服务商", "case.finding": "投诉是否属实",
}  # fmt: skip
