"""Words and texts of the page of a work order; `texts` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routing.errors import DomainError
from routing.orders.errors import MovedMeanwhile, MoveRefused, OfferGone
from routing.orders.pricing.errors import PriceRefused

STATES: Final[Mapping[str, str]] = {
    "requested": "待派单", "offered": "派单中", "accepted": "已接单", "visiting": "服务中", "done": "已完成",
    "rated": "已评价", "closed": "已结束", "declined": "已拒单", "expired": "已超时", "cancelled": "已取消",
    "disputed": "有争议", "unassigned": "待人工派单",
}  # fmt: skip
"""The words of an order's states."""

ORDER_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "order": STATES,
    "command": {
        "place": "下单", "offer": "派给", "leave_to_supervisor": "没有可派的服务商，请班长处理", "accept": "接单",
        "decline": "不接", "expire": "超时未答", "assign": "指派给", "reassign": "改派给", "send_back": "退回重新派单",
        "give_up": "接单后放弃", "check_in": "签到", "check_out": "签退", "rate": "打分", "close": "结束",
        "cancel": "取消", "dispute": "标为有争议", "resolve closed": "争议了结，服务算数",
        "resolve cancelled": "争议了结，服务不算",
    },
    "actor": {"system": "系统", "contact": "亲友"},
    "offer": {
        "open": "等待回答", "accepted": "已接", "declined": "不接", "expired": "超时", "withdrawn": "已撤回",
        "given_up": "接后放弃", "taken_back": "已收回",
    },
    "source": {
        "voice": "电话按键", "desk": "坐席", "plan": "长期计划", "import": "文件导入", "sms": "短信",
    },
    "decision": {"offered": "已派出", "unassigned": "没有可派的"},
    "left_out": {
        "inactive": "已停用", "suspended": "暂停派单", "paused": "自己说暂不接单",
        "item": "不提供这项服务", "district": "不服务这个街道",
        "radius": "太远（{0:g} 公里，最远 {1:g} 公里）", "hours": "现在不接单", "capacity": "当天已满（{0:g}/{1:g}）",
        "certificate": "没有持证的护理员", "gave_up": "这一单接后放弃过", "asked": "这一单已经问过",
        "phone": "没有电话，打不通，请用别的办法联系后指派",
    },
    "refused": {
        "table": "", "reason": "请写明原因。", "no_offer": "这家服务商没有等待回答的派单。",
        "expired": "派单已超时。", "not_due": "服务商还有时间。", "not_theirs": "这一单不是他们的。",
        "theirs_already": "这一单已经是这家的。", "person": "护理员可能已经在路上，要由人工取消。",
        "disputed": "这一单有争议，请先了结争议。", "nobody": "请选择服务商。",
        "inactive": "这家服务商已停用，请选别家。",
    },
}  # fmt: skip

ORDER_TEXTS: Final[Mapping[str, str]] = {
    "move.title": "现在可以做的", "move.reason": "原因", "move.company": "服务商", "move.done": "工单已更新。",
    "move.assign": "指派给这家", "move.reassign": "改派给这家", "move.accept": "这家接单（代答）",
    "move.decline": "这家不接（代答）", "move.send_back": "退回派单", "move.cancel": "取消工单",
    "move.dispute": "标为有争议", "move.resolve_closed": "了结争议：服务算数",
    "move.resolve_cancelled": "了结争议：服务不算", "move.close": "结束工单", "move.none": "现在没有可以做的。",
    "move.offered": "正在问：{companies}",
    "offers.title": "派单记录", "offers.round": "轮次", "offers.at": "派出", "offers.until": "等到",
    "offers.answered": "回答", "offers.none": "还没有派给任何服务商。",
    "decision.title": "为什么这样派", "decision.asked": "问了", "decision.left_out": "没有问的",
    "decision.km": "{km:g} 公里", "decision.km_unknown": "距离不明",
    "decision.rating": "评分 {rating:g}（{scores} 次）",
    "decision.acceptance": "接单率 {share:.0%}", "decision.punctuality": "准时率 {share:.0%}",
    "decision.load": "今天派过 {offers}/{capacity}", "decision.score": "得分 {score:g}",
    "decision.preferred": "老人希望这家来", "decision.too_far": "太远", "decision.none": "还没有派过。",
}  # fmt: skip


def refusal_in_words(error: DomainError) -> str:
    """Say on a page why something was not done with an order or a price; nothing for any other error."""
    match error:
        case PriceRefused():
            return error.why.words("zh-CN")
        case MovedMeanwhile() if error.who:
            return f"{error.who} 抢先一步，工单现在是“{_state(error.to)}”。请刷新后再看。"
        case OfferGone() if error.who:
            return f"{error.who} 抢先一步，这一单已经有人接了。请刷新后再看。"
        case MoveRefused():
            by = f"（{error.who}）" if error.who else ""
            now = f"工单现在是“{_state(error.to)}”{by}。" if error.to else ""
            return f"这个工单现在不能这样变更。{now}{ORDER_WORDS['refused'].get(error.why, '')}"
    return ""


def _state(state: str) -> str:
    return STATES.get(state, state)
