"""Real prompts through a bad line, and everything that must not be taken for a prompt."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from ivr.prompts.catalogue import SOUNDS_FOLDER, Catalogue
from tests.ears import RATE, Heard, Samples, find, read_wav, recognise
from tests.ears.telephone_line import gain, lose_packet, mu_law, noise, other_clock, repeat_packet

GREETING, MENU = "zh-CN/welcome.greet.0", "zh-CN/welcome.menu.0"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture(scope="module")
def prompts() -> dict[str, Samples]:
    """The sentences and words of a first call, names and digits among them."""
    keys = ["person.wang2.nainai", "person.li3.yeye", "person.zhang1.nainai", "word.meal", "word.cleaning", "unit.yuan"]
    keys += ["welcome.greet.0", "welcome.greet_morning.0", "welcome.unknown.0", "welcome.menu.0", "services.intro.0"]
    keys += ["order.confirm.0", "order.confirm.1", "order.placed.0", "order.today.0", "hold.wait.0", "sos.calm.0"]
    keys += [f"number.{n}" for n in range(13)]
    return {f"zh-CN/{key}": read_wav(SOUNDS_FOLDER / f"zh-CN/{key}.wav") for key in keys}


def call(prompts: dict[str, Samples], refs: tuple[str, ...] | list[str]) -> Samples:
    """What Asterisk would send: the sounds one after the other, with silence before and after."""
    return np.concatenate([np.zeros(RATE // 2), *(prompts[ref] for ref in refs), np.zeros(RATE)])


def keys(heard: list[Heard]) -> list[str]:
    return [each.key for each in heard]


LINES: dict[str, Callable[[Samples], Samples]] = {
    "coded": mu_law,
    "12 dB softer": lambda sound: mu_law(gain(sound, -12)),
    "12 dB louder and clipped": lambda sound: mu_law(gain(sound, 12)),
    "noise 20 dB under speech": lambda sound: mu_law(noise(sound, -40)),
    "another clock": lambda sound: mu_law(other_clock(sound, 100)),
    "soft, noisy, another clock": lambda sound: mu_law(noise(other_clock(gain(sound, -12), -60), -55)),
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_a_whole_talk_is_recognised_in_its_order(
    line: Callable[[Samples], Samples], prompts: dict[str, Samples], catalogue: Catalogue
) -> None:
    plan = [
        *catalogue.plan("welcome.greet", who="王奶奶"),
        *catalogue.plan("welcome.menu"),
        *catalogue.plan("order.confirm", service="送餐", price=1200),
        *catalogue.plan("order.placed", number="1012"),
    ]
    assert keys(recognise(line(call(prompts, plan)), prompts)) == plan


def test_places_are_told_to_a_hundredth_of_a_second(prompts: dict[str, Samples]) -> None:
    heard = recognise(mu_law(call(prompts, [GREETING, MENU])), prompts)
    assert [each.start for each in heard] == pytest.approx([0.5, 0.5 + len(prompts[GREETING]) / RATE], abs=0.01)


@pytest.mark.parametrize("slip", [lose_packet, repeat_packet])
@pytest.mark.parametrize("at", [1.3, 2.05, 3.1, 4.0])
def test_slips_of_a_jitter_buffer_hide_no_prompt(
    slip: Callable[[Samples, float], Samples], at: float, prompts: dict[str, Samples]
) -> None:
    (heard,) = recognise(mu_law(slip(slip(call(prompts, [MENU]), at), at + 2)), prompts)
    assert heard.key == MENU
    assert heard.part > 0.85


@pytest.mark.parametrize("slip", [lose_packet, repeat_packet])
@pytest.mark.parametrize("at", [0.1, 0.24, 0.3, 0.4, 0.47, 0.6, 0.7, 0.85])
def test_a_slip_anywhere_in_a_short_prompt_hides_it_as_little(
    slip: Callable[[Samples, float], Samples], at: float, prompts: dict[str, Samples]
) -> None:
    """Seen where a call had just begun: the jitter buffer settles in the middle of the name."""
    (heard,) = recognise(mu_law(slip(call(prompts, ["zh-CN/person.wang2.nainai"]), 0.5 + at)), prompts)
    assert heard.key == "zh-CN/person.wang2.nainai"


def test_a_stall_of_the_machine_in_the_middle_hides_no_prompt(prompts: dict[str, Samples]) -> None:
    menu = prompts[MENU]
    half = len(menu) // 2
    stalled = np.concatenate([np.zeros(RATE), menu[:half], np.zeros(int(0.4 * RATE)), menu[half:], np.zeros(RATE)])
    (heard,) = recognise(mu_law(stalled), prompts)
    assert heard.key == MENU
    assert heard.part > 0.8


def test_a_prompt_that_a_key_cut_short_is_told_by_its_part(prompts: dict[str, Samples]) -> None:
    menu = prompts[MENU]
    cut = mu_law(np.concatenate([np.zeros(RATE), menu[: len(menu) // 2], np.zeros(2 * RATE)]))
    assert find(cut, menu, MENU) == []
    (heard,) = find(cut, menu, MENU, part=0.3)
    assert 0.35 < heard.part < 0.6
    assert heard.end - heard.start == pytest.approx(len(menu) / RATE / 2, abs=0.6)


def test_a_prompt_heard_twice_is_told_twice(prompts: dict[str, Samples]) -> None:
    assert keys(recognise(mu_law(call(prompts, [GREETING, GREETING])), prompts)) == [GREETING, GREETING]


@pytest.mark.parametrize("what", ["silence", "noise", "music", "tone"])
def test_what_is_no_prompt_is_not_heard_as_one(what: str, prompts: dict[str, Samples]) -> None:
    sounds = {
        "silence": np.zeros(10 * RATE),
        "noise": noise(np.zeros(10 * RATE), -30),
        "music": read_wav(SOUNDS_FOLDER / "moh" / "calm.wav")[: 20 * RATE],
        "tone": 0.3 * np.sin(2 * np.pi * 440 * np.arange(10 * RATE) / RATE),
    }
    assert recognise(mu_law(sounds[what]), prompts) == []


def test_a_recording_shorter_than_the_prompt_holds_nothing(prompts: dict[str, Samples]) -> None:
    assert recognise(np.zeros(0), prompts) == []
    assert recognise(prompts[MENU][:900], prompts) == []


def test_a_minute_against_150_prompts_takes_seconds(prompts: dict[str, Samples]) -> None:
    """About 4 s of one processor where this was written; the bound is for slower ones."""
    paths = sorted((SOUNDS_FOLDER / "zh-CN").glob("*.wav"))[::3][:150]
    many = {path.stem: read_wav(path) for path in paths}
    recording = mu_law(np.resize(call(prompts, [GREETING, MENU]), 60 * RATE))
    begun = time.process_time()
    recognise(recording, many)
    assert len(many) == 150
    assert time.process_time() - begun < 30
