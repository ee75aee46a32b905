"""Words for the steps of a call's journey, and for what the hotline refuses; `texts` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console.escalation_texts import ESCALATION_JOURNEY
from agent_console.medicine_texts import MEDICINE_JOURNEY
from agent_console.wellbeing_texts import WELLBEING_JOURNEY

STEP_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "journey": {
        **ESCALATION_JOURNEY,
        **WELLBEING_JOURNEY,
        **MEDICINE_JOURNEY,
        "call.began": "来电", "call.dialled": "呼出", "call.withdrawn": "不再需要，停止振铃",
        "call.self_served": "自助完成", "call.answered": "人工接听完毕",
        "call.abandoned": "中途放弃", "call.promised": "约定回拨", "call.fallback": "转应急接听",
        "welcome.greeted": "问候", "services.chosen": "选择服务", "order.placed": "下单", "order.declined": "不下单",
        "order.refused": "不能下单", "order_status.told": "告知工单进展", "sos.raised": "紧急呼叫",
        "ticket.joined": "开始排队", "ticket.offered": "转给坐席", "ticket.returned": "坐席未接，回到原位",
        "ticket.answered": "坐席接听", "ticket.abandoned": "排队中挂机", "ticket.self_served": "自助完成，不再排队",
        "ticket.promised": "约定回拨", "ticket.fallback": "转应急接听", "hold.key": "排队中按键",
        "ticket.unreached": "回电未接通，转人工处理", "waiting.told": "播报排队位置",
        "waiting.called_away": "播报中接通坐席", "waiting.hung_up": "播报中挂机",
        "welcome.elder_chosen": "选择是哪位老人",
        "complaint.left": "录音投诉", "complaint.silent": "没有录到投诉，转人工",
        "registration.left": "录音登记", "registration.silent": "没有录到登记，转人工",
        "announcement.told": "播报通知",
        "message.asked": "没有人接听，请来电留言", "message.left": "留言", "message.silent": "没有说话，也要回电",
        "duty.taken": "值班人员接听", "duty.not_taken": "值班电话没有接受",
        "promise.made": "约定回电", "promise.kept": "仍等回电",
        "promise.cancelled": "取消回电", "promise.taken_back": "来电接着排队", "promise.reached": "回电接通老人",
        "promise.not_reached": "回电未接通",
        "talk.hold": "保持", "talk.resume": "恢复通话", "talk.transfer": "转接", "talk.consult": "咨询",
        "talk.complete": "转接完成", "talk.return": "回到来电", "talk.confer": "三方通话",
        "talk.broken": "坐席话机中断",
        "talk.left": "坐席离开，来电回到排队", "talk.not_consulted": "咨询无人接听", "talk.handed_over": "转给另一坐席",
        "talk.supervised": "班长监听", "ticket.moved": "班长调整排队",
        "visits.check_in": "护理员签到", "visits.check_out": "护理员签退", "visits.wrong_pin": "工号密码不对",
        "visits.already_in": "已经签到过", "visits.not_in": "没有签到", "visits.no_visit_today": "今天没有单子",
        "visits.which_visit": "单子太多，转人工", "visits.wrong_home": "电话是别家的", "visits.instead_of": "代替同事",
        "visits.no_begin": "没有签到就签退", "visits.task": "报告做了什么", "visits.task_not_told": "没有报告做了什么",
        "visits.locked": "密码已锁定", "offer.accepted": "服务商接单", "offer.gone": "派单已失效",
        "offer.listed": "服务商听整批派单",
        "company.listed": "服务商听今天的单", "company.availability": "服务商改接单时间",
        "company.wrong_pin": "公司密码不对", "company.locked": "公司密码已锁定", "offer.declined": "服务商不接",
        "offer.not_qualified": "没有持证护理员，转人工",
        "offer.over": "派单已结束",
        "after_service.scored": "老人打分", "after_service.not_done": "老人说服务没有做",
        "after_service.no_more": "老人不想再接回访电话", "after_service.came": "老人说有人来过",
        "after_service.nobody_came": "老人说没人来", "after_service.remark": "老人录了意见",
        "after_service.nobody_listens": "无人应答", "flow.ended": "流程结束", "flow.failed": "流程出错",
    },
    "problem": {
        "400": "请求不完整，或页面已过期。请刷新后再试。", "401": "请先登录。", "403": "您没有权限做这件事。",
        "404": "没有找到。", "405": "不能这样操作。", "409": "有人抢先一步，请刷新后再看。", "413": "内容太长。",
        "422": "填写的内容不对。", "429": "操作太频繁，请稍后再试。", "500": "系统出错了，请稍后再试，或告诉班长。",
        "503": "系统暂时不可用，请稍后再试。",
        "not_qualified": "这家服务商当天没有持有效证书的护理员，请换一家，或先登记证书。",
        "not_served": "这位老人或这项服务目前不能下单。", "move_refused": "这个工单现在不能这样变更。",
        "bad_rule": "日期规则或时间写得不对：时间写成 11:30,17:30，一天最多 4 次，至少隔 30 分钟。",
        "bad_due": "上门时间要在现在到一年之内。",
        "plan_changed": "这个计划刚刚被别人改过，请刷新后再看。",
        "price_changed": "老人要付的钱比刚才说的多：请告诉老人新价格，再下单。",
        "price_refused": "数量或价格不对：请核对后再试。", "not_priced": "这项服务当天没有价格：请班长先填写价格。",
        "company_unreachable": "服务商要有一个能打通的电话号码。",
        "moved_meanwhile": "这个工单刚刚被别人改过，请刷新后再看。",
    },
}  # fmt: skip
