"""The dialplan on a real Asterisk: everything it names exists, and nobody reaches what is not meant for them."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from scripts.asterisk_config import TEMPLATES
from tests.asterisk_node import AsteriskNode
from tests.phones.line import Line
from tests.phones.phone import Phone
from tests.waiting import until

pytestmark = [pytest.mark.asterisk]

DIALPLAN = "".join(
    (TEMPLATES / f"{name}.conf.j2").read_text(encoding="utf-8") for name in ("extensions", "talks", "duty")
)
CONTRACT = (TEMPLATES / "README.md").read_text(encoding="utf-8")
BUILT_IN_VARIABLES = {"CHANNEL", "EXTEN", "EPOCH", "DIALSTATUS", "HANGUPCAUSE", "GOSUB_RESULT", "QUEUESTATUS"}


def test_every_application_of_the_dialplan_is_loaded(node: AsteriskNode) -> None:
    used = set(re.findall(r"(?:same => n(?:\(\w+\))?,|exten => [^,]+,1,)(\w+)\(", DIALPLAN))
    used |= set(re.findall(r"ExecIf\([^\n]*\?(\w+)\(", DIALPLAN))
    known = node.cli("core show applications").lower()
    assert used
    assert not {name for name in used if not re.search(rf"^\s*{name.lower()}:", known, re.MULTILINE)}


def test_every_function_of_the_dialplan_is_loaded(node: AsteriskNode) -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)\(", DIALPLAN)) | set(re.findall(r"Set\(([A-Z_]+)\(", DIALPLAN))
    known = node.cli("core show functions")
    assert used
    assert not {name for name in used if not re.search(rf"^\s*{name}\s", known, re.MULTILINE)}


def test_every_variable_of_the_dialplan_is_in_the_contract() -> None:
    own = {"PHONE", "BROWSER", "QUEUE_PRIO", "FALLBACK_WHY", "LOOKS", "WHY", "LEFT_TO_RING", "NUMBER", "KEY", "ROUNDS"}
    used = set(re.findall(r"\$\{([A-Z_]+)\}", DIALPLAN)) | set(re.findall(r"Set\(_{0,2}([A-Z_]+)=", DIALPLAN))
    assert not {name for name in used - own - BUILT_IN_VARIABLES if f"`{name}`" not in CONTRACT}


def test_every_event_of_the_dialplan_for_the_call_file_is_in_the_contract() -> None:
    written = set(re.findall(r"CELGenUserEvent\((\w+)", DIALPLAN))
    section = CONTRACT.partition("## The call file")[2].partition("\n## ")[0]
    assert written == set(re.findall(r"^\| `([A-Z]+)` \|", section, re.MULTILINE))


def test_every_user_event_of_the_dialplan_is_in_the_contract() -> None:
    raised = set(re.findall(r"\bUserEvent\((\w+)", DIALPLAN))
    section = CONTRACT.partition("## User events")[2].partition("\n## ")[0]
    assert raised == set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_the_log_is_quiet_after_the_start(node: AsteriskNode) -> None:
    said = (node.folder / "log/messages").read_text(encoding="utf-8").split("Asterisk Ready")[0]
    assert [line for line in said.splitlines() if " ERROR[" in line] == []


@pytest.mark.phones
@pytest.mark.parametrize("dialled", ["13800000000", "1001", "s", "hold", "connect", "99999", "110"])
def test_a_call_from_outside_reaches_only_the_numbers_meant_for_it(
    node: AsteriskNode, caller: Phone, dialled: str
) -> None:
    caller.dial(f"sip:{dialled}@127.0.0.1:{node.settings.sip_port}")
    assert caller.wait_for("hung_up", 30).detail.startswith("404")


@pytest.mark.phones
def test_a_stranger_who_names_himself_like_an_agent_is_asked_for_the_password(node: AsteriskNode, line: Line) -> None:
    stranger = Phone(line, "1001", answers=False)
    stranger.plug_in()
    stranger.dial(f"sip:1002@127.0.0.1:{node.settings.sip_port}")
    assert stranger.wait_for("hung_up", 30).detail.startswith("401")
    stranger.unplug()


@pytest.mark.phones
def test_an_agents_phone_cannot_dial_out(node: AsteriskNode, line: Line) -> None:
    agent = Phone(line, "1002", answers=False)
    agent.plug_in(f"127.0.0.1:{node.settings.sip_port}", "1002", "secret1002")
    agent.dial(f"sip:13800000000@127.0.0.1:{node.settings.sip_port}")
    assert agent.wait_for("hung_up", 30).detail.startswith("404")
    agent.unplug()


@pytest.mark.phones
@pytest.mark.parametrize(("caller_class", "context"), [("sos", "hold"), ("elder", "message")])
def test_whoever_pressed_9_as_the_router_sent_them_to_the_message_is_an_sos_all_the_same(
    node: AsteriskNode, caller: Phone, caller_class: str, context: str
) -> None:
    node.cli(f"dialplan set global ROUTER_BEAT {int(time.time()) + 60}")
    since = time.monotonic()
    caller.dial(f"sip:{node.settings.did_hotline}@127.0.0.1:{node.settings.sip_port}")
    caller.wait_for("connected", 30, since)
    channel = next(line.partition("!")[0] for line in _channels(node) if line.startswith("PJSIP/carrier"))
    node.cli(f"dialplan set chanvar {channel} CALLER_CLASS {caller_class}")
    node.cli(f"channel redirect {channel} message,s,1")
    until(lambda: [line.split("!")[1] for line in _channels(node) if line.startswith(channel)] == [context])
    caller.hang_up()
    caller.wait_for("hung_up", 30, since)


def _channels(node: AsteriskNode) -> list[str]:
    return node.cli("core show channels concise").splitlines()


def test_the_manager_interface_listens_on_loopback_only(node: AsteriskNode) -> None:
    said = Path("/proc/net/tcp").read_text(encoding="ascii")
    port = f"{node.settings.ami_port:04X}"
    listening = [line.split()[1] for line in said.splitlines()[1:] if line.split()[3] == "0A"]
    assert [where for where in listening if where.endswith(f":{port}")] == [f"0100007F:{port}"]
