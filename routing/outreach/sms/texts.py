"""What our SMS say, in Chinese: one function a message, and how many parts a text takes.

Who asked for nothing is told how to stop it (TD), and no text holds more of a person than its reader must know.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from routing.outreach.scales import USUAL, Scale

SIGNATURE = "【银龄热线】"
SINGLE, JOINED = 70, 67
"""UCS-2 characters in one message, and in each part of a joined one (3GPP TS 23.040)."""
MOST_PARTS = 4
RATING = "rating-"
"""How the names of questions begin whose answer is a score; the scale comes after it, worst first."""
RATING_QUESTION = f"{RATING}{USUAL}"
"""Name of the question whose answer is a score from 1 (very dissatisfied) to 5 (very satisfied)."""


def scale_of(question: str) -> str:
    """Give the scale that a question of this name asks on: the one that its text names."""
    return question.removeprefix(RATING) if question.startswith(RATING) else USUAL


def parts(text: str) -> int:
    """Count the parts in which a text is sent. Characters beyond the basic plane (emoji) take two places."""
    places = len(text.encode("utf-16-be")) // 2
    return 1 if places <= SINGLE else -(-places // JOINED)


def moment(at: datetime, now: datetime) -> str:
    """Write a moment as people say it; both instants in local time: 今天14:30, 明天9:00, 3月5日14:30."""
    days = (at.date() - now.date()).days
    day = {0: "今天", 1: "明天"}.get(days, f"{at.month}月{at.day}日")
    return f"{day}{at.hour}:{at.minute:02}"


def accepted(item: str, worker: str, when: str, number: str) -> str:
    """Tell the elder who will come."""
    return f"{SIGNATURE}您订的{item}已安排，{worker}{when}上门，单号{number}。有变动请拨12349。"


def assigned(*, item: str, number: str, when: str, elder: str, place: str, visits_did: str) -> str:
    """Tell the worker where to go."""
    return (
        f"{SIGNATURE}派给您的新单{number}：{item}，{when}，{elder}，{place}。到了请用老人家里电话拨{visits_did}签到。"
    )


def cancelled(item: str, when: str, number: str) -> str:
    """Tell the worker, or the company, that an order that was theirs is cancelled."""
    return f"{SIGNATURE}单子{number}（{item}，{when}）已取消，请不要上门。有疑问请拨12347。"


def late(item: str, number: str) -> str:
    """Tell the elder that somebody comes late."""
    return f"{SIGNATURE}您订的{item}（单号{number}），护理员要晚一点到，我们正在联系，请您在家稍等。有事请拨12349。"


def certificate(worker: str, kind: str, day: str, *, over: bool) -> str:
    """Tell a company that a certificate of its worker ends, or has ended."""
    after = "已过期，要证书的单子不再派给这位师傅" if over else "将到期，之后要证书的单子不再派给这位师傅"
    return f"{SIGNATURE}贵公司{worker}的证书（{kind}）{day}{after}。请把新证书交给我们登记。"


def taken_back(item: str, when: str, number: str) -> str:
    """Tell the worker, or the company, that others do an order that was theirs."""
    return f"{SIGNATURE}单子{number}（{item}，{when}）已改派，请不要上门。有疑问请拨12347。"


def offered_list(orders: int, until: str) -> str:
    """Tell a company of all the planned orders of a day at once."""
    return f"{SIGNATURE}今天有{orders}个计划单等您接单，请在{until}前拨12347逐个接单，过时转派。"


def rate(item: str, number: str, scale: str = USUAL) -> str:
    """Ask for the score when nobody answered the call. The question's name is `RATING` and the same scale.

    Raises ValueError for what is no scale.
    """
    asked = Scale.parse(scale)
    return (
        f"{SIGNATURE}您的{item}（单号{number}）做得怎么样？请回复{asked.low}到{asked.high}分，{asked.best}分最好。"
        "没有做请回复“没做”。退订回TD。"
    )


def thanks(score: int | str) -> str:
    """Acknowledge a score."""
    return f"{SIGNATURE}收到您打的{score}分，谢谢您。"


def sorry() -> str:
    """Acknowledge a low score or a service that was not done."""
    return f"{SIGNATURE}对不起，没让您满意，工作人员会尽快给您回电话。"


def tried_to_call() -> str:
    """Say that a promised call-back was made and not answered."""
    return f"{SIGNATURE}您约的回电，我们打了几次没有打通，工作人员会再联系您。急事请拨12349。"


def opted_out() -> str:
    """Acknowledge an opt-out: the last message that this number gets."""
    return f"{SIGNATURE}已为您退订短信。需要服务请拨12349。"


def help_comes() -> str:
    """Acknowledge a cry for help."""
    return f"{SIGNATURE}收到您的求助，工作人员马上联系您。也请拨120或12349按9。"


def unclear() -> str:
    """Say that a person reads what we could not."""
    return f"{SIGNATURE}您的短信已转工作人员，会尽快回复您。急事请拨12349。"


def which(numbers: Sequence[str], items: Sequence[str] = ()) -> str:
    """Ask which of several orders a score is meant for; `items` are what was ordered, if there is room for them."""
    named = [f"{number}{item}" for number, item in zip(numbers, items, strict=True)] if items else list(numbers)
    asked = f"{SIGNATURE}您有多个单子等评分：{{}}。请回复单号加分数，如“{numbers[0]} 5”。"
    whole = asked.format("、".join(named))
    return whole if parts(whole) <= MOST_PARTS else asked.format("、".join(numbers))


def stranger() -> str:
    """Answer a number that we do not know."""
    return f"{SIGNATURE}您好，需要上门服务请拨12349，人工为您办理。"


def empty() -> str:
    """Answer a message without words."""
    return f"{SIGNATURE}收到您的一条空短信。要帮忙请拨12349。"
