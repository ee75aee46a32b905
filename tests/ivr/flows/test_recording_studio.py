"""A supervisor reads a prompt into the phone: kept by the key for it, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

from ivr.dialogue import Dialogue
from ivr.flows.base import Next
from ivr.flows.desk import CallDesk
from ivr.flows.recording_studio import RecordingStudio
from ivr.prompts.studio import PromptStudio, TelephoneStudio
from routing.voice.sayings import Sayings
from routing.voice.studio import Layer, Wish, Wishes
from tests.ivr.fake_call import FACTS, FakeCall
from tests.ivr.prompts.voices import reading

NAME = "welcome.person.0"
THE_KEY = 3
"""The step at which 1 is pressed: after the words before, and the recording."""


class Supervisor:
    """Somebody with a phone: what is on its recording is a file that the test puts there, as Asterisk would."""

    def __init__(self, folder: Path, redis: Redis) -> None:
        self.recordings = folder / "recordings"
        self.recordings.mkdir()
        self.wishes = Wishes(redis)
        self.audit: list[tuple[str, str]] = []
        prompts = PromptStudio(Sayings(folder / "own", {"zh-CN": "a voice"}), lambda: datetime(2026, 3, 16, tzinfo=UTC))
        self.studio = TelephoneStudio(prompts, self.wishes, self.recordings, lambda *each: self.audit.append(each))
        self.reads: list[bytes] = []
        self.request = self.wishes.put(Wish("zh-CN", NAME, "user:2"))

    def talk(self, presses: str | list[str] = "", hang_up_at: int | None = None, request: str = "") -> ReadingCall:
        request = request or self.request
        facts = replace(FACTS, flow="recording_studio", arguments={"ref": request})
        call = ReadingCall({"studio.choose": presses}, facts=facts, hang_up_at=hang_up_at)
        call.reads, call.file = list(self.reads), self.recordings / f"studio-{request}.wav"
        services = Services(self.studio)
        call.next = RecordingStudio(call, Dialogue(call, call.clock), CallDesk(services, facts))()  # type: ignore[arg-type]
        return call

    @property
    def heard(self) -> Layer:
        return self.studio.studio.line("zh-CN", NAME).heard

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.recordings.iterdir())


class Services:
    """The services of a flow that uses the studio alone."""

    def __init__(self, studio: TelephoneStudio | None) -> None:
        self.studio = studio
        self.journey = self

    def note(self, *_args: object) -> None:
        """Nothing of a supervisor's call goes into a journey."""


class ReadingCall(FakeCall):
    """A call in which each recording is the next file."""

    reads: list[bytes]
    file: Path
    next: Next | None = None

    def record(self, name: str, max_seconds: float, silence_seconds: float, end_keys: str = "#"):  # type: ignore[no-untyped-def]
        made = super().record(name, max_seconds, silence_seconds, end_keys)
        assert name == f"/run/elderline/recordings/{self.file.stem}"
        if self.reads:
            self.file.write_bytes(self.reads.pop(0))
        return made


@pytest.fixture
def supervisor(tmp_path: Path, redis: Redis) -> Iterator[Supervisor]:
    yield Supervisor(tmp_path, redis)


def test_read_heard_and_kept(supervisor: Supervisor) -> None:
    supervisor.reads = [reading(3.0, rate=8_000)]
    call = supervisor.talk("1")
    assert call.keys_heard == ["studio.begin", "studio.playback", "studio.choose", "studio.kept"]
    take = next(each.values["take"] for each in call.heard if each.key == "studio.playback")
    assert take == f"/run/elderline/recordings/studio-{supervisor.request}-heard"
    assert supervisor.heard is Layer.RECORDED
    assert supervisor.audit == [("user:2", f"zh-CN/{NAME}")]
    assert supervisor.left == []
    assert call.next is Next.BYE


def test_read_again_until_it_is_right(supervisor: Supervisor) -> None:
    supervisor.reads = [reading(3.0, rate=8_000), reading(2.0, rate=8_000)]
    call = supervisor.talk(["2", "1"])
    assert call.keys_heard.count("studio.begin") == 2
    recorded = supervisor.studio.studio.line("zh-CN", NAME).recorded
    assert recorded is not None
    assert recorded.seconds < 2.6


@pytest.mark.parametrize("presses", ["3", "0", "9", ""])
def test_what_is_not_kept_by_its_key_leaves_nothing(supervisor: Supervisor, presses: str) -> None:
    supervisor.reads = [reading(3.0, rate=8_000)]
    call = supervisor.talk(presses)
    assert supervisor.heard is Layer.RENDERED
    assert (supervisor.left, supervisor.audit) == ([], [])
    assert call.next is Next.BYE
    assert supervisor.wishes.get(supervisor.request) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [(reading(0.3, rate=8_000), "short"), (reading(20.0, rate=8_000), "long"), (b"", "nothing"),
     (reading(3.0, rate=8_000, level=0.0005), "quiet"), (reading(3.0, rate=8_000, level=0), "nothing")],
)  # fmt: skip
def test_what_cannot_be_used_is_told_and_read_again(supervisor: Supervisor, content: bytes, said: str) -> None:
    supervisor.reads = [content, reading(3.0, rate=8_000)]
    call = supervisor.talk("1")
    assert call.keys_heard[:3] == ["studio.begin", f"studio.{said}", "studio.begin"]
    assert supervisor.heard is Layer.RECORDED


def test_five_bad_takes_are_the_end(supervisor: Supervisor) -> None:
    call = supervisor.talk()
    assert call.keys_heard.count("studio.begin") == 5
    assert call.keys_heard[-1] == "studio.dropped"


def test_hanging_up_at_any_step_leaves_nothing_unless_it_was_kept(supervisor: Supervisor) -> None:
    supervisor.reads = [reading(3.0, rate=8_000)]
    whole = supervisor.talk("3").steps
    for step in range(1, whole + 1):
        supervisor.request = supervisor.wishes.put(Wish("zh-CN", NAME, "user:2"))
        supervisor.talk("1", hang_up_at=step)
        assert supervisor.left == [], step
        if step <= THE_KEY:
            assert supervisor.heard is Layer.RENDERED, step


@pytest.mark.parametrize("request_", ["unknown", "../../etc/passwd", ""])
def test_without_a_wish_nothing_is_recorded(supervisor: Supervisor, request_: str) -> None:
    call = supervisor.talk("1", request=request_ or "x")
    assert call.keys_heard == ["studio.failed"]
    assert call.recordings == []


def test_a_take_that_cannot_be_kept_is_told(supervisor: Supervisor) -> None:
    supervisor.reads = [reading(3.0, rate=8_000)]
    own = supervisor.studio.studio.folder
    own.mkdir()
    (own / "recorded").write_text("a file where a folder should be")
    assert supervisor.talk("1").keys_heard[-1] == "studio.failed"
    assert supervisor.left == []
