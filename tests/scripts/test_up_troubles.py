"""`./scripts/up` on machines that lack something: each lack ends in one clear sentence, made real, not imitated."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from tests.scripts.checkout import Checkout, one_sentence

IN_NAMESPACE = ("unshare", "--mount", "--propagation", "private", "bash", "-ec")
WITHOUT_NETWORK = ("unshare", "--net", "--mount", "--propagation", "private", "bash", "-ec")


def test_without_root_it_asks_for_sudo(checkout: Checkout) -> None:
    for folder in (checkout.folder, *checkout.folder.parents):
        if folder.stat().st_mode & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o055)  # pytest's folders are its user's alone.
    done = checkout.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "./scripts/up")
    assert "sudo ./scripts/up" in one_sentence(done)


def test_a_taken_port_is_named_with_its_setting_and_its_holder(checkout: Checkout) -> None:
    checkout.lend_python()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(checkout.variables["ELDERLINE_WEB_PORT"])))
        holder.listen()
        sentence = one_sentence(checkout.run("./scripts/up"))
    assert f"TCP port {checkout.variables['ELDERLINE_WEB_PORT']} is taken" in sentence
    assert f"(process {os.getpid()})" in sentence
    assert "ELDERLINE_WEB_PORT" in sentence


def test_a_taken_sip_port_is_named_too(checkout: Checkout) -> None:
    checkout.lend_python()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", int(checkout.variables["ELDERLINE_SIP_PORT"])))
        assert "ELDERLINE_SIP_PORT" in one_sentence(checkout.run("./scripts/up"))


def test_an_address_that_the_machine_has_not(checkout: Checkout) -> None:
    checkout.lend_python()
    sentence = one_sentence(checkout.run("./scripts/up", ELDERLINE_BIND_ADDRESS="192.0.2.7"))
    assert "no address 192.0.2.7" in sentence


def test_a_bad_setting_is_named(checkout: Checkout) -> None:
    checkout.lend_python()
    sentence = one_sentence(checkout.run("./scripts/up", ELDERLINE_WEB_PORT="eighty"))
    assert "ELDERLINE_WEB_PORT" in sentence
    assert "eighty" not in sentence  # Values stay out: some settings are secrets.


def test_a_key_that_is_none_is_named(checkout: Checkout) -> None:
    checkout.lend_python()
    sentence = one_sentence(checkout.run("./scripts/up", ELDERLINE_FIELD_KEY="abc"))
    assert "bad setting: ELDERLINE_FIELD_KEY is not base64" in sentence


def test_a_host_that_is_none(checkout: Checkout) -> None:
    checkout.lend_python()
    sentence = one_sentence(checkout.run("./scripts/up", ELDERLINE_WEB_HOST="no-such-host.invalid"))
    assert "no address no-such-host.invalid" in sentence
    assert "ELDERLINE_WEB_PORT" in sentence


def test_no_room_for_the_python_environment(checkout: Checkout) -> None:
    (checkout.folder / "var").mkdir()
    done = checkout.run(*IN_NAMESPACE, "mount -t tmpfs -o size=20m none var; exec ./scripts/up")
    assert "no room on disk: the Python environment needs 700 MB" in one_sentence(done)


def test_no_room_at_all(checkout: Checkout) -> None:
    (checkout.folder / "var").mkdir()
    fill = "mount -t tmpfs -o size=8k none var; cat /dev/zero >var/full 2>/dev/null || true; exec ./scripts/up"
    assert "no room on disk" in one_sentence(checkout.run(*IN_NAMESPACE, fill))


def test_no_room_for_asterisk(checkout: Checkout, tmp_path: Path) -> None:
    checkout.lend_python()
    (tmp_path / "cache").mkdir()
    script = f"mount -t tmpfs -o size=50m none {tmp_path}/cache; exec ./scripts/up"
    done = checkout.run(*IN_NAMESPACE, script, ELDERLINE_CACHE_DIR=str(tmp_path / "cache"))
    assert "no room on disk: building Asterisk's root file system needs 1500 MB" in one_sentence(done)


def test_the_python_index_out_of_reach(checkout: Checkout) -> None:
    done = checkout.run(*WITHOUT_NETWORK, "exec ./scripts/up", PIP_NO_CACHE_DIR="1", PIP_RETRIES="0")
    assert "a package source could not be reached for the Python packages" in one_sentence(done)
    again = checkout.run(*WITHOUT_NETWORK, "exec ./scripts/up", PIP_NO_CACHE_DIR="1", PIP_RETRIES="0")
    assert "could not be reached" in one_sentence(again)  # Half an environment is not taken for a whole one.


def test_the_debian_mirror_out_of_reach(checkout: Checkout, tmp_path: Path) -> None:
    checkout.lend_python()
    up = "ip link set lo up; exec ./scripts/up"
    done = checkout.run(*WITHOUT_NETWORK, up, ELDERLINE_CACHE_DIR=str(tmp_path))
    assert "a package source could not be reached for Asterisk's root file system" in one_sentence(done)
    assert not list(tmp_path.glob("*asterisk-root*")), "half a root file system must not stay"


def test_apt_out_of_reach(checkout: Checkout, tmp_path: Path) -> None:
    """Redis is hidden from the path and from dpkg's list, so that it has to be installed."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for folder in ("/usr/bin", "/usr/sbin", "/bin", "/sbin"):
        for command in Path(folder).iterdir():
            if not command.name.startswith("redis-") and not (commands / command.name).is_symlink():
                (commands / command.name).symlink_to(command)
    status = Path("/var/lib/dpkg/status").read_text().split("\n\n")
    (tmp_path / "status").write_text("\n\n".join(each for each in status if "Package: redis" not in each))
    script = (
        f"mount --bind {tmp_path}/status /var/lib/dpkg/status; mount -t tmpfs none /var/cache/apt; "
        "mount -t tmpfs none /var/lib/apt/lists; exec ./scripts/up"
    )
    policy = Path("/usr/sbin/policy-rc.d")
    before = policy.read_text() if policy.exists() else None
    done = checkout.run(*WITHOUT_NETWORK, script, PATH=str(commands))
    assert "a package source could not be reached for the packages" in one_sentence(done)
    assert (policy.read_text() if policy.exists() else None) == before
