"""Each fault of panoramisk 1.4 that we know: the bare library shows it, our client does not.

One scenario is played to both. When an upgrade of the library mends a fault, its bare side fails here.
"""

import ast
import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import routing
from routing.asterisk.errors import AmiDisconnected, AmiError, AmiTimeout
from tests.routing.asterisk.fake_ami import FakeAmi, error, packet, silence
from tests.routing.asterisk.sides import AnySide, Ours, both_sides, connected, defect_of

# How long a scenario waits for what ought to come at once: long for a busy machine, and lost only by the bare library.
PATIENCE = 1.5


@both_sides
def test_an_unanswered_originate_is_not_sent_again_after_a_reconnect(side: type[AnySide]) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, connected(side, node.address()) as talker:
            node.answer("Originate", silence)
            dial = asyncio.create_task(talker.send("Originate", Channel="PJSIP/1001", Async="true"))
            await node.received("Originate")
            await node.cut()
            await node.until(lambda: node.logins == 2)
            await talker.back()
            await talker.send("Ping")  # What a replay would have sent lies before it on the wire.
            dial.cancel()
            with pytest.raises((AmiDisconnected, asyncio.CancelledError)):
                await dial
            assert len(node.sent("Originate")) == 1

    with defect_of(side, AssertionError):
        asyncio.run(scenario())


@both_sides
def test_a_character_split_over_two_reads_arrives_whole(side: type[AnySide]) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, connected(side, node.address()) as talker:
            came: asyncio.Queue[str] = asyncio.Queue()
            talker.on_user_event(lambda name, note: came.put_nowait(note))
            whole = packet(Event="UserEvent", UserEvent="Note", Note="张三丰")
            middle = whole.index("三".encode()) + 1
            await node.push_bytes(whole[:middle], whole[middle:])
            assert await asyncio.wait_for(came.get(), PATIENCE) == "张三丰"

    with defect_of(side, AssertionError):
        asyncio.run(scenario())


@both_sides
def test_an_action_that_is_never_answered_ends(side: type[AnySide]) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, connected(side, node.address()) as talker:
            node.answer("Status", silence)
            async with asyncio.timeout(PATIENCE):
                with pytest.raises(AmiTimeout):
                    await talker.send("Status")

    with defect_of(side, TimeoutError):
        asyncio.run(scenario())


@both_sides
def test_a_link_without_pongs_is_cut_and_made_anew(side: type[AnySide]) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node:
            node.answer("Ping", silence)
            async with connected(side, node.address(), pings=True):
                await node.until(lambda: node.connections >= 2 or len(node.sent("Ping")) >= 3)
                assert node.connections >= 2

    with defect_of(side, AssertionError):
        asyncio.run(scenario())


@both_sides
def test_a_refused_login_is_told(side: type[AnySide]) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node:
            told = False
            try:
                async with connected(side, node.address(secret="wrong")):
                    pass
            except AmiError:
                told = True
            assert told

    with defect_of(side, AssertionError):
        asyncio.run(scenario())


@both_sides
def test_sending_before_the_connection_stands_is_an_error_of_the_link(side: type[AnySide]) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node:
            with pytest.raises(AmiDisconnected) as failure:
                await side(node.address()).send("Ping")
            assert not failure.value.sent

    with defect_of(side, AttributeError):
        asyncio.run(scenario())


@both_sides
def test_a_failing_callback_costs_no_event_and_no_connection(side: type[AnySide]) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, connected(side, node.address()) as talker:
            came: asyncio.Queue[str] = asyncio.Queue()

            def fails(name: str, note: str) -> None:
                if note == "1":
                    raise RuntimeError("a fault in a subscriber")

            talker.on_user_event(fails)
            talker.on_user_event(lambda name, note: came.put_nowait(note))
            await node.push_bytes(b"".join(packet(Event="UserEvent", UserEvent="N", Note=note) for note in "12"))
            async with asyncio.timeout(PATIENCE):
                assert [await came.get(), await came.get()] == ["1", "2"]
            await talker.send("Ping")
            assert node.connections == 1

    with defect_of(side, TimeoutError):
        asyncio.run(scenario())


@both_sides
def test_an_asynchronous_originate_is_answered_by_its_acknowledgement(side: type[AnySide]) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, connected(side, node.address()) as talker, asyncio.timeout(PATIENCE):
            await talker.send("Originate", Channel="PJSIP/1001", Async="true")

    with defect_of(side, TimeoutError):
        asyncio.run(scenario())


@both_sides
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Value", "王\r\n\r\nAction: Originate\r\nChannel: PJSIP/110"),
        ("Value: 王\r\n\r\nAction: Originate\r\nChannel", "PJSIP/110"),
        ("Value", "a\r\n\r\nAction: Originate"),
    ],
)
def test_a_line_end_in_a_header_is_refused(side: type[AnySide], name: str, value: str) -> None:
    async def scenario() -> None:
        async with FakeAmi() as node, connected(side, node.address()) as talker:
            refused = False
            try:
                await talker.send("Setvar", **{"Variable": "NAME", name: value})
            except ValueError:
                refused = True
            await talker.send("Ping")  # What was smuggled in lies before it on the wire.
            assert not node.sent("Originate")
            assert refused

    with defect_of(side, AssertionError):
        asyncio.run(scenario())


_BARE_FAST_AGI = """
import asyncio, sys
from panoramisk.fast_agi import Application

async def main():
    app = Application(loop=asyncio.get_running_loop())
    server = await asyncio.start_server(app.handler, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.close()
    await asyncio.sleep(0.2)
    print("the loop still turns", flush=True)

asyncio.run(main())
"""


def test_the_librarys_fastagi_server_spins_for_ever_when_a_client_leaves_before_its_headers() -> None:
    """Our cure is not to use it, which the next test holds us to."""
    with subprocess.Popen([sys.executable, "-c", _BARE_FAST_AGI], stdout=subprocess.PIPE) as process:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                process.communicate(timeout=3)
        finally:
            process.send_signal(signal.SIGKILL)
            out, _ = process.communicate()
    assert b"still turns" not in out


def test_nothing_of_ours_uses_the_librarys_fastagi_server() -> None:
    packages = Path(routing.__file__).parents[1]
    sources = [path for package in ("routing", "ivr", "scripts") for path in (packages / package).rglob("*.py")]
    assert sources
    for source in sources:
        for statement in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
            if isinstance(statement, ast.ImportFrom) and statement.module:
                names = [statement.module, *(f"{statement.module}.{alias.name}" for alias in statement.names)]
            assert not any(name.startswith("panoramisk.fast_agi") for name in names), source


def test_our_error_carries_the_nodes_own_words_for_a_refusal() -> None:
    """The bare library gives a refusal back as if it were an answer; ours cannot be overlooked."""

    async def scenario() -> None:
        async with FakeAmi() as node, connected(Ours, node.address()) as talker:
            node.answer("Redirect", lambda action: [error(action, "Channel does not exist")])
            with pytest.raises(AmiError, match="Redirect: Channel does not exist"):
                await talker.send("Redirect", Channel="PJSIP/1001-1")

    asyncio.run(scenario())
