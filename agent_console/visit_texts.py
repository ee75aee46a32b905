"""Texts of the pages about visits and certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VISIT_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "visit_from": {
        "": "", "home": "老人家电话", "other_home": "别家老人的电话", "worker": "护理员手机", "other": "其他号码",
        "withheld": "号码隐藏",
    },
    "visit_exception": {
        "missing_in": "没有签到", "missing_out": "没有签退", "unverified_in": "签到未核实",
        "unverified_out": "签退未核实", "wrong_home": "用别家电话签到", "unqualified": "没有有效证书",
    },
    "visit_reason": {
        "forgot": "忘记了", "phone_out_of_order": "老人电话坏了", "no_phone": "老人家没有电话",
        "elder_elsewhere": "老人不在家（住院、在亲戚家）", "number_changed": "换了号码没登记",
        "number_withheld": "号码被隐藏", "shared_phone": "用了邻居的电话",
        "agreed_with_company": "和公司说好的", "system_away": "系统打不通",
        "other": "其他（请写明）",
    },
    "visit_time": {"checked_in_at": "开始", "checked_out_at": "结束"},
    "visit_task": {"done": "做了", "not_needed": "不用做", "refused": "老人不要"},
    "certificate": {"valid": "有效", "revoked": "已吊销"},
    "vetting": {"": "没有审查", "cleared": "背景审查通过", "refused": "背景审查不通过"},
}  # fmt: skip

VISIT_TEXTS: Final[Mapping[str, str]] = {
    "nav.visits": "上门", "nav.certificates": "证书",
    "visit.title": "上门服务", "visit.day": "日期", "visit.begin": "开始", "visit.end": "结束", "visit.minutes": "分钟",
    "visit.counted": "计费分钟", "visit.verified": "已核实", "visit.unverified": "未核实", "visit.instead": "替班",
    "visit.corrected": "改过", "visit.exceptions": "要核实的上门", "visit.none_open": "没有要核实的。",
    "visit.reason": "原因", "visit.note": "说明", "visit.resolve": "核实完毕", "visit.correct": "更正时间",
    "visit.saved": "已保存。", "visit.time.bad": "时间写得不对。", "visit.export": "导出六项事实（CSV）",
    "visit.tasks": "做了什么", "visit.kept": "更正记录（原来的时间都留着）", "visit.what": "情况",
    "visit.missing": "缺",
    "visit.go": "显示", "visit.before": "前一天", "visit.after": "后一天",
    "visit.most": "只显示前 {most} 条，全部请导出。",
    "visit.detail": "查看",
    "certificate.title": "证书和背景审查", "certificate.ending": "一个月内到期或已到期", "certificate.kind": "证书",
    "certificate.expires": "有效到", "certificate.number": "证书号", "certificate.issued": "发证日期",
    "certificate.import": "从文件登记证书", "certificate.import.file": "CSV 或 XLSX 文件（1 MB 以内）",
    "certificate.import.none": "请选择一个文件。", "certificate.import.row": "第 {row} 行",
    "certificate.import.done": "共 {rows} 行：登记 {added}，以前已登记 {known}，未登记 {bad}",
    "certificate.import.hint":
        "列：护理员编号、证书种类、证书号、发证日期、有效期至（不过期的填“长期”）。重复导入不会重复登记。",
    "certificate.add": "登记证书", "certificate.revoke": "吊销", "certificate.why": "吊销原因",
    "certificate.vet": "保存审查结果", "certificate.until": "有效到", "certificate.no_end": "长期",
    "certificate.uncovered": "已接的单子，当天护理员没有有效证书，请换人", "certificate.worker": "护理员",
    "certificate.company": "服务商", "certificate.checked": "核对人",
}  # fmt: skip
