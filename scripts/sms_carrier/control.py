"""Asking the simulated carrier what it got, and writing to us from a phone: JSON lines over a socket in `var/run`."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from routing.outreach.sms.smpp.deliveries import joined_text
from routing.settings import Settings
from scripts.sms_carrier.book import Book, Taken

log = structlog.get_logger(__name__)

_SECONDS = 5.0
_MOST_BYTES = 65_536
_MOST_SHOWN = 200


class NotThereError(Exception):
    """The simulated carrier does not answer; the text says what to do."""


def control_socket(settings: Settings) -> Path:
    """Give the place of the socket."""
    return settings.var_dir / "run" / "carrier.sock"


def ask(settings: Settings, **question: str) -> Any:
    """Ask, and give the answer. Raises NotThereError."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(str(control_socket(settings)))
            connection.sendall(json.dumps(question).encode() + b"\n")
            with connection.makefile("rb") as answers:
                return json.loads(answers.readline())
    except (OSError, ValueError) as error:
        raise NotThereError("the simulated carrier does not run; start it with ./scripts/up --sms") from error


class Control:
    """Answers, one question a connection, until it is stopped."""

    def __init__(self, place: Path, book: Book, service_number: str) -> None:
        self._place = place
        self._book = book
        self._service_number = service_number
        self._listener = socket.socket(socket.AF_UNIX)

    def start(self) -> None:
        """Begin to listen."""
        self._place.unlink(missing_ok=True)
        self._listener.bind(str(self._place))
        self._place.chmod(0o600)
        self._listener.listen()
        threading.Thread(target=self._serve, name="carrier-control", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._listener.close()
        self._place.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError, ValueError, KeyError, TypeError):
                connection.settimeout(_SECONDS)
                with connection.makefile("rb") as lines:
                    question = json.loads(lines.readline(_MOST_BYTES))
                answer = json.dumps(self._answer(question), ensure_ascii=False)
                connection.sendall(answer.encode() + b"\n")

    def _answer(self, question: dict[str, str]) -> Any:
        if question["do"] == "reply":
            keys = self._book.reply(question["number"], question.get("to") or self._service_number, question["text"])
            return {"parts": len(keys)}
        return messages(self._book.taken)[-_MOST_SHOWN:]


def messages(taken: list[Taken]) -> list[dict[str, Any]]:
    """Give what was taken as a phone would show it: joined parts are one message."""
    shown: dict[tuple[str, str, int | None, str], list[Taken]] = {}
    for each in taken:
        reference = each.segment.reference
        shown.setdefault((each.number, each.sender, reference, each.id if reference is None else ""), []).append(each)
    return [_shown(parts) for parts in shown.values()]


def _shown(parts: list[Taken]) -> dict[str, Any]:
    first = parts[0]
    data = {each.segment.part: each.segment.data for each in parts}
    return {
        "at": first.at,
        "number": first.number,
        "sender": first.sender,
        "parts": first.segment.total,
        "text": joined_text(data, first.segment.total, first.segment.coding),
    }
