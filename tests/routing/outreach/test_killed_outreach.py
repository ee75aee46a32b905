"""Group messages, daily calls and reminders: worker, scheduler and router are killed in every step, with SIGKILL.

As `test_killed` does for calls after a service, with the same hotline and the same telephone: nobody is told twice or
rung more often than the policy allows, and nobody is forgotten.
"""

from __future__ import annotations

import contextlib
import threading
import time
from functools import partial

import pytest
from sqlalchemy import select

from db.models import Callback, CampaignRecipient
from routing.calls import keys
from routing.outreach.policy import NEVER_RANG
from tests.phones.phone import Phone
from tests.routing.outreach.dying_hotline import DyingHotline
from tests.routing.outreach.owed_stories import ENDS, KEYS, MOST, Story, owed
from tests.routing.outreach.test_killed import DIES, next_moment, rung

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.timeout(600)]

WITHIN = 90.0
"""Seconds of the machine's own time for one story, generously."""
PRESSES_AGAIN = 5.0
NAMES = {"campaign": "message", "wellbeing": "daily", "medicine": "medicine"}
LIVING = frozenset({"due", "dialling", "answered"})
OWN = [
    pytest.param(kind, f"{name}: {step}", marks=pytest.mark.long if step == "job taken" else ())
    for kind, name in NAMES.items()
    for step in ("job taken", "owed, not committed", "owed")
]
"""Steps of each kind before the claim; from there on all go the way of every call, which `test_killed` plays."""
COMMON = [
    pytest.param(kind, step, marks=() if kind == "campaign" and step == "claimed" else pytest.mark.long)
    for kind in NAMES
    for step in DIES
]
AFTERWARDS = [
    pytest.param(kind, f"{name}: {step}", marks=() if (name, step) == ("daily", "followed") else pytest.mark.long)
    for kind, name in NAMES.items()
    for step in ("followed, not committed", "followed")
]


def play(house: DyingHotline, telephone: Phone, story: Story, end: str) -> None:
    """Let things take their course to the end that is expected. The clock goes to whatever is next."""
    over = threading.Event()
    threading.Thread(target=partial(presses, telephone, KEYS[story.kind], over), daemon=True).start()
    try:
        follow(house, telephone, story, end)
    finally:
        over.set()


def follow(house: DyingHotline, telephone: Phone, story: Story, end: str) -> None:
    give_up = time.monotonic() + WITHIN
    while time.monotonic() < give_up:
        house.run_parts()
        calls, before = story.calls(house), story.attempts(house)
        rings, after = rung(telephone), story.attempts(house)
        assert rings <= after, f"{rings} rings in {after} attempts"
        living = [each for each in calls if each.state in LIVING]
        state = story.state(house)
        if state == end and not living and not telephone.busy:
            return
        if telephone.busy and story_is_told(house, story):
            telephone.hang_up()
        placed = [each for each in house.stores.redis.hvals(keys.PLACED) if b'"ended"' not in each]
        up = house.stores.redis.exists(keys.HEARTBEAT)  # Else attempts would run out while nobody can dial.
        if up and living and before == after and not placed and not telephone.busy and unchanged(house, story, calls):
            house.forward_to(min(next_moment(each) for each in living))
        time.sleep(0.1)  # Four stores and a telephone: nobody tells of all their changes.
    shown = [(each.cause, each.state, each.last_outcome, each.attempts) for each in story.calls(house)]
    raise AssertionError(f"{story.state(house)} {shown} {telephone.events} {house.log('worker')[-3000:]}")


def unchanged(house: DyingHotline, story: Story, calls: list[Callback]) -> bool:
    def seen(rows: list[Callback]) -> list[tuple[str, str, int]]:
        return [(each.cause, each.state, each.attempts) for each in rows]

    return seen(story.calls(house)) == seen(calls)


def story_is_told(house: DyingHotline, story: Story) -> bool:
    """They were told, and have said what they had to say."""
    if story.kind != "campaign":
        return story.state(house) == ENDS[story.kind][True]
    with house.stores.reading() as session:
        found = select(CampaignRecipient.state).where(CampaignRecipient.elder_id == story.elder_id)
        return session.scalar(found) == "heard"


def presses(telephone: Phone, pressed: str, over: threading.Event) -> None:
    """Press the key in each call that is answered: pressed ahead, it is kept for the question. Pressed again, as people
    do, in case the first was before the sound."""
    since = 0.0
    with contextlib.suppress(AssertionError, Exception):
        while True:
            since = telephone.wait_for("connected", WITHIN, since).at
            while not over.is_set() and telephone.busy:
                telephone.press(pressed)
                over.wait(PRESSES_AGAIN)
            if over.is_set():
                return  # What rings next is another story's.


def talks(telephone: Phone) -> int:
    return sum(event.what == "connected" for event in list(telephone.events))


@pytest.fixture(autouse=True)
def quiet(telephone: Phone) -> None:
    telephone.events.clear()
    telephone.answers = True


@pytest.mark.parametrize(("kind", "step"), [*OWN, *COMMON])
def test_a_process_killed_in_a_step_neither_loses_an_elder_nor_rings_one_twice(
    house: DyingHotline, telephone: Phone, kind: str, step: str
) -> None:
    (house.folder / "die").write_text(step)
    story = owed(house, kind)
    play(house, telephone, story, ENDS[kind][True])
    house.eventually(f"died in {step!r}", lambda: not (house.folder / "die").exists())
    assert (rung(telephone), talks(telephone)) == (1, 1)
    assert story.attempts(house) <= 2  # Its own, and one that was claimed and lost with the worker.


@pytest.mark.parametrize("kind", list(NAMES))
def test_both_killed_when_the_elder_has_heard_it_nobody_rings_again(
    house: DyingHotline, telephone: Phone, kind: str
) -> None:
    house.killed_in_talk["flow told"] = ("worker", "router")
    story = owed(house, kind)
    play(house, telephone, story, ENDS[kind][True])
    assert not house.killed_in_talk
    *lost, last = story.outcomes(house)
    assert (rung(telephone), talks(telephone), last) == (1, 1, "done")
    assert set(lost) <= NEVER_RANG  # On a busy machine the clock goes on before the router has its first.


@pytest.mark.parametrize(("kind", "step"), AFTERWARDS)
def test_nobody_answers_and_the_worker_dies_after_a_call_it_ends_as_the_policy_says(
    house: DyingHotline, telephone: Phone, kind: str, step: str
) -> None:
    telephone.answers = False
    (house.folder / "die").write_text(step)
    story = owed(house, kind)
    play(house, telephone, story, ENDS[kind][False])
    house.eventually(f"died in {step!r}", lambda: not (house.folder / "die").exists())
    assert rung(telephone) == story.attempts(house) == MOST[kind]
    assert story.cases(house) == (kind == "wellbeing")
