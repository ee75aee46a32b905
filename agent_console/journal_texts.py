"""Words and texts of the journal: what passed between a person and the hotline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

JOURNAL_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "journal_channel": {
        "": "全部", "call": "电话", "sms": "短信", "owed": "回访和外呼", "score": "评分", "announcement": "听到的通知",
        "case": "个案和留言", "offer": "派单",
        "daily": "每日问候", "dose": "吃药提醒", "consent": "同意和拒绝",
    },
    "journal_way": {"in": "来", "out": "去"},
    "journal_sms": {
        "queued": "等待发送", "sending": "正在发送", "sent": "已发出", "delivered": "已送达", "failed": "没有发出",
        "expired": "过期没发", "received": "待读", "understood": "已读懂", "unclear": "已转人工",
        "stranger": "陌生号码",
    },
    "journal_asked": {
        "": "", "rating-1-5": "请打分", "score": "打分", "opt_out": "退订", "sos": "求救", "remark": "留话",
        "unclear": "没读懂",
    },
    "journal_owed": {
        "after_service": "服务后回访", "offer": "派单电话", "overdue": "超时提醒", "promise": "约好的回电",
        "message": "留言回电", "wellbeing": "每日问候", "medicine": "吃药提醒", "look_in": "请亲友去看",
    },
    "journal_owed_state": {
        "due": "等待拨打", "dialling": "正在拨打", "answered": "已接听", "done": "已完成", "failed": "没打通",
        "cancelled": "不用打了", "asking": "等发短信", "listed": "等人联系", "closed": "已由人处理",
    },
    "journal_consent": {"given": "同意", "withdrawn": "不同意"},
    "journal_score": {"": "没有打分", "not_done": "说没有做"},
}  # fmt: skip

JOURNAL_TEXTS: Final[Mapping[str, str]] = {
    "journal.title": "往来记录", "journal.back": "返回档案", "journal.channel": "内容", "journal.from": "从",
    "journal.to": "到", "journal.show": "显示", "journal.when": "时间", "journal.what": "什么事",
    "journal.state": "结果",
    "journal.text": "内容", "journal.shared": "几位老人共用的号码", "journal.export": "导出（CSV）",
    "journal.points": "{score} 分",
}  # fmt: skip
