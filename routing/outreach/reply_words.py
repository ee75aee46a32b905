"""The words by which replies are read: opt-outs, judgements, what takes them back, and what changes nothing. Pure."""

from __future__ import annotations

import re


def one_of(words: str) -> str:
    """Give a pattern for any of these words, the longest first; a blank within a word is written as an underscore."""
    return "|".join(re.escape(word.replace("_", " ")) for word in sorted(words.split(), key=len, reverse=True))


POLITE = re.compile(
    "(?:(?:十分|非常|(?<![得的地滴])很|太|真的?|万分|特别|实在))?(?:谢谢|感谢|多谢|辛苦|麻烦|劳驾|费心"
    "|拜托)(?:(?:[你您]们|您|你(?!们))(?![的好])|大家|师傅(?![的很好真])|各位|啦|了|呀|啊|哈)*"
    "|[您你](?:们)?好(?![不吗多贵看吃烦])|大家好|(?<![a-z])(?:thank you|thanks|please|hello|hi)(?![a-z])"
    "|[🙏🌹🌺💐🌷❤♥😊🙂☺]+|\\[(?:玫瑰|抱拳|合十|握手|爱心|微笑|拥抱)\\]"
)
"""Politeness, which never changes what is said. It is taken as a break."""

OPT_OUT_WHOLE = re.compile(
    "(?:回复?|发送?)?(?:td|t|r|n|qx|0000|退订?|退订短信|取消|取消订阅|取消短信|拒收|stop|unsubscribe"
    "|quit)(?:退订|短信|吧|了|td|t|n|啊)*"
)
OPT_OUT_IN = re.compile(
    "退订(?!.{0,6}(?:餐|饭|单|服务|保洁|明天|后天))|取消(?:订阅|短信)|停止发送?短信|(?:别|不要|不用"
    "|勿)再?(?:给我)?发(?:短信|信息|消息|了)"
    "|不(?:想|要|愿)再?收(?:到)?(?:你们的?)?(?:短信|信息)|unsubscribe|(?<![a-z0-9])td(?![a-z0-9])"
)
NOT_OPT_OUT = re.compile(
    "(?:不|别|没有?|没说|怎么|如何|要不要|取消|谁|什么是|为什么|我)(?:想|要|用|会|给我)*(?:退订"
    "|td)(?:了?[吗么?]|了怎么)"
    "|(?:不|别|没有?|没说|怎么|如何|要不要|取消|谁|什么是|为什么)(?:想|要|用|会|给我)*(?:退订|td)|(?:退订"
    "|td)(?:了?[吗么?]|是什么|什么意思|了?怎么)"
    "|(?:把|将).{0,12}退订"
)
NOT_DONE = re.compile(
    "没有?人?(?:来(?!得及|电|水|气|信|短信|过这么|过那么|着)过?|做完?|送到?|送来|弄|干(?!净)|打扫|上门|见到?人"
    "|看见人|到(?!位))|没有?人来"
    "|(?:还|都|根本|一直)没(?:有)?(?:来|做|送|到|弄)|没上门|没收到|[没未]上门|没服务|冇人?来|没得人来|没有?来人"
    "|没见人"
)
NOT_DONE_MAYBE = re.compile(
    "不是没|并非没|如果|要是|万一|假如|若是|来了没|后来|又来|好久没|吗|没来过|为什么没有?来过|[?]|什么时候"
)
ASKING = re.compile(
    '[\\w)"][ \\W]{0,3}[?]|吗|(?<!不)怎么|什么(?:时候|意思|是|短信|人|呀|地方)|是什么|干什么|为什么|为啥|多少'
    "|几点|几分|几号|几个|哪里|哪个|哪儿|谁"
    "|能不能|可不可以|是不是|行不行|来不来|够不够|还是.*[?]"
)

JUDGED: dict[str, int] = {}
"""Judgements on a scale of five. The longest found counts: 满意 is not found within 不满意."""
for _score, _words in {
    5: "非常满意 很满意 十分满意 特别满意 太满意了 太满意 超级满意 超满意 最满意 相当满意 百分百满意 "
    "百分之百满意 满意极了 非常非常满意 "
       "满意得很 非常好 特别好 太好了 好极了 很好 挺好 挺好的 十分好 超好 真好 非常棒 太棒了 很棒 真棒 棒极了 "
       "好评 非常不错 很不错 "
       "很好很好 好得很 好的很 好滴很 好地很 好得不得了 顶呱呱 呱呱叫 杠杠的 完美 优秀 巴适得很 巴适惨了 "
       "攒劲得很 嫽扎咧 美得很 "
       "贼好 倍儿好 倍儿棒 老好了 忒好了 very_satisfied very_good excellent perfect great",
    4: "满意 比较满意 还满意 还算满意 挺满意 蛮满意 不错 挺不错 还不错 蛮不错 真不错 蛮好 比较好 良好 不赖 "
    "还不赖 不孬 "
       "服务好 态度好 做得好 做的好 干得好 干得不错 satisfied good",
    3: "一般 一般般 一般化 还行 还行吧 还可以 还好 还成 凑合 还凑合 凑付 凑乎 马马虎虎 过得去 中等 普通 "
    "普普通通 将就 就那样 麻麻地 不好不坏 不好也不坏 "
       "fair so_so soso",
    2: "不满意 不太满意 不怎么满意 不大满意 不是很满意 不是太满意 不够满意 没有很满意 不好 不太好 不怎么好 "
    "不大好 不是很好 不怎么样 唔好 "
       "不行 不太行 不咋样 不咋地 差 较差 比较差 有点差 不怎么行 dissatisfied bad not_good not_satisfied",
    1: "非常不满意 很不满意 十分不满意 特别不满意 极不满意 极其不满意 太不满意 太不满意了 相当不满意 "
    "一点都不满意 一点也不满意 "
       "非常不好 很不好 特别不好 太不好了 一点都不好 一点也不好 非常差 很差 太差 太差了 特别差 极差 差极了 差劲 "
       "太差劲 太差劲了 "
       "很差劲 最差 差评 糟糕 很糟糕 太糟糕 太糟糕了 太糟了 太不像话了 very_bad terrible awful very_dissatisfied",
}.items():  # fmt: skip
    for _word in _words.split():
        JUDGED[_word.replace("_", " ")] = _score
JUDGEMENT = one_of(" ".join(word.replace(" ", "_") for word in JUDGED))
NOT_JUDGED = (
    "不好意思|不错过|不好说|不行(?![，。,.!！?;；~～\\n 的吧啊👎😡]|$)|差不多|差点儿?|差一"
    "|差[个钱你我他的了些几到]|[出时误温]差|很好[看吃奇笑玩听多人办说]"
    "|满意(?:度(?![:：]?[0-9一二三四五])|不了|思|死|的话|什么|个[屁鬼])|一般(?:[人来说情都])|普通(?:话|人|发票)"
    "|还行人|好评如|完美的?人"
)
"""Words that hold a judgement and are none."""
HEDGED = one_of(
    "不给 给我 不能 不想给 给不了 不到 不值 不配 不止 不够 不可能 别给 没有 没给 不敢 不会 本来 原来 原本 应该 "
    "希望 如果 要是 要不是 假如 除非 若是 "
    "下次准时 就给你们 叫我 让我 要我 做梦 想得美 骗你 骗人 才怪 开玩笑 逗你 休想 你也配 配得上 呵呵 哼 多了 "
    "都多 假的 反话 讽刺 最多 至少 顶多 不是 并非 "
    "谈不上 说不上 算不上 难说 才能 才会 才算 就好了 扣 减 maybe not no"
)
"""Words that take a number back, or may."""
TURNING = one_of("但是 但 可是 可惜 不过 只是 就是 除了 然而 but though")
NEUTRAL = one_of(
    "我们 我 俺 咱们 咱 给 给个 打 打个 评个 来个 评 选 回复 回 评分 打分 评价 分数 得分 得 是 就 就给 只给 "
    "只能给 勉强 直接 必须 肯定 绝对 当然 吧 啦 哟 啊 呢 哦 喔 呀 "
    "了 好了 的 嘛 哈 噢 嗯 哎"
)
NEUTRAL_ENGLISH = one_of(
    "it was is i we give score rate rating my the points point stars star our service very overall"
)
_FAMILY = one_of(
    "老人家 老人 老伴 老头子 老太太 老妈 老爸 妈妈 爸爸 妈 爸 母亲 父亲 奶奶 爷爷 婆婆 公公 外婆 外公 姥姥 姥爷 "
    "岳母 岳父 家人"
)
ABOUT = (
    one_of(
        "你们 您们 您 你 他们 她们 他 她 师傅 阿姨 小伙子 小伙 姑娘 护理员 护工 保洁员 送餐员 工作人员 小李 "
        "小张 小王 小刘 老师 服务 态度 服务态度 质量 工作 "
        "活儿 活 干活 饭菜 饭 菜 餐 味道 打扫 保洁 卫生 护理 送餐 送饭 洗澡 维修 这次 这回 这个 今天 昨天 "
        "今天的 觉得 感觉 认为 总体 整体 总的来说 "
        "对 都 也 还 很 真 真的 一直 每次 特别 非常 大家 全家 和 又 做得 做的 干得 手脚 女儿 儿子 家属 家里 "
        "他女儿 他儿子 她女儿 她儿子 我这边"
    )
    + f"|(?:代|替|帮)?(?:我|我们|咱|他|她)?(?:家)?(?:{_FAMILY})(?:说|表示|讲|让我|叫我|觉得)?"
    f"|\\[[\\u4e00-\\u9fff]{{1,4}}\\]"
)
"""Who and what is judged: it may stand beside a judgement, and changes nothing in it. Whose word it is counts: an
elder's own, or a relative's for her; what a care worker says that one should answer is no score."""
PRAISE = one_of(
    "给力 实在 没毛病 细心 耐心 热情 周到 干净 麻利 利索 好吃 可口 香 热乎 准时 及时 勤快 认真 负责 仔细 贴心 "
    "温柔 和气 有礼貌 专业 有耐心 到位 放心 热心 舒服"
)
BLAME = one_of(
    "来晚了 晚了 迟到 迟到了 饭凉了 凉了 凉 冷了 冷 脏 难吃 太慢 慢 敷衍 粗心 偷懒 馊了 太咸 没擦干净 不干净 "
    "不准时 不及时 rude late"
)
GLAD = "[👍😀😄😃😁👏🎉💪👌💯🥰😍]"
SAD = "[👎😡😠😤😞😢😭💔🤬💩🖕☹😔😫]|\\[(?:弱|怒|发怒|流泪|大哭|抓狂)\\]"
ODD = "[🙄🙃🤡😏😒😓🤔🤷😅]|\\[(?:呵呵|白眼|抠鼻|吐|再见)\\]"
"""Pictures of those who mean the contrary of what they write, or may."""
ENGLISH_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ii": 2, "iii": 3, "iv": 4}
"""Roman numerals in letters, too: of those that are one letter nobody knows what they are."""
NAMED = (
    "(?:订?单号?|订单编?号|编号)[:：]?\\d{4,12}(?!\\d)|\\d{4,12}号?单|满意度(?=[:：]? ?[0-9一二三四五])|没有?摔[倒着]?"
)
"""The number of an order that is called so, and what says nothing of the service though it looks like it."""
IDIOM = (
    "一分[钱货]|十[分足](?=[\\u4e00-\\u9fff])(?!分?[吧啊了的呀哦哈嘛，])|[万一]一|一(?:点|定|直|样|起|共|些|下"
    "|会|切|时|辈)|第[一二三四五六七八九十\\d]+"
    "|星期[一二三四五六\\d]|周[一二三四五六\\d]|礼拜[一二三四五六\\d]|[半][个分星]?"
)
"""Numerals that count nothing that a score could be."""
