"""One question to Asterisk's manager interface, asked and answered within a few seconds; for health checks and reloads.

The router's own connection is routing.asterisk; this one lives as long as its question and needs no event loop.
"""

from __future__ import annotations

import socket
from io import BufferedRWPair

from routing.settings import Settings

_MOST_LINES = 10_000


class ManagerError(RuntimeError):
    """Asterisk's manager interface was not reached, refused us or did not answer in time; the text says which."""


def ask(settings: Settings, action: str, seconds: float = 3.0, **fields: str) -> dict[str, str]:
    """Log in, send one `action` and give its answer's headers. Raises ManagerError; each wait ends after `seconds`."""
    secret = settings.ami_secret.get_secret_value()
    try:
        with (
            socket.create_connection(("127.0.0.1", settings.ami_port), timeout=seconds) as line,
            line.makefile("rwb") as stream,
        ):
            if not stream.readline(200).startswith(b"Asterisk Call Manager"):
                raise ManagerError(f"port {settings.ami_port} is not Asterisk's manager interface")
            login = _exchange(stream, "Login", Username="elderline", Secret=secret, Events="off")
            if login["Response"] != "Success":
                raise ManagerError("Asterisk refused the manager user elderline: ELDERLINE_AMI_SECRET differs")
            return _exchange(stream, action, **fields)
    except OSError as error:
        raise ManagerError(f"Asterisk's manager interface on port {settings.ami_port}: {error}") from error


def reload_asterisk(settings: Settings) -> None:
    """Let Asterisk read its configuration again; calls in progress go on. Raises ManagerError."""
    answer = ask(settings, "Reload", 15.0)
    if answer["Response"] != "Success":
        raise ManagerError(f"Asterisk did not reload: {answer.get('Message', 'no reason given')}")


def _exchange(stream: BufferedRWPair, action: str, **fields: str) -> dict[str, str]:
    """Send an action, pass over events, and give the headers of the packet that answers it."""
    headers = {"Action": action, "ActionID": f"elderline-{action}", **fields}
    if any("\r" in value or "\n" in value for value in headers.values()):
        raise ManagerError("a value for Asterisk holds a line break")
    stream.write(("".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n").encode())
    stream.flush()
    packet: dict[str, str] = {}
    for _ in range(_MOST_LINES):
        line = stream.readline(10_000).decode(errors="replace")
        if not line:
            break
        name, _, value = line.rstrip("\r\n").partition(": ")
        if name:
            packet[name] = value
        elif packet.get("ActionID") == headers["ActionID"] and "Response" in packet:
            return packet
        else:
            packet = {}
    raise ManagerError("Asterisk's manager interface closed in the middle of an answer")
