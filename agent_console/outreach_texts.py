"""Words and texts of what goes out by itself: who was not reached, consents, whom never to call; `texts` has others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OUTREACH_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "contact_channel": {"call": "电话", "sms": "短信"},
    "purpose": {
        "survey": "回访", "reminder": "提醒", "well_being": "问安", "announcement": "通知", "all": "全部",
    },
    "consent_how": {"phone_key": "电话按键", "sms": "短信", "desk": "向坐席说", "paper": "书面", "import": "导入"},
    "never_reason": {
        "asked": "本人要求", "hospital": "住院", "fax": "传真", "wrong_number": "号码不对", "other": "其他",
    },
    "not_reached": {"spoken": "已和老人通话", "relative": "已和家属通话", "visited": "已上门", "gave_up": "不再联系"},
    "call_outcome": {
        "busy": "占线", "no_answer": "无人接听", "refused": "拒接", "failed": "打不通", "not_reached": "接了没按键",
        "unknown": "结果不明", "called_in": "来过电话", "never_call": "在禁呼名单", "expired": "没有空线",
    },
    "pace": {"callers_wait": "有老人在等，停拨", "share_of_lines": "按线路份额", "agents": "按空闲坐席",
             "abandoned": "无人接听过多，放慢"},
}  # fmt: skip

OUTREACH_TEXTS: Final[Mapping[str, str]] = {
    "nav.not_reached": "未联系上", "nav.never_call": "禁呼名单",
    "not_reached.title": "回访没有联系上", "not_reached.none": "都联系上了。", "not_reached.attempts": "打过",
    "not_reached.last": "最后一次", "not_reached.since": "服务后", "not_reached.number": "电话",
    "not_reached.result": "结果", "not_reached.note": "说明", "not_reached.close": "完成",
    "not_reached.closed": "已记下。", "not_reached.times": "{count} 次",
    "never_call.title": "禁呼名单", "never_call.none": "名单是空的。", "never_call.who": "号码或老人",
    "never_call.number": "号码", "never_call.elder": "老人编号", "never_call.reason": "原因",
    "never_call.until": "到期", "never_call.lasting": "长期", "never_call.note": "备注", "never_call.add": "加入名单",
    "never_call.end": "移出", "never_call.saved": "名单已更新。", "never_call.by": "登记人",
    "never_call.bad_day": "日期不对，请重填。",
    "consent.title": "来电和短信的意愿", "consent.rest": "休息时间",
    "consent.rest.hint": "如 12:30-14:00，空着就是没有",
    "consent.given": "同意", "consent.withdrawn": "不要", "consent.unsaid": "没说过", "consent.save": "记下",
    "consent.how": "怎么说的", "consent.saved": "意愿已记下，马上生效。",
    "pace.title": "自动外呼", "pace.room": "现在可再拨", "pace.living": "正在拨打或通话",
    "pace.answered": "24 小时接通", "pace.abandoned": "找人没人接", "pace.because": "限制",
}  # fmt: skip
