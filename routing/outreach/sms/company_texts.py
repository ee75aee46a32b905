"""What our SMS say to companies about offers, and about their answers, in Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from routing.outreach.sms.texts import SIGNATURE

LISTED = 4
"""Orders that are named in one message; whoever has more answers by telephone."""
_ITEM_MOST, _PLACE_MOST = 24, 16
"""Characters: with these an offer takes two parts at most, and one if the names are as short as they should be."""


def offered(item: str, number: str, district: str) -> str:
    """Tell a company of an offer and how to answer; the address is for whoever accepts."""
    what = f"新单{number}：{item[:_ITEM_MOST]}，{(district or '本区')[:_PLACE_MOST]}"
    return f"{SIGNATURE}{what}。回复1接单，2不接；几单同时等时写“{number} 1”。也可拨12347。"


def accepted(number: str, when: str) -> str:
    """Say that the order is theirs."""
    return f"{SIGNATURE}收到，单{number}归贵公司，{when}上门。详情请拨12347。"


def declined(number: str) -> str:
    """Say that the no was noted."""
    return f"{SIGNATURE}收到，单{number}不派给贵公司了。谢谢您早说。"


def taken(number: str, winner: str) -> str:
    """Say that somebody was faster."""
    return f"{SIGNATURE}单{number}已由{winner[:_ITEM_MOST]}接单，这次不用去了。"


def over(number: str) -> str:
    """Say that the offer is over: too late, or cancelled."""
    return f"{SIGNATURE}单{number}已过时或取消，这次不用去了。"


def already_yours(number: str) -> str:
    """Say what to do to give back an order that was accepted."""
    return f"{SIGNATURE}单{number}已经归贵公司。不能去请马上拨12347按0，找人工处理。"


def not_qualified(number: str) -> str:
    """Say that the order needs a certificate that nobody of theirs has on record."""
    return f"{SIGNATURE}单{number}要有证书的师傅，我们没有查到。请拨12347按0，找人工处理。"


def unclear(numbers: Sequence[str]) -> str:
    """Say what to write."""
    first = numbers[0]
    listed = f"等答复的单：{'、'.join(numbers[:LISTED])}。" if len(numbers) > 1 else ""
    return f"{SIGNATURE}没看明白。{listed}接单请回“{first} 1”，不接请回“{first} 2”，或拨12347。"


def which(numbers: Sequence[str]) -> str:
    """Ask which of several offers is meant."""
    listed = "、".join(numbers[:LISTED])
    return f"{SIGNATURE}有{len(numbers)}单在等您答复：{listed}。请写单号加1或2，如“{numbers[0]} 1”。"


def offer_or_score(offered_number: str, rated_number: str) -> str:
    """Ask whether a digit answers the offer, or is a score for a service that somebody of this telephone got."""
    return (
        f"{SIGNATURE}您是接单还是打分？接单请回“{offered_number} 1”，不接回“{offered_number} 2”；"
        f"给{rated_number}打分请回“{rated_number} 5”。"
    )
