"""What one elder does with what is heard: looks for the option that fits, forgets, mishears, presses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.ivr.elders.personas import Goal, Persona

OPTION = re.compile(r"^(?P<what>.*?)，?(就|可以)?请?按(?P<key>[一二三四五六七八零九0-9])")
PUT_THROUGH = re.compile("转人工|转接|找值班人员|等值班人员")
KEYS = dict(zip("一二三四五六七八零九", "1234567809", strict=True))
WANTED = {
    Goal.SERVICE: ("送餐", "上门服务", "生活服务", "服务", "今天", "要订", "确定要", "要再订", "再订", "再送", "尽快"),
    Goal.ANSWER: ("查订单", "我的订单", "订单", "查"),
    Goal.PERSON: ("人工", "值班"),
}
"""Words by which an option is known as the one that is wanted, the best first."""
GOT = {Goal.SERVICE: "登记好了", Goal.ANSWER: "订单", Goal.PERSON: "人工"}
"""Words by which they know that they have what they called for."""
A_PERSON = "找人工"
MYSELF = ("等", "做好了", "签到")
"""Options that anybody takes whom the question is put to, whatever they called for."""
NEXT_TO = {"1": "24", "2": "135", "3": "26", "4": "157", "5": "2468", "6": "359", "7": "48", "8": "5790", "9": "68"}
"""The keys around a key of a telephone."""
HANG_UP = "hangs up"
KEYS_TRIED = 2
"""Whoever was bidden goodbye so often without what they called for presses nothing any more, and waits for a person."""


@dataclass(frozen=True)
class Sentence:
    """One sentence as it is heard, and when it ends, in seconds since the call came."""

    text: str
    ends_at: float


@dataclass(frozen=True)
class Act:
    """A key, or hanging up, at a moment of the call."""

    at: float
    what: str


@dataclass
class Elder:
    """One person, who called for something. `left_by_choice`: they have hung up themselves."""

    persona: Persona
    goal: Goal
    random: Random
    left_by_choice: bool = False
    mistakes: int = 0
    """Calls that ended with a goodbye without what they called for."""
    _meant: str = field(default="", init=False)
    """The key that they would press now, if they were only asked again."""

    def hears(self, sentences: Sequence[Sentence], *, asked: bool) -> list[Act]:
        """What they do about it. Nothing is pressed where nothing is asked, but for 0 and 9."""
        if not sentences:
            return []
        first, chance = sentences[0].ends_at + self._takes(), self.random.random
        if chance() < self.persona.hangs_up:
            self.left_by_choice = True
            return [Act(first, HANG_UP)]
        for key, share in (("9", self.persona.sos_key), ("0", self.persona.person_key)):
            if chance() < share:
                return [Act(first, key)]
        if chance() < self.persona.no_key or self.mistakes >= KEYS_TRIED:
            return []
        return self._answers(sentences) if asked else self._is_told(sentences)

    def _is_told(self, sentences: Sequence[Sentence]) -> list[Act]:
        """Who is told of something else, and that 0 is a person, presses it if they have heard so."""
        heard = [each for each in sentences if self.random.random() >= self.persona.mishears]
        offered = next((each for each in heard if each.text.startswith(A_PERSON)), None)
        if offered is None or any(GOT[self.goal] in each.text for each in heard):
            return []
        return self._press("0", offered.ends_at)

    def _answers(self, sentences: Sequence[Sentence]) -> list[Act]:
        options = self._options(sentences)
        end = max((ends_at for _, _, ends_at in options), default=sentences[-1].ends_at)  # What follows is no option.
        if not options and self._meant:
            return self._press(self._meant, end)  # "Please press again."
        chosen = self._chosen(options)
        if chosen is None:
            # Nothing of it was what they called for, or they have forgotten it: again, slower, or they just wait.
            self._meant = ""
            if self.goal is Goal.PERSON and any(PUT_THROUGH.search(each.text) for each in sentences):
                return []  # What they called for is coming.
            key = self.random.choice(("*", "#", ""))
            return [Act(end + self._takes(), key)] if key else []
        self._meant, ends_at = chosen
        return self._press(self._meant, ends_at if self.random.random() < self.persona.over_the_prompt else end)

    def calls_again(self) -> bool:
        return self.random.random() < self.persona.calls_again

    def _options(self, sentences: Sequence[Sentence]) -> list[tuple[str, str, float]]:
        """What they remember of the options: words, key, and when it was said."""
        heard = [each for each in sentences if self.random.random() >= self.persona.mishears]
        found, said = [], ""
        for each in heard:
            match = OPTION.match(each.text)
            if match is None:
                said = each.text
                continue
            key = KEYS.get(match["key"], match["key"])
            found.append((match["what"] or said, key, each.ends_at))
        return found[-self.persona.remembers :]

    def _chosen(self, options: Sequence[tuple[str, str, float]]) -> tuple[str, float] | None:
        for wanted in (*WANTED[self.goal], *MYSELF):
            for what, key, ends_at in options:
                if (wanted in what and not what.startswith(("不", "找人工"))) or (wanted == "人工" and "人工" in what):
                    return key, ends_at
        choices = [(key, ends_at) for _, key, ends_at in options if key not in "09"]
        if choices and len(options) == len(choices):
            return self.random.choice(choices)  # A question without a way out: any of it.
        return None

    def _press(self, key: str, after: float) -> list[Act]:
        at, chance = after + self._takes(), self.random.random
        if chance() < self.persona.wrong_key:
            key = self.random.choice(NEXT_TO.get(key, "5"))
        acts = [Act(at, key)]
        if chance() < self.persona.several_keys:
            acts += [Act(at + 0.15, self.random.choice(key + NEXT_TO.get(key, "5")))]
            acts += [Act(at + 0.4, key)]
        return acts

    def _takes(self) -> float:
        """Seconds from having heard to pressing: log-normal about the median, as reaction times are."""
        return self.persona.seconds_to_press * self.random.lognormvariate(0.0, 0.5)
