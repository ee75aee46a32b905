"""A real Asterisk for tests: its own folder, its own ports, the very configuration that the hotline runs with."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from routing.settings import Settings, load_settings
from scripts.asterisk_config import SOUNDS, AgentAccount, render
from scripts.asterisk_node import command
from scripts.asterisk_root import find_root
from tests.ports import free_port, free_ports, free_udp_block

AGENTS = tuple(AgentAccount(str(extension), f"secret{extension}") for extension in range(1001, 1006))


@dataclass
class AsteriskNode:
    """One running Asterisk. `settings` tells its ports."""

    settings: Settings
    folder: Path
    accounts: Sequence[AgentAccount] = AGENTS
    sounds: Path = SOUNDS
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self, seconds: float = 90) -> None:
        """Start and wait until it says that it is fully booted. Raises RuntimeError with its log when it does not."""
        render(self.settings, self.folder, self.accounts)
        root = find_root(self.settings)
        with (self.folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                command(root, self.folder, self.settings.var_dir / "prompts", self.sounds),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError):
                self._wait_until_booted(deadline)
                return
            time.sleep(0.05)  # Nothing listens yet, so there is no event to wait for.
        raise RuntimeError(f"Asterisk did not start:\n{(self.folder / 'output').read_text(errors='replace')[-3000:]}")

    def _wait_until_booted(self, deadline: float) -> None:
        with socket.create_connection(("127.0.0.1", self.settings.ami_port), timeout=5) as ami:
            secret = self.settings.ami_secret.get_secret_value()
            ami.sendall(f"Action: Login\r\nUsername: elderline\r\nSecret: {secret}\r\n\r\n".encode())
            ami.settimeout(max(0.1, deadline - time.monotonic()))
            seen = b""
            while b"FullyBooted" not in seen:
                if not (part := ami.recv(65536)):
                    raise ConnectionError("Asterisk closed the manager connection")
                seen += part

    def cli(self, line: str) -> str:
        """Run one line of Asterisk's console and give its answer (up to 30 s)."""
        root = find_root(self.settings)
        assert self.process is not None
        inside = ["nsenter", f"--target={self.process.pid}", "--mount", "chroot", str(root)]
        done = subprocess.run(
            [*inside, "/usr/sbin/asterisk", "-C", "/run/elderline/etc/asterisk.conf", "-rx", line],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    def kill(self) -> None:
        """End it as a crash would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)

    def stop(self) -> None:
        """End it, politely at first."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()


def make_node(folder: Path, **overrides: Any) -> AsteriskNode:
    """Lay out a node with free ports under `folder`; the caller starts and stops it."""
    http, ami, agi, web, redis = free_ports(5)
    rtp = free_udp_block(400)
    values: dict[str, Any] = {
        "var_dir": folder, "sip_port": free_port(socket.SOCK_DGRAM), "http_port": http, "ami_port": ami,
        "agi_port": agi, "web_port": web, "redis_port": redis, "rtp_first": rtp, "rtp_last": rtp + 399,
        "ami_secret": "amisecret", "carrier_address": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "field_key": "", "index_key": "",
        # Who waits hears music for a while; the tests of announcements have them sooner.
        "announce_first_seconds": 20, "callback_offer_seconds": 60,
    }  # fmt: skip
    settings = load_settings(**(values | overrides))
    return AsteriskNode(settings, settings.var_dir / "asterisk")


@contextlib.contextmanager
def running_node(folder: Path, **overrides: Any) -> Iterator[AsteriskNode]:
    """Run a node while the block lasts; its log stays in `folder` when ``ELDERLINE_KEEP`` is set."""
    node = make_node(folder, **overrides)
    node.start()
    try:
        yield node
    finally:
        node.stop()
        if "ELDERLINE_KEEP" not in os.environ:
            shutil.rmtree(node.folder, ignore_errors=True)
