"""Every text of the pages, Chinese first. Templates and views name a key; another language is another table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from flask import Flask

from agent_console.company_texts import COMPANY_TEXTS, COMPANY_WORDS
from agent_console.escalation_texts import ESCALATION_STEPS, ESCALATION_TEXTS, ESCALATION_WORDS
from agent_console.journal_texts import JOURNAL_TEXTS, JOURNAL_WORDS
from agent_console.medicine_texts import MEDICINE_TEXTS, MEDICINE_WORDS
from agent_console.order_texts import ORDER_TEXTS, ORDER_WORDS
from agent_console.outreach_texts import OUTREACH_TEXTS, OUTREACH_WORDS
from agent_console.plan_texts import PLAN_TEXTS, PLAN_WORDS
from agent_console.prices_texts import PRICES_TEXTS, PRICES_WORDS
from agent_console.response_texts import RESPONSE_TEXTS, RESPONSE_WORDS
from agent_console.sos_texts import SOS_TEXTS, SOS_WORDS
from agent_console.step_texts import STEP_WORDS
from agent_console.visit_texts import VISIT_TEXTS, VISIT_WORDS
from agent_console.wellbeing_texts import WELLBEING_STEPS, WELLBEING_TEXTS, WELLBEING_WORDS
from routing.numbers import as_dialled, masked
from routing.settings import Settings

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "agent": {
        "logged_off": "未登录", "unreachable": "话机离线", "ready": "就绪", "reserved": "已预定", "ringing": "振铃中",
        "talking": "通话中", "wrap_up": "话后", "paused": "小休", "resting": "未接休息",
    },
    "class": {"sos": "紧急呼叫", "frail": "重点老人", "elder": "老人", "other": "其他"},
    "intent": {
        "general": "咨询", "order": "订服务", "complaint": "投诉", "register": "登记", "worker": "护理员",
        "company": "服务商", "callback": "回访", "sos": "紧急呼叫",
    },
    "stage": {"opened": "接入中", "held": "排队中", "offered": "正在转接", "message": "留言中"},
    "promise": {"opened": "待回电", "held": "待回电", "offered": "正在回电"},
    "channel": {"phone_key": "按键", "sms": "短信", "desk": "坐席", "job": "系统", "call": "电话", "voice": "语音",
                "plan": "计划"},
    "case": {"sos": "紧急呼叫", "complaint": "投诉", "registration": "登记", "message": "留言",
             "dispatch": "无人接单", "overdue": "工单超时", "wellbeing": "每日问候", "visit": "上门服务",
             "certificate": "证书到期", "sms": "短信待读", "callback": "回电未接通", "plan": "计划停了",
             "provider": "服务商", "other": "其他"},
    "left": {"": "全部", "message": "留言", "complaint": "投诉", "registration": "登记"},
    "case_state": {"open": "未结", "closed": "已结"},
    "outcome": {"": "进行中", "self_served": "自助完成", "answered": "人工接听", "abandoned": "中途放弃",
                "promised": "约定回拨", "fallback": "应急接听", "unreached": "回电未接通", "withdrawn": "不再需要"},
    "direction": {"inbound": "呼入", "outbound": "呼出"},
    "hearing": {"normal": "正常", "weak": "听力弱", "deaf": "失聪"},
    "sex": {"female": "女", "male": "男", "unknown": "未知"},
    "phone": {"home": "家庭", "mobile": "手机", "one_key": "一键呼叫器"},
    "role": {"agent": "坐席", "supervisor": "班长", "administrator": "管理员", "auditor": "审计", "company": "服务商"},
    "step": {"opened": "开案", "noted": "记录", "closed": "结案", **ESCALATION_STEPS, **WELLBEING_STEPS},
    **STEP_WORDS,
    "talk": {"talking": "通话中", "parked": "保持中", "consulting": "咨询中", "conference": "三方通话"},
    "softphone": {
        "asking": "请允许使用麦克风，话机才能连接",
        "refused": "麦克风没有被允许：点地址栏左边的图标允许麦克风，再点“重试”",
        "no_microphone": "没有找到麦克风：请插好耳机，再点“重试”",
        "insecure": "这个网址不能用麦克风：请用 https 地址打开", "off": "网页话机已停用，来电只响桌面话机",
        "elsewhere": "话机在另一个标签页里", "connecting": "话机正在连接……", "registered": "话机已连接",
        "lost": "话机断线，正在重新连接，现在不会有来电", "denied": "话机被拒绝登录，正在重试，请告诉班长",
        "ringing": "来电", "talking": "正在通话", "muted": "已静音，老人听不到您",
    },
    "lead": {"listen": "监听", "whisper": "耳语", "barge": "强插", "ready": "设为就绪", "paused": "设为小休",
             "logged_off": "强制签退", "end": "挂断通话"},
    "hours_why": {"exception": "特别安排", "holiday": "法定节假日", "make_up": "调休上班", "weekday": "平常日子",
                  "always": "全天开放"},
    "weekday": {"0": "星期一", "1": "星期二", "2": "星期三", "3": "星期四", "4": "星期五",
                "5": "星期六", "6": "星期日"},
    "day_kind": {"mon": "星期一", "tue": "星期二", "wed": "星期三", "thu": "星期四", "fri": "星期五", "sat": "星期六",
                 "sun": "星期日", "holiday": "法定节假日", "make_up": "调休上班日"},
    "manner": {
        "language": "语言", "dialect": "方言录音", "slow": "说慢一点", "loud": "声音大一点",
        "key_seconds": "等按键的时间", "hints": "没按键时提醒", "straight_to_person": "直接转人工",
        "favourite_offered": "先问要不要常订的",
    },
    "learnt": {
        "": "学到的：以前的通话", "help": "学到的：最近 {of} 次按键通话有 {count} 次要提醒，或没按键转了人工",
        "late": "学到的：最近 {of} 次有 {count} 次按键晚了",
        "still_late": "学到的：多等了还是晚，最近 {of} 次有 {count} 次",
        "hash": "学到的：最近 {of} 次有 {count} 次按井号选的", "favourite": "学到的：最近 {of} 单里有 {count} 单",
    },
    "hints": {"0": "不提醒，马上转人工", "1": "提醒一次", "2": "提醒两次"},
    "language": {"zh-CN": "普通话", "en": "英语"},
    "yes_no": {"yes": "是", "no": "否"},
    "layer": {"dialect": "方言真人录音", "recorded": "真人录音", "rendered": "合成语音", "spoken": "后台合成",
              "none": "没有声音"},
    "recording": {
        "unreadable": "这不是能读的声音文件，请用 WAV、MP3、FLAC 或 OGG。", "nothing": "里面没有声音。",
        "short": "太短了，这句话没有读完整。", "long": "太长了，请只读这一句，前后不要多留。",
        "quiet": "声音太小了，请离话筒近一点再录。", "clipped": "声音太大，破音了，请离话筒远一点再录。",
    },
    **ESCALATION_WORDS,
    **WELLBEING_WORDS,
    **MEDICINE_WORDS,
    "elder_state": {"active": "在册", "moved": "已迁出", "deregistered": "已注销", "deceased": "已故"},
    **SOS_WORDS,
    **VISIT_WORDS,
    **PLAN_WORDS,
    **PRICES_WORDS,
    **ORDER_WORDS,
    **COMPANY_WORDS,
    **RESPONSE_WORDS,
    **JOURNAL_WORDS,
    **OUTREACH_WORDS,
}  # fmt: skip

TEXTS: Final[Mapping[str, str]] = {
    **ESCALATION_TEXTS,
    **WELLBEING_TEXTS,
    **MEDICINE_TEXTS,
    "product": "银龄热线",
    "product.long": "银龄热线 · 居家养老服务台",
    "nav.desk": "坐席台", "nav.wallboard": "班长台", "nav.calls": "来电", "nav.orders": "工单",
    "nav.messages": "留言", "nav.hours": "时间", "nav.prompts": "语音提示", "nav.announcements": "通知",
    "nav.leave": "退出", "nav.menu.care": "服务管理", "nav.menu.line": "热线设置",
    "nav.skip": "跳到正文",
    "login.title": "登录", "login.name": "用户名", "login.password": "密码", "login.submit": "登录",
    "login.failed": "用户名或密码不对。连续输错 5 次，账号会锁定 15 分钟。",
    "home.nothing": "您的账号目前没有可用的页面，请联系管理员。",
    "error.title": "出了点问题", "error.back": "返回首页",
    "live.lost": "实时信息中断，正在重新连接……",
    "desk.title": "坐席台", "desk.extension": "分机", "desk.no_extension": "没有分机",
    "desk.ready": "就绪", "desk.pause": "小休", "desk.end_wrap_up": "结束话后", "desk.log_off": "签退",
    "desk.waiting": "排队", "desk.idle": "没有来电。来电振铃时，老人的档案会自动出现在这里。",
    "desk.search": "查找老人", "desk.search.hint": "电话号码、登记号或姓名", "desk.search.go": "查找",
    "desk.search.none": "没有找到。", "desk.sos.waiting": "有紧急呼叫正在等待！",
    "desk.sos.yours": "紧急呼叫 SOS —— 请立即接听",
    "desk.ringing": "来电振铃", "desk.calling_back": "约好的回电：正在拨打老人，接通后您的话机会振铃",
    "phone.title": "网页话机", "phone.answer": "接听", "phone.decline": "拒接", "phone.hang_up": "挂机",
    "phone.mute": "静音", "phone.keypad": "拨号键", "phone.retry": "重试", "phone.off": "停用", "phone.on": "启用",
    "phone.silent": "点这里打开铃声",
    "talk.title": "通话", "talk.hold": "保持", "talk.resume": "恢复", "talk.transfer": "转接", "talk.consult": "咨询",
    "talk.confer": "三方", "talk.end": "挂断", "talk.complete": "转给对方", "talk.return": "回到老人",
    "talk.target": "转给谁", "talk.outside": "外线", "talk.skill": "技能组 {skill}",
    "talk.trouble": "没有做到：对方没有空闲或没有接听，请再选一位。",
    "lead.title": "班长操作", "lead.action": "做什么", "lead.at": "用分机", "lead.reason": "原因", "lead.do": "执行",
    "lead.front": "排到同类最前", "lead.same_class": "类别不变", "lead.agent": "转给坐席", "lead.skill": "转给技能",
    "lead.move": "移动", "lead.asked": "已交给系统处理。", "lead.reason.missing": "请写明原因。",
    "desk.unknown": "未登记的来电", "desk.unknown.hint": "这个号码没有登记。可以按姓名或登记号查找老人。",
    "desk.several": "这个号码登记了几位老人，请问清是哪一位：",
    "record.age": "{age} 岁", "record.address": "住址", "record.health": "健康提示", "record.hearing": "听力",
    "record.dialect": "方言", "record.payer": "付费", "record.phones": "电话", "record.contacts": "联系人",
    "record.code": "登记号", "record.alone": "独居", "record.none": "无", "record.open_orders": "未完成的工单",
    "record.history": "历史工单", "record.calls": "最近通话", "record.no_address": "未登记",
    "manner.title": "电话习惯", "manner.change": "修改", "manner.save": "保存", "manner.saved": "电话习惯已保存。",
    "manner.as_learnt": "按学到的或默认", "manner.seconds": "{seconds:g} 秒",
    "manner.favourite": "常订的服务", "manner.bad": "电话习惯填得不对。",
    "manner.set_by": "由{who}设置", "manner.of_record": "档案里登记的", "manner.usual": "默认",
    "manner.of_hearing": "默认：档案登记听力弱",
    "order.new": "下新工单", "order.item": "服务项目", "order.due": "上门时间", "order.note": "备注",
    "order.price": "价格", "order.pays": "老人自付", "order.place": "下单", "order.cancel": "取消工单",
    "order.cancel.reason": "取消原因",
    "promise.open": "已约定回电", "promise.cancel": "取消回电", "promise.cancel.reason": "不再需要回电的原因",
    "promise.cancel.asked": "已交给系统取消这次回电。",
    "order.placed": "已下单，工单号 {number}。", "order.cancelled": "工单 {number} 已取消。",
    "order.number": "工单号", "order.state": "状态", "order.company": "服务商", "order.worker": "护理员",
    "order.created": "下单时间", "order.source": "来源", "order.history": "经过", "order.elder": "老人",
    "order.due.bad": "上门时间写得不对。",
    "order.title": "工单", "order.pick": "请选择",
    "call.note": "通话记录", "call.note.save": "保存记录", "call.note.saved": "已保存。", "call.title": "来电",
    "call.started": "开始", "call.answered": "接通", "call.ended": "结束", "call.outcome": "结果", "call.agent": "坐席",
    "call.number": "号码", "call.direction": "方向", "call.journey": "通话经过", "call.ticket": "排队",
    "call.waited": "等候", "call.dialled": "被叫", "call.details": "详情",
    "board.title": "班长台", "board.tickets": "正在排队", "board.agents": "坐席", "board.cases": "未结个案",
    "board.class": "类别", "board.intent": "需求", "board.waited": "已等", "board.stage": "状态", "board.to": "转给",
    "board.nobody": "没有人在排队。", "board.no_agents": "没有坐席登录。", "board.no_cases": "没有未结的个案。",
    "board.extension": "分机", "board.name": "姓名", "board.state": "状态", "board.since": "已持续",
    "board.messages": "待回电的留言",
    "message.all": "要听的录音", "message.due": "应回电", "message.no_number": "没有号码",
    "message.close": "处理完毕",
    "message.none": "没有等着处理的录音。", "message.closed": "已处理完毕。",
    "message.silent": "没有录到说话，请打电话问问。",
    "announcement.title": "通知", "announcement.text": "内容", "announcement.district": "街道",
    "announcement.all": "全部", "announcement.from": "开始", "announcement.until": "结束",
    "announcement.make": "发布", "announcement.end": "停止播报", "announcement.over": "已停止",
    "announcement.spoken": "正在播报", "announcement.not_spoken": "还没有声音，不播报",
    "announcement.file": "上传真人录音",
    "announcement.hint": "来电问候之后听一次，一通电话最多两条。录音用 WAV：8000 赫兹、16 位、单声道，最长 15 秒。",
    "hours.title": "服务时间", "hours.open": "服务中", "hours.closed": "已下班", "hours.until": "直到",
    "hours.day": "日期",
    "hours.hours": "时间", "hours.why": "原因", "hours.none": "不上班", "hours.week": "每周时间",
    "hours.week.hint": "空着就是不上班；全部空着就是全天开放。结束早于开始，就是到第二天。调休上班日空着时按星期一。",
    "hours.exceptions": "特别日子", "hours.save": "保存", "hours.drop": "删除", "hours.saved": "已保存，几十秒内生效。",
    "hours.day.bad": "日期写得不对。", "hours.known_until": "法定节假日资料到这一天为止，之后按平常日子算：",
    "duty.title": "值班电话", "duty.name": "值班人", "duty.times": "值班时间", "duty.position": "顺序",
    "duty.add": "添加",
    "duty.now": "现在值班", "duty.always": "随时", "duty.none": "没有值班电话。",
    "duty.of_settings": "系统设置里的号码",
    "prompt.title": "语音提示", "prompt.language": "语言", "prompt.dialect": "方言（拼音，可不填）",
    "prompt.find": "查找", "prompt.go": "显示", "prompt.words": "内容", "prompt.heard": "来电听到的",
    "prompt.seconds": "秒",
    "prompt.open": "试听、录音", "prompt.back": "返回语音提示", "prompt.whole": "整句：",
    "prompt.hint": "真人录音优先于合成语音；方言录音只给说这种方言的老人听。新录音几秒内生效，不用重启。",
    "prompt.stale": "文字已改", "prompt.stale.hint": "文字在录音之后改过，这段录音不再播放，请重新录。",
    "prompt.recorded": "真人录音", "prompt.rendered": "合成语音", "prompt.none": "还没有真人录音。",
    "prompt.drop": "撤回录音", "prompt.dropped": "录音已撤回。", "prompt.kept": "录音已保存，几秒内生效。",
    "prompt.refused": "没有保存：", "prompt.no_file": "请先选择文件。", "prompt.file": "声音文件",
    "prompt.upload": "上传录音", "prompt.upload.go": "上传",
    "prompt.upload.hint": "WAV、MP3、FLAC 或 OGG，一分钟以内，只读上面这一句。音量和音质会自动调整。",
    "prompt.by_phone": "用我的话机录音", "prompt.by_phone.go": "让话机振铃",
    "prompt.by_phone.hint": "话机振铃后接听，滴声后读上面这一句，按井号键结束；听一遍，按 1 留下，按 2 重录。",
    "prompt.phone.rings": "话机马上振铃，请接听。录完后刷新本页。",
    "prompt.phone.not_free": "这部话机没有连接，或者正在使用。",
    "case.due": "期限",
    "case.outcome": "处理结果（必填）", "case.close": "结案",
    "case.closed": "已结案。", "case.note": "个案记录",
    "case.note.save": "添加", "case.elder": "老人", "case.order": "工单",
    "case.number": "个案", "page.older": "更早", "page.newest": "最新", "unit.yuan": "元", "list.none": "没有记录。",
    **SOS_TEXTS,
    **VISIT_TEXTS,
    **PLAN_TEXTS,
    **PRICES_TEXTS,
    **ORDER_TEXTS,
    **COMPANY_TEXTS,
    **RESPONSE_TEXTS,
    **JOURNAL_TEXTS,
    **OUTREACH_TEXTS,
}  # fmt: skip


def text(key: str, **values: object) -> str:
    """Give a text. Raises KeyError for a key that is not in the table: a page with a hole is a fault."""
    return TEXTS[key].format(**values) if values else TEXTS[key]


def word(group: str, value: str) -> str:
    """Give the word for a state, kind or code; one that we do not know shows as itself."""
    return WORDS[group].get(value, value)


def yuan(fen: int) -> str:
    """Write fen as yuan: 1250 is 12.50."""
    return f"{fen // 100}.{fen % 100:02d}"


def waited(seconds: float | None) -> str:
    """Write a duration: 1:05, or 1:02:03."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _time_filter(settings: Settings, form: str) -> Callable[[datetime | None], str]:
    """Make a filter that writes an instant in the zone of the service."""

    def write(at: datetime | None) -> str:
        return at.astimezone(settings.zone).strftime(form) if at else ""

    return write


def equip_templates(app: Flask, settings: Settings) -> None:
    """Let templates say `t("key")` and `word("agent", state)`, hand a script `words("softphone")`, and write values."""
    app.jinja_env.globals.update(t=text, word=word, words=WORDS.__getitem__)
    app.jinja_env.filters.update(
        local=_time_filter(settings, "%Y-%m-%d %H:%M"),
        clock=_time_filter(settings, "%H:%M:%S"),
        yuan=yuan,
        waited=waited,
        masked=lambda number: masked(number) if number else "",
        dialled=lambda number: as_dialled(number, settings.country) if number else "",
    )
