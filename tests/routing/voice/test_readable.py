"""Which characters a voice can read."""

from __future__ import annotations

import pytest

from routing.voice.readable import LONGEST_TEXT, UnreadableText, check_readable, unreadable


@pytest.mark.parametrize(
    "text", ["欧阳奶奶", "周三上午9点，社区义诊（免费）。", "《健康》讲座：请带“身份证”！", "龘囍喆"]
)
def test_what_the_chinese_voice_reads(text: str) -> None:
    assert check_readable(f" {text}\n", "zh-CN") == text


@pytest.mark.parametrize(
    ("text", "characters"),
    [("请打☎A", "☎A"), ("体温37℃，37℃", "℃"), ("😀您好", "😀"), ("二〇二六年", "〇"), ("𠮷野家", "𠮷"),
     ("您\u200b好", "\u200b"), ("8折%", "%"), ("你好の", "の")],
)  # fmt: skip
def test_characters_that_it_cannot_read_are_named_once(text: str, characters: str) -> None:
    assert unreadable(text, "zh-CN") == characters
    with pytest.raises(UnreadableText) as refused:
        check_readable(text, "zh-CN-x-lanzhou")
    assert refused.value.characters == characters
    assert all(each in str(refused.value) for each in characters)


def test_english_reads_letters_and_no_ideographs() -> None:
    assert check_readable("Free check-up on Wednesday.", "en") == "Free check-up on Wednesday."
    assert unreadable("Meal 送餐", "en") == "送餐"


@pytest.mark.parametrize("text", ["", "  ", "，。！", "好" * (LONGEST_TEXT + 1)])
def test_nothing_to_read_and_too_much_are_refused(text: str) -> None:
    with pytest.raises(UnreadableText):
        check_readable(text, "zh-CN")
