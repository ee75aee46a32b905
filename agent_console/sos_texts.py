"""Words and texts of the pages about an SOS; `texts` has the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SOS_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sos_result": {
        "false_alarm": "误触、虚惊", "family_informed": "已通知家属", "ambulance_sent": "已叫救护车",
        "police": "已报警", "visited": "已上门查看", "no_contact_staff_sent": "联系不上，已派人上门", "other": "其他",
    },
    "raised": {
        "did": "拨打紧急号码", "key_9": "按 9", "home": "家庭电话", "mobile": "手机", "one_key": "一键呼叫器",
        "welcome": "欢迎语中", "waiting": "排队播报中", "hold": "排队中", "sms": "发短信求救",
    },
    "place_trouble": {
        "unreadable": "设备发来的位置读不懂，未采用", "out_of_bounds": "设备发来的位置不在地球上，未采用",
        "no_fix": "设备还没有定位",
    },
    "dial": {
        "busy": "占线", "no_answer": "无人接听", "congestion": "线路忙", "failed": "打不通", "refused": "拒接",
        "unknown": "没有接通", "talk over": "通话已结束", "not_now": "现在不行", "there_already": "已经在拨打或通话中",
        "too_many": "人数已满", "wrong_stage": "现在不能这样操作",
    },
    "sos_step": {
        "opened": "呼救", "noted": "记录", "closed": "结案", "located": "设备报告的位置", "not_located": "没有设备位置",
        "record_changed": "修改位置资料", "ticket.joined": "等待接听",
        "ticket.offered": "振铃", "ticket.returned": "未接，回到等待", "ticket.answered": "接听",
        "talk.confer": "呼叫加入通话", "talk.joined": "已加入通话", "talk.not_joined": "没有接通",
        "talk.guest_left": "离开通话", "talk.agent_left": "坐席离开，其他人继续", "talk.caller_left": "来电人离开",
        "call.recovered": "事后补记", "written": "短信原文",
    },
}  # fmt: skip

SOS_TEXTS: Final[Mapping[str, str]] = {
    "sos.where": "去哪里", "sos.address": "住址", "sos.landmarks": "怎么找", "sos.way_in": "怎么进门",
    "sos.key_holders": "有钥匙的人", "sos.device_place": "呼叫器所在位置",
    "sos.reported": "设备报告的位置", "sos.within": "误差 {metres} 米", "sos.from_home": "离登记住址 {distance}",
    "sos.home": "登记坐标", "sos.metres": "{metres} 米", "sos.kilometres": "{kilometres} 公里",
    "sos.no_place": "没有任何位置资料：先问来电人在哪里、附近有什么；再问联系人；都不行，请班长联系社区或 110。",
    "sos.no_way_in": "没有登记怎么进门：问联系人谁有钥匙；进不去请 119 开门。",
    "sos.call": "接通 {who}", "sos.rings": "正在拨打", "sos.in_talk": "已在通话中",
    "sos.not_reached": "没有接通：", "sos.keys": "话机上也可以按：",
    "sos.close": "紧急呼叫结案", "sos.result": "结果（必选）", "sos.pick": "请选择结果",
    "sos.words": "说明（必填）", "sos.owed": "您接的紧急呼叫还没有结案：", "sos.owed.open": "个案 {number}",
    "sos.open_for": "已开 ", "sos.unattended": "已 {minutes} 分钟没有人处理！",
    "sos.alarm": "有紧急呼叫个案超过 {minutes} 分钟没有人处理！", "sos.talking": "正在通话",
    "sos.written": "短信求助，请马上打电话：个案 ",
    "place.edit": "修改位置资料", "place.save": "保存位置资料", "place.saved": "位置资料已保存。",
    "place.of_phone": "{number} 所在位置（与住址不同时填写）", "place.has_key": "{name} 有钥匙",
}  # fmt: skip
