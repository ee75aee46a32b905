"""The reason of an offer, as the agent reads it: what the policy really says, in both languages."""

from __future__ import annotations

import re

import pytest

from agent_console.catalogue import CHINESE, ENGLISH, speaking
from agent_console.desk.offer_reasons import in_words
from routing.calls.messages import AgentState, CallerClass
from routing.calls.policy import Agent, Rules, Waiting, choose, widen

NOW = 10_000.0
IDLE = Agent("1001", AgentState.READY, NOW - 300, frozenset({"meal"}))
NOTES = Agent("1001", AgentState.WRAP_UP, NOW - 9)


def reason(ticket: Waiting, agent: Agent = IDLE) -> str:
    rules = Rules()
    decision = choose([ticket], [agent], NOW, rules) or widen([ticket], [agent], (), NOW, rules)
    assert decision is not None
    return decision.reason


@pytest.mark.parametrize(
    ("ticket", "agent", "chinese", "english"),
    [
        (Waiting("t", CallerClass.ELDER, NOW - 12), IDLE, "老人等了 12 秒", "Elder waited 12 s"),
        (
            Waiting("t", CallerClass.FRAIL, NOW - 185, ("meal", "rare"), "1001"), IDLE,
            "重点老人等了 3 分 5 秒，您会：meal，没有空闲的人会：rare，上次是您接的",
            "Frail elder waited 3 min 5 s, you can do meal, nobody idle can do rare, you know the caller",
        ),
        (
            Waiting("t", CallerClass.ELDER, NOW - 70, promised=True), IDLE,
            "老人等了 1 分 10 秒，约好的回电", "Elder waited 1 min 10 s, a promised call-back",
        ),
        (
            Waiting("t", CallerClass.ELDER, NOW - 40, kept_for="1001", kept_until=NOW + 5), IDLE,
            "老人等了 40 秒，接着刚才断开的通话", "Elder waited 40 s, the talk that was cut",
        ),
        (
            Waiting("t", CallerClass.SOS, NOW - 1), IDLE,
            "紧急呼叫等了 1 秒，紧急呼叫最先", "SOS waited 1 s, an SOS goes first",
        ),
        (
            Waiting("t", CallerClass.SOS, NOW - 7), NOTES,
            "紧急呼叫 7 秒没有人空闲，话后的人也要接",
            "SOS for 7 s with nobody idle, so it rings for you too (Wrap-up)",
        ),
    ],
)  # fmt: skip
def test_what_the_policy_says_is_said_in_the_words_of_the_page(
    ticket: Waiting, agent: Agent, chinese: str, english: str
) -> None:
    said = reason(ticket, agent)
    with speaking(CHINESE):
        assert in_words(said) == chinese
    with speaking(ENGLISH):
        assert in_words(said) == english


def test_no_english_and_no_internal_figure_reaches_a_chinese_page() -> None:
    with speaking(CHINESE):
        assert not re.search("[a-zA-Z]", in_words(reason(Waiting("t", CallerClass.OTHER, NOW - 61))))
        assert in_words("whatever the policy will say one day") == ""
