"""Each defect of pyst2's AGI but those of hanging up, shown on the bare library and cured in ours, over real bytes.

The bare library is asserted to show its defect, so that a release which mends it makes itself known here.
"""

import importlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from asterisk.agi import AGIResultHangup

from ivr.call import CallerHungUp, ChannelError, ChannelTimeout
from tests.ivr.agi_sides import Pair, bare, cured, received
from tests.ivr.scripted_asterisk import header_bytes, split_command


def test_the_constructor_works_in_any_thread(pair: Pair) -> None:
    theirs, ours = pair
    theirs.sendall(header_bytes() * 2)
    outcome: dict[str, object] = {}

    def build(make: Callable[[socket.socket], Any]) -> None:
        try:
            outcome[make.__name__] = make(ours).env["agi_channel"]
        except ValueError as refused:
            outcome[make.__name__] = str(refused)

    for make in (bare, cured):
        thread = threading.Thread(target=build, args=(make,))
        thread.start()
        thread.join(10)
    assert "main thread" in str(outcome["bare"])
    assert outcome["cured"] == "PJSIP/trunk-00000001"


def test_the_constructor_leaves_signal_handlers_alone(pair: Pair) -> None:
    theirs, ours = pair
    theirs.sendall(header_bytes() * 2)
    before = signal.getsignal(signal.SIGHUP)
    cured(ours)
    assert signal.getsignal(signal.SIGHUP) is before
    theirs.sendall(header_bytes())
    try:
        bare(ours)
        assert signal.getsignal(signal.SIGHUP) is not before
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("make", "logged"), [(bare, True), (cured, False)])
def test_what_the_caller_enters_is_not_logged(
    session: Callable[..., Any], capfd: pytest.CaptureFixture[str], make: Any, logged: bool
) -> None:
    session(make, b"200 result=4711\n").execute("GET DATA", '""', 1000, 4)
    caught = capfd.readouterr()
    assert ("4711" in caught.err + caught.out) is logged


BARE_520 = """
import socket, sys
from asterisk.agi import AGI
theirs, ours = socket.socketpair()
theirs.sendall(b"agi_network: yes\\n\\n520-Invalid command syntax.  Proper usage follows:\\n")
theirs.shutdown(socket.SHUT_WR)
AGI(ours.makefile("r"), ours.makefile("w"), open("/dev/null", "w")).execute("FOO")
"""


def test_520_and_the_end_of_the_stream_loops_for_ever(session: Callable[..., Any], pair: Pair) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", BARE_520], timeout=3, check=False)
    agi = session(cured, b"520-Invalid command syntax.  Proper usage follows:\nusage\n")
    pair[0].shutdown(socket.SHUT_WR)
    with pytest.raises(CallerHungUp):
        agi.execute("FOO")


def test_520_in_one_line_is_waited_for_for_ever(session: Callable[..., Any]) -> None:
    with pytest.raises(TimeoutError):
        session(bare, b"520 Invalid command syntax.  Proper usage not available.\n").execute("FOO")


@pytest.mark.parametrize(
    "says",
    [
        b"520 Invalid command syntax.  Proper usage not available.\n",
        b"520-Invalid command syntax.  Proper usage follows:\nUsage: FOO\n520 End of proper usage.\n",
        b"510 Invalid or unknown command\n",
        b"what?\n",
        b"200 nothing\n",
        b"\n",
    ],
)
def test_a_refusal_leaves_the_session_in_step(session: Callable[..., Any], says: bytes) -> None:
    agi = session(cured, says + b"200 result=0\n")
    with pytest.raises(ChannelError):
        agi.execute("FOO")
    assert agi.execute("NOOP")["result"] == ("0", "")


def test_silence_has_a_limit(pair: Pair, session: Callable[..., Any]) -> None:
    library = session(bare)
    pair[1].settimeout(None)  # As the library leaves it.

    def wait() -> None:
        with pytest.raises(OSError):
            library.execute("NOOP")

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    waiting.join(1.0)
    assert waiting.is_alive()
    pair[0].close()
    waiting.join(10)


def test_silence_has_a_limit_with_us(session: Callable[..., Any]) -> None:
    agi = session(cured, seconds=0.2)
    with pytest.raises(ChannelTimeout):
        agi.execute("NOOP")
    with pytest.raises(CallerHungUp):
        agi.execute("NOOP")


def test_a_trickle_has_a_limit(pair: Pair, session: Callable[..., Any]) -> None:
    agi = session(cured, seconds=0.3)
    over = threading.Event()

    def trickle() -> None:
        while not over.wait(0.05):
            pair[0].sendall(b"2")

    dripping = threading.Thread(target=trickle)
    dripping.start()
    try:
        with pytest.raises(ChannelTimeout):
            agi.execute("NOOP")
    finally:
        over.set()
        dripping.join(5)


def test_a_command_may_take_its_own_time(pair: Pair, session: Callable[..., Any]) -> None:
    agi = session(cured, seconds=0.3)
    later = threading.Timer(0.8, pair[0].sendall, [b"200 result=0\n"])
    later.start()
    assert agi.request("WAIT FOR DIGIT", 5000, seconds=5.0).result == "0"
    later.join(5)


@pytest.mark.parametrize("value", ['a" "b', 'x"\nHANGUP', "back\\", '\\" y', "a\rb", "tab\tbed", "nul\x00"])
def test_values_stay_values(pair: Pair, session: Callable[..., Any], value: str) -> None:
    session(cured, b"200 result=1\n").set_variable("IVR_REF", value)
    lines = received(pair[0]).decode().splitlines()
    assert len(lines) == 1
    plain = "".join(" " if each < " " else each for each in value)
    assert split_command(lines[0]) == ["SET", "VARIABLE", "IVR_REF", plain]


@pytest.mark.parametrize("value", ['a" "b', 'x"\nHANGUP', "back\\"])
def test_values_of_the_bare_library_are_injected(pair: Pair, session: Callable[..., Any], value: str) -> None:
    session(bare, b"200 result=1\n").set_variable("IVR_REF", value)
    lines = received(pair[0]).decode().splitlines()
    assert [split_command(each) for each in lines] != [["SET", "VARIABLE", "IVR_REF", value]]


def test_no_inherited_method_sends_two_commands(pair: Pair, session: Callable[..., Any]) -> None:
    agi = session(cured)
    with pytest.raises(ValueError, match="control character"):
        agi.stream_file("beep\nHANGUP")
    assert received(pair[0]) == b""


def test_a_command_that_asterisk_would_cut_in_two_is_refused(pair: Pair, session: Callable[..., Any]) -> None:
    agi = session(cured)
    with pytest.raises(ValueError, match="cut in two"):
        agi.set_variable("IVR_REF", "x" * 2100)
    assert received(pair[0]) == b""


LINES = b'200 result=1 (first\nsecond) (third "x")\n200 result=0\n'


def test_a_value_of_two_lines_puts_the_bare_library_out_of_step(session: Callable[..., Any]) -> None:
    library = session(bare, LINES)
    assert library.get_variable("X") == ""
    with pytest.raises(ValueError, match="invalid literal"):
        library.execute("NOOP")


def test_a_value_of_two_lines_is_read_whole(session: Callable[..., Any]) -> None:
    agi = session(cured, LINES)
    assert agi.get_variable("X") == 'first\nsecond) (third "x"'
    assert agi.execute("NOOP")["result"] == ("0", "")


def test_a_value_called_hangup_is_no_hangup(session: Callable[..., Any]) -> None:
    with pytest.raises(AGIResultHangup):
        session(bare, b"200 result=1 (hangup)\n").execute("GET VARIABLE", '"X"')


def test_a_value_called_hangup_is_no_hangup_with_us(session: Callable[..., Any]) -> None:
    assert session(cured, b"200 result=1 (hangup)\n").execute("GET VARIABLE", '"X"')["result"] == ("1", "hangup")


def test_the_fastagi_server_of_the_library_cannot_be_imported() -> None:
    with pytest.raises(ImportError):
        importlib.import_module("asterisk.fastagi")
    assert importlib.import_module("ivr.server").AgiServer


@pytest.mark.parametrize(
    "header",
    [b"", b"agi_network: yes\n", b"GET / HTTP/1.1\r\n\r\n", b"agi_x: y\n" * 500, b"a" * 100_000],
)
def test_a_header_that_is_none_is_refused(pair: Pair, header: bytes) -> None:
    theirs, ours = pair
    sending = threading.Thread(target=lambda: (theirs.sendall(header), theirs.shutdown(socket.SHUT_WR)))
    sending.start()
    with pytest.raises((ChannelError, ValueError)):
        cured(ours)
    sending.join(5)


def test_a_line_without_end_is_refused(session: Callable[..., Any]) -> None:
    agi = session(cured, b"2" * 70_000)
    with pytest.raises(ChannelError):
        agi.execute("NOOP")
    with pytest.raises(CallerHungUp):
        agi.execute("NOOP")


def test_characters_of_several_bytes_survive_split_reads(pair: Pair, session: Callable[..., Any]) -> None:
    agi = session(cured)
    answer = "200 result=1 (张三丰)\n".encode()

    def dribble() -> None:
        for at in range(len(answer)):
            pair[0].sendall(answer[at : at + 1])

    writing = threading.Thread(target=dribble)
    writing.start()
    assert agi.get_variable("NAME") == "张三丰"
    writing.join(5)
