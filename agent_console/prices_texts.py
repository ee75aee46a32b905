"""Texts of the pages about prices and statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PRICES_TEXTS: Final[Mapping[str, str]] = {
    "nav.prices": "价格", "nav.statements": "月结单",
    "prices.title": "服务价格", "prices.saved": "已保存，已经下的单不变。", "prices.tariff": "调整价格",
    "prices.item": "服务", "prices.company": "服务商", "prices.company.all": "对老人的价格",
    "prices.unit": "单位", "prices.yuan": "单价（元）", "prices.quantity": "最少 / 默认 / 最多",
    "prices.smallest": "最少", "prices.usual": "默认", "prices.largest": "最多",
    "prices.quantity.hint": "按次填次数，按小时填分钟（整刻钟）。",
    "prices.from": "开始日期", "prices.to": "截止日期（可不填）", "prices.days": "有效期", "prices.open": "起长期有效",
    "prices.sure": "确认无误", "prices.save": "保存", "prices.by": "由谁", "prices.stands": "现状",
    "prices.end": "停用服务商自有价格", "prices.last": "最后一天", "prices.end.go": "停用",
    "prices.hint": "新价格从开始日期起生效，原价格到前一天为止；填了截止日期，之后恢复原价。已经下的单不变。",
    "prices.bad": "请填写数字和日期。",
    "payers.title": "付费类别", "payers.class": "类别", "payers.percent": "老人自付比例（%）",
    "payers.monthly": "每月额度（元，不填为不限）", "payers.rule": "调整规则", "payers.unlimited": "不限",
    "payers.add": "新增类别", "payers.name": "名称", "payers.name_en": "英文名称（可不填）", "payers.code": "代码",
    "payers.add.hint": "代码写进老人名单的“付费类别”一列，以后不能改；名单里写名称也可以。",
    "payers.end": "停用类别",
    "payers.end.hint": "停用以后，还属于这个类别的老人要全部自付；再给它一条规则，就重新启用。",
    "payers.taken": "已经有这个代码或名称的类别：请换一个，或者给原来的类别调整规则。",
    "payers.over": "这个类别在那天以后已经没有规则，不用再停用。",
    "order.why": "价格说明", "order.settled": "实际结算", "order.quantity": "数量",
    "order.usual": "默认", "order.may": "可订 {least} 到 {most}。", "order.nobody": "没有服务商服务这位老人的街道",
    "order.quantity.bad": "数量写得不对：请填次数，或小时数（如 1.5）。",
    "order.ask.told": "下单前请告诉老人：这次共 {price} 元，自付 {pays} 元。",
    "order.ask.changed": "价格变了：刚才说自付 {told} 元，现在自付 {pays} 元。请再告诉老人。",
    "order.ask.agreed": "老人同意，下单",
    "statements.title": "月结单", "statements.month": "月份", "statements.company": "服务商",
    "statements.elder": "老人编号", "statements.of_company": "服务商月结单", "statements.of_elder": "老人月结单",
    "statements.xlsx": "下载 XLSX", "statements.csv": "下载 CSV",
    "statements.hint": "按完成月份统计；有争议的单列在后面，不计入合计。",
}  # fmt: skip
PRICES_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "unit": {"hour": "小时", "piece": "次"},
    "quantity": {"hour": "分钟", "piece": "次"},
    "validity": {"now": "生效中", "planned": "未开始", "past": "已结束", "withdrawn": "已被替换"},
}
