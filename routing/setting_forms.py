"""How single settings are written; each check raises ValueError, with an example of what is right."""

from __future__ import annotations

import re
from datetime import time
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from routing.orders.escalation.policy import read_minutes


def words(value: Any) -> Any:
    """Let a list be written as words with commas between: ``ELDERLINE_DUTY_NUMBERS=13900000001,13900000002``."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def folders(value: tuple[str, ...]) -> tuple[str, ...]:
    """Nodes and their absolute folders."""
    if not all(name and Path(folder).is_absolute() for name, _, folder in (each.partition("=") for each in value)):
        raise ValueError("call_folders are nodes and absolute folders, as a=/srv/calls/a,b=/srv/calls/b")
    return value


def hours(value: str) -> str:
    """Two times of one day, or nothing."""
    if value:
        try:
            first, last = (time.fromisoformat(part) for part in value.split("-"))
        except ValueError:
            raise ValueError("write the hours as two times of day, as 08:00-21:00") from None
        if first >= last:
            raise ValueError("the hours must begin before they end, as 08:00-21:00")
    return value


def address(value: str) -> str:
    """An IP address."""
    try:
        ip_address(value)
    except ValueError:
        raise ValueError("write an IP address of this machine, as 127.0.0.1") from None
    return value


def host_and_port(value: str) -> str:
    """A host and its port."""
    host, _, port = value.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError("write host:port, as 127.0.0.1:5090")
    return value


def host_and_port_or_nothing(value: str) -> str:
    """A host and its port, or nothing."""
    return host_and_port(value) if value else value


def overdue_minutes(value: str) -> str:
    """States of orders and their minutes, as offered=20,unassigned=30."""
    read_minutes(value)
    return value


def websocket(value: str) -> str:
    """The address of a WebSocket, or nothing."""
    # It stands in the pages' Content-Security-Policy, where a blank or a semicolon would begin another word.
    if value and not re.fullmatch(r"wss?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._/-]*)?", value):
        raise ValueError("write the address of a WebSocket, as wss://desk.example.org/ws")
    return value


def zone(value: str) -> str:
    """The name of a time zone."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, OSError):  # A folder of the zone data is an OSError.
        raise ValueError("there is no such time zone; give one as Asia/Shanghai") from None
    return value


def tiles(value: str) -> str:
    """The address of map tiles with its three places, or nothing."""
    # Its origin stands in the pages' Content-Security-Policy, where a blank or a semicolon would begin another word.
    plain = re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._~/{}?=&%@-]*", value)
    places = re.findall(r"\{(.*?)\}", value)
    if value and not (plain and sorted(places) == ["x", "y", "z"]):
        raise ValueError("write the address of the tiles with z, x and y, as https://tiles.example/{z}/{x}/{y}.png")
    return value
