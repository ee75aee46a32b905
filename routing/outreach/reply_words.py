"""The words by which replies are read: cries for help, opt-outs, judgements, and what takes them back. Pure."""

from __future__ import annotations

import re

SOS = re.compile(
    "救命|救救|救我|快来人|摔倒|摔了|摔跤|跌倒|晕倒|晕过去|昏倒|喘不上|喘不过|透不过气|胸口疼|胸口痛|胸痛|心口疼"
    "|出血|流血|起不来|动不了|不行了|着火|煤气|求救|呼救|(?<!\\d)120(?!\\d)|(?<!\\d)sos(?!\\w)|\\bhelp\\b"
)
NOT_SOS = re.compile("(?:没有?|未|不会|不是|并没有?)(?=摔|跌|晕|昏|出血|流血|着火)|不用救|救命恩人")
NOT_SOS_WHOLE = re.compile(f"(?:{NOT_SOS.pattern})(?:{SOS.pattern})?")
OPT_OUT_WHOLE = frozenset(
    {"td", "t", "r", "n", "退", "退订", "取消", "取消订阅", "不要", "stop", "unsubscribe", "quit"}
)
OPT_OUT_IN = re.compile("退订|取消订阅|(?:别|不要|不用|勿)再?(?:给我)?发(?:短信|信息|消息|了)|unsubscribe")
NOT_OPT_OUT = re.compile("(?:不|别|没有?|没说|怎么|如何|要不要)(?:想|要|用)?(?:退订|取消订阅)|退订[吗么?]")
NOT_DONE = re.compile(
    "没有?人?(?:来过?|做完?|送到?|送来|弄)|没有?人来|(?:还|都|根本|一直)没(?:有)?(?:来|做|送|到|弄)|没上门|没收到|未上门|没服务"
)
ASKING = re.compile("\\w\\W*[?]|吗$|(?<!不)怎么|什么时候|为什么|为啥|多少钱|几点|能不能|可不可以|是不是")
DOUBTFUL = re.compile(
    "不是不|没有不|并非不|不能说|谈不上|说不上|算不上|不敢说|如果|要是|假如|除非|本来|原来|应该|希望|才能|才会|才算|就好了"
)
TURNING = re.compile("但|可是|不过|只是|就是有|除了|然而|but|要不是")

# Phrases by score, the longest found first; what is found is taken out, so that 满意 is not found within 不满意.
PHRASES: dict[str, int] = {}
for _score, _words in {
    5: "非常满意 很满意 十分满意 特别满意 太满意了 太满意 超级满意 超满意 最满意 相当满意 百分百满意 百分之百满意 "
       "满意极了 "
       "非常好 特别好 太好了 好极了 很好 挺好 挺好的 十分好 超好 真好 非常棒 太棒了 很棒 真棒 好评 非常不错 很不错 "
       "verysatisfied verygood excellent perfect great",
    4: "满意 比较满意 还满意 挺满意 蛮满意 好 不错 挺不错 还不错 蛮好 棒 satisfied good",
    3: "一般 一般般 还行 还行吧 还可以 凑合 马马虎虎 过得去 还好 中等 普通 将就 fair soso",
    2: "不满意 不太满意 不怎么满意 不大满意 不是很满意 不够满意 没有很满意 不好 不太好 不怎么好 "
       "不大好 不是很好 不怎么样 "
       "不行 不太行 不咋样 不咋地 差 较差 比较差 有点差 不可以 不棒 不怎么行 dissatisfied bad notgood notsatisfied",
    1: "非常不满意 很不满意 十分不满意 特别不满意 极不满意 极其不满意 太不满意 相当不满意 一点都不满意 一点也不满意 "
       "非常不好 很不好 特别不好 太不好了 一点都不好 一点也不好 非常差 很差 太差 太差了 特别差 极差 差极了 差劲 太差劲 "
       "很差劲 最差 差评 糟糕 很糟糕 太糟糕 太糟了 verybad terrible awful verydissatisfied",
}.items():  # fmt: skip
    for _word in _words.split():
        PHRASES[_word] = _score
PHRASE = re.compile("|".join(sorted(PHRASES, key=len, reverse=True)))
BESIDE = re.compile(
    "我们?|俺|咱们?|你们?|您|他们?|她们?|师傅|阿姨|小伙子?|姑娘|护理员|送餐员?|送饭|饭菜?|菜|味道|打扫|保洁|护理|服务|态度|质量|工作|活儿?"
    "|这次|这回|这个|今天|昨天|对|觉得|感觉|认为|总体|整体|都|也|还|很|真|的|地|得|了|吧|啊|呢|哦|喔|呀|嘛|哈|噢|嗯|是|给|打|评|个"
    "|谢谢|多谢|感谢|辛苦|您好|你好|回复|it|was|is|the|service|thanks|thank|you|very"
)
"""Words that may stand beside a judgement and change nothing in it. Anything else does, or may."""
ACKNOWLEDGED = frozenset({"好的", "好吧", "好啊", "好好", "好好好", "好的好的", "好的谢谢", "好谢谢"})
"""Said by people who have read a message, and judge nothing."""
GREETING = re.compile("[您你]好|大家好")
NEGATED_NUMBER = re.compile("[不没未无别非难差欠少负]|本来|原来|应该|希望|如果|要是|假如|才")
NEGATOR_BEFORE = re.compile("[不没未无别非莫勿难]$|没有$|不是$|not$|no$")
