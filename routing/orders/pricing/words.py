"""The reasons of a price in words, Chinese and English. Pure. What is spoken is chosen by `spoken`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from routing.orders.pricing.policy import Price
from routing.orders.pricing.reasons import Code, Reason, find
from routing.orders.pricing.refusals import yuan

_MONEY = frozenset({"each", "total", "share", "monthly", "covered", "left", "missing"})
_ENGLISH: Mapping[Code, str] = MappingProxyType(
    {
        Code.PIECE: "{quantity} at {each} yuan: {total} yuan",
        Code.HOUR: "{minutes} minutes at {each} yuan an hour: {total} yuan",
        Code.FREE: "{class} is covered in full",
        Code.SHARE: "{class} pays {percent} %: {share} yuan",
        Code.FULL: "{class} pays all",
        Code.UNRULED: "payer class {class} has no rule: pays all",
        Code.WITHIN: "{covered} of the month's {monthly} yuan, {left} left",
        Code.PARTLY: "of the month's {monthly} yuan only {covered} were left, {missing} short",
        Code.USED_UP: "the month's {monthly} yuan are used up",
    }
)
_CHINESE: Mapping[Code, str] = MappingProxyType(
    {
        Code.PIECE: "单价 {each} 元 × {quantity}，共 {total} 元",
        Code.HOUR: "每小时 {each} 元 × {minutes} 分钟，共 {total} 元",
        Code.FREE: "{class}：全额补贴",
        Code.SHARE: "{class}：自付 {percent}%，{share} 元",
        Code.FULL: "{class}：全部自付",
        Code.UNRULED: "类别 {class} 没有规则，全部自付",
        Code.WITHIN: "用本月额度 {covered} 元（每月 {monthly} 元），还剩 {left} 元",
        Code.PARTLY: "本月额度（{monthly} 元）只剩 {covered} 元，还差 {missing} 元",
        Code.USED_UP: "本月额度（{monthly} 元）已经用完",
    }
)


def in_words(reason: Reason, language: str = "en", classes: Mapping[str, str] = MappingProxyType({})) -> str:
    """Say a reason on a page; `classes` are the names of payer classes by code, which is shown for any other."""
    shown = {
        name: yuan(int(value)) if name in _MONEY else classes.get(str(value), value) if name == "class" else value
        for name, value in reason.values
    }
    return (_CHINESE if language.startswith("zh") else _ENGLISH)[reason.code].format(**shown)


def sentence(reasons: Iterable[Reason], longest: int = 200) -> str:
    """Say all reasons in one English line."""
    return "; ".join(in_words(each) for each in reasons)[:longest]


def spoken(price: Price) -> str:
    """Give what a caller hears of why, by a word: free, free_left, free_last, half, share, partly, used_up or full.

    One thing only, and the one that decides what they pay: a talk is short.
    """
    quota = find(price.reasons, Code.WITHIN, Code.PARTLY, Code.USED_UP)
    if price.elder_pays_fen == 0:
        if quota is None or quota.code is not Code.WITHIN:
            return "free"
        return "free_last" if quota.fen("left") == 0 else "free_left"
    if quota is not None and quota.code is not Code.WITHIN:
        return "partly" if quota.code is Code.PARTLY else "used_up"
    share = find(price.reasons, Code.SHARE)
    if share is None:
        return "full"
    return "half" if share["percent"] == 50 else "share"
