"""Texts of the page about who answers when asked how it was; `texts` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RESPONSE_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "response": {
        "group": "分类", "key": "代码", "name": "名称", "total": "合计", "week": "周",
        "kind": "服务种类", "company": "服务商",
        "call_asked": "电话回访", "call_answered": "电话接通", "call_scored": "电话评分",
        "sms_asked": "短信询问", "sms_sent": "短信发出", "sms_delivered": "短信送达", "sms_answered": "短信回复",
        "sms_scored": "短信评分", "sms_unclear": "回复看不懂", "done": "完成工单", "confirmed": "老人已确认",
    },
}  # fmt: skip

RESPONSE_TEXTS: Final[Mapping[str, str]] = {
    "nav.responses": "回访率",
    "responses.title": "回访有多少人回答", "responses.from": "从", "responses.to": "到", "responses.show": "查看",
    "responses.days": "{first} 到 {last}", "responses.weeks": "按周", "responses.kinds": "按服务种类",
    "responses.companies": "按服务商", "responses.picture": "每周回答比例", "responses.xlsx": "下载 XLSX",
    "responses.csv": "下载 CSV",
    "responses.hint": "比例都按询问次数算：电话按打过的回访，短信按发出的询问；老人已确认按完成的工单，不论哪个渠道。",
    "responses.bad": "请填写先后两天，最多 54 周。",
}  # fmt: skip
