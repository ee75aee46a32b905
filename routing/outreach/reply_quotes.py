"""What in a reply was not written by whoever sent it: our question quoted back, texts of others, machines. Pure."""

from __future__ import annotations

import re

QUOTED = "our own message, quoted"
_OURS = re.compile("[>|]?\\s*【银龄热线】(?:[^\\n]*?退订回td[。.]?|[^\\n]*)")
"""Our own message: the question up to its end, every other one up to the end of its line."""
_PIECE = re.compile(
    '回复?1到5|1到5分|1分最好|5分最好|分最好|退订请?回|回复?[“"]?没做|没有做请|做得怎么样|单号加分数|等评分|银龄热线|拒收请?回'
    "|回复?(?:td|t|n|r)退订"
)
"""Words of ours, or of any mass mailing, that no elder writes by herself."""
_SENDER = re.compile("【(?!救|摔|\\d|[一二三四五]】)[^】\\n]{2,20}】")
_LINK = re.compile("https?:|www\\.|\\.com|\\.cn(?![a-z])|加微信|加qq|加群|返现|刷单")
_MACHINE = re.compile(
    "自动回复|来电提醒|温馨提示|您拨打的|尊敬的(?:客户|用户)|请勿回复|系统(?:消息|通知)|out of office|auto.?reply"
)


def without_ours(text: str) -> tuple[str, bool]:
    """Take our own message out of a reply that quotes it; the flag tells whether there was one."""
    rest, number = _OURS.subn("\n", text)
    return rest, number > 0


def of_others(text: str) -> str:
    """Say whose words these are, in words; empty: whoever sent them wrote them."""
    for pattern, whose in (
        (_PIECE, QUOTED),
        (_MACHINE, "what a machine answers"),
        (_SENDER, "a message of somebody else, forwarded"),
        (_LINK, "a message of somebody else, forwarded"),
    ):
        if pattern.search(text):
            return whose
    return ""
