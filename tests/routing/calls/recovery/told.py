"""Lines as Asterisk writes them (taken from a real node's file), and the calls that they tell of."""

from __future__ import annotations

import json
import re

CALLER = "PJSIP/carrier-00000003"
PHONE = "PJSIP/1001-00000004"
BEGAN = 1_795_329_250.112389
NUMBER = "09319000101"
DID = "12349"


def call_id(number: int = 3) -> str:
    return f"a-1795329250.{number}"


def line(
    kind: str,
    after: float,
    *,
    call: str = "a-1795329250.3",
    uniqueid: str = "",
    channel: str = CALLER,
    context: str = "from-trunk",
    number: str = NUMBER,
    **extra: str,
) -> str:
    """One line, so many seconds after the call began, without its end of line."""
    own = kind if kind in ("FELLBACK", "MESSAGE") else ""
    told = json.dumps(extra, separators=(",", ":")) if extra else ""
    at = f"{BEGAN + after:.6f}"
    fields = (kind, own, at, call, uniqueid or call, channel, context, DID, "", told, number)
    return ",".join(f'"{each.replace(chr(34), 2 * chr(34))}"' for each in fields)


def abandoned(call: str = "a-1795329250.3", seconds: float = 30, *, context: str = "hold") -> list[str]:
    """A caller hangs up in hold."""
    return [
        line("CHAN_START", 0, call=call),
        line("ANSWER", 0.002, call=call),
        _hang_up(seconds, call, CALLER, call, context),
        line("LINKEDID_END", seconds, call=call, context=context),
    ]


def served(call: str = "a-1795329250.3", *, phone: str = PHONE, end: bool = True) -> list[str]:
    """Asterisk's own queue serves a caller: in it after 10 s, answered after 18, over after 50."""
    leg = "a-1795329267.4"
    lines = [
        line("CHAN_START", 0, call=call),
        line("ANSWER", 0.002, call=call),
        line("FELLBACK", 10, call=call, context="fallback", extra="heartbeat"),
        line("APP_START", 17.5, call=call, context="fallback"),
        line("CHAN_START", 17.6, call=call, uniqueid=leg, channel=phone, context="from-agents", number=""),
        line("ANSWER", 17.9, call=call, uniqueid=leg, channel=phone, context="from-agents", number=""),
        line("BRIDGE_ENTER", 18, call=call, uniqueid=leg, channel=phone, bridge_id="b1"),
        line("BRIDGE_ENTER", 18, call=call, context="fallback", bridge_id="b1"),
    ]
    if not end:
        return lines
    return [
        *lines,
        line("BRIDGE_EXIT", 50, call=call, context="fallback", bridge_id="b1"),
        line("BRIDGE_EXIT", 50, call=call, uniqueid=leg, channel=phone, bridge_id="b1"),
        _hang_up(50, call, phone, leg, "from-agents"),
        _hang_up(50.001, call, CALLER, call, "fallback"),
        line("LINKEDID_END", 50.001, call=call, context="fallback"),
    ]


def moved(lines: list[str], seconds: float) -> str:
    """The same lines so much later, as a file has them."""

    def later(found: re.Match[str]) -> str:
        return f'"{float(found[1]) + seconds:.6f}"'

    return "".join(re.sub(r'"(\d{10}\.\d{6})"', later, each, count=1) + "\n" for each in lines)


def _hang_up(after: float, call: str, channel: str, uniqueid: str, context: str) -> str:
    facts = {"hangupcause": "16", "hangupsource": CALLER, "dialstatus": ""}
    return line("HANGUP", after, call=call, uniqueid=uniqueid, channel=channel, context=context, **facts)
