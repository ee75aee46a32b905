"""Who is taken for whom: the carrier by the number that is dialled, agents by their password, nobody else at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.encryption import new_key
from scripts.asterisk_config import render
from tests.asterisk_node import AGENTS, AsteriskNode, make_node, running_node
from tests.phones.forger import is_answered
from tests.phones.line import Line
from tests.phones.phone import Phone

pytestmark = [pytest.mark.asterisk]

ECHO = "600"
"""Only agents reach it, and it answers at once."""
ELSEWHERE = "127.0.0.2"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskNode]:
    """An Asterisk that has the invented people's telephones, too."""
    with running_node(tmp_path_factory.mktemp("node"), field_key=new_key(), index_key=new_key()) as running:
        yield running


@pytest.mark.parametrize("user", ["13900000001", "1001", "1001-web", "1099", "carrier", "carrier-unreadable"])
def test_whatever_the_callers_number_our_own_numbers_answer_the_carrier(node: AsteriskNode, user: str) -> None:
    for dialled in ("12349", "12340", "12348", "12347"):
        assert is_answered(node.settings.sip_port, dialled, sender=f"<sip:{user}@127.0.0.1>"), dialled


@pytest.mark.parametrize(
    "user", ["1001", "1001-web", "1099", "carrier", "carrier-unreadable", "demo-E0001", "13900000001", "%0D"]
)
@pytest.mark.parametrize("dialled", [ECHO, "*10", "line-12349", "1002", "12349x", "x12349", "13800000000", "1234%39x"])
def test_nobody_does_as_an_agent_does_without_a_password(node: AsteriskNode, user: str, dialled: str) -> None:
    assert not is_answered(node.settings.sip_port, dialled, sender=f"<sip:{user}@127.0.0.1>")


@pytest.mark.phones
def test_an_agent_with_the_password_does(node: AsteriskNode) -> None:
    line = Line(int(node.settings.carrier_address.split(":")[1]))
    try:
        agent = Phone(line, "1002")
        agent.plug_in(f"127.0.0.1:{node.settings.sip_port}", "1002", "secret1002")
        agent.dial(f"sip:{ECHO}@127.0.0.1:{node.settings.sip_port}")
        agent.wait_for("connected", 30)
        agent.unplug()
    finally:
        line.close()


@pytest.mark.parametrize("header", ["P-Asserted-Identity: <sip:1%0D@x>", "P-Asserted-Identity: <sip:1001@127.0.0.1>"])
def test_no_header_makes_an_agent_of_a_caller(node: AsteriskNode, header: str) -> None:
    assert not is_answered(node.settings.sip_port, ECHO, header, sender="<sip:1001@127.0.0.1>")


@pytest.mark.parametrize("user", ["13900000001", "1001", "1%0D"])
def test_our_numbers_answer_nobody_but_the_carrier(node: AsteriskNode, user: str) -> None:
    for dialled in ("12349", ECHO):
        assert not is_answered(node.settings.sip_port, dialled, sender=f"<sip:{user}@127.0.0.1>", address=ELSEWHERE)


def rendered(folder: Path, **settings: object) -> str:
    node = make_node(folder, **settings)
    render(node.settings, node.folder, AGENTS)
    return (node.folder / "etc/pjsip.conf").read_text(encoding="utf-8")


def test_an_asterisk_that_cannot_ask_for_the_number_gets_no_such_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ubuntu's 20.6: there the caller's number decides, as dialplans/README.md says."""
    assert "match_request_uri" in rendered(tmp_path / "new")
    old = tmp_path / "root/usr/lib/asterisk/modules"
    old.mkdir(parents=True)
    (tmp_path / "root/usr/sbin").mkdir()
    (tmp_path / "root/usr/sbin/asterisk").touch(mode=0o755)
    (old / "res_pjsip_endpoint_identifier_ip.so").write_bytes(b"match_header")
    text = rendered(tmp_path / "old", asterisk_root=tmp_path / "root")
    assert "request_uri" not in text
    assert "endpoint_identifier_order=header,username,ip\n" in text


def test_a_carrier_may_be_named(tmp_path: Path) -> None:
    text = rendered(tmp_path / "named", carrier_address="localhost:5090")
    assert "match=localhost\n" in text
    assert "\npermit=127.0.0.1\n" in text
    assert "permit" not in rendered(tmp_path / "unknown", carrier_address="carrier.invalid:5090")


def test_a_number_with_a_plus_means_itself(tmp_path: Path) -> None:
    assert "/^sips?:([+]869311234|" in rendered(tmp_path, did_hotline="+869311234")


def test_the_telephones_of_invented_people_are_there_in_development_only(tmp_path: Path) -> None:
    keys = {"field_key": new_key(), "index_key": new_key()}
    text = rendered(tmp_path / "development", **keys)
    assert "[demo-E0001](browser)\ncontext=demo-phones\nauth=demo-E0001\ncallerid=<09319000101>\n" in text
    assert "demo" not in rendered(tmp_path / "production", profile="production", **keys)
    for folder, there in (("development", True), ("production", False)):
        assert ("line-12349" in (tmp_path / folder / "asterisk/etc/extensions.conf").read_text("utf-8")) is there
