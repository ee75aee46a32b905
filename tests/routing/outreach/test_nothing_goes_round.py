"""Nothing is dialled and nothing is sent that the policy of consents was not asked about: every place is on a list."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]

DIALS = {
    "routing/calls/dialling.py": "an automatic call after its claim; a promised one is asked about here",
    "routing/calls/talk_orders.py": "a guest whom a person of ours calls in: the desk has asked (`OwnDials`)",
    "routing/calls/supervising.py": "a supervisor's own telephone",
    "routing/calls/returning.py": "the page's telephone of an agent who was cut out of a conference",
}
RINGS_OUTSIDE = {
    "routing/calls/talk_orders.py": "whom a person of ours transfers to: the desk has asked",
}
ORDERS_TALKS = {
    "agent_console/desk/talk_requests.py": "asks `OwnDials`",
    "routing/calls/talk_orders.py": "an agent's * and an emergency number, which are never barred",
}
OWN_PHONES = {
    "connect": "an agent's phone",
    "from-agents": "an agent's phone",
    "consult": "an agent's phone",
    "duty-phone": "a duty phone of the rota",
    "connect-duty": "a duty phone",
    "fallback": "duty phones, the SOS number",
    "connect-outside": "the SOS number, or whom the desk has asked about",
    "consult-outside": "whom the desk has asked about",
}
"""Contexts of the dialplan that dial, and whom. Nobody else's caller reaches them."""
PLACES = {
    "routing/outreach/claiming.py": "claims what is owed, and asks the policy",
    "routing/calls/promised_calls.py": "who asked for it in hold; the router asks before it dials",
    "scripts/wiring/services.py": "hands the claim on, in the form that the carrier wants",
}
WRITES = {
    "routing/outreach/sms/outbox.py": "the outbox, which asks",
    "routing/outreach/sms/inbound.py": "what came in",
}


def test_announcements_are_told_to_who_calls_and_ring_nobody() -> None:
    """They belong between greeting and menu of a call that comes in: no consent for calls is asked, for none is made.
    What rings to tell something is a group message, which asks for the announcements that somebody said no to."""
    path = "routing/outreach/announcements.py"
    names = {
        alias.name
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not names & {"PlaceCall", "Originate", "Callback", "owe", "Sms", "SmsMessage"}
    assert path not in {*callers_of("owe"), *callers_of("PlaceCall"), *callers_of("enqueue"), *callers_of("queue")}
    assert set(callers_of("Announcing")) == {"ivr/flows/welcome.py"}


def callers_of(name: str) -> Iterator[str]:
    """Give the files of ours, tests aside, in which something of this name is made."""
    for part in ("routing", "ivr", "agent_console", "scripts", "db"):
        for path in sorted((ROOT / part).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = node.func if isinstance(node, ast.Call) else None
                names = (getattr(called, "id", ""), getattr(called, "attr", ""))
                if name in names:
                    yield path.relative_to(ROOT).as_posix()


def test_nobody_dials_or_writes_who_has_not_asked() -> None:
    assert set(callers_of("PlaceCall")) == set(PLACES)
    assert set(callers_of("SmsMessage")) == set(WRITES)
    assert set(callers_of("Originate")) == set(DIALS)
    assert set(callers_of("ring_outside")) == set(RINGS_OUTSIDE)
    assert set(callers_of("ControlTalk")) == set(ORDERS_TALKS)


def test_the_dialplan_itself_dials_our_own_phones_alone() -> None:
    dials = set()
    for path in sorted((ROOT / "dialplans").glob("*.j2")):
        context = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                context = line[1:].partition("]")[0]
            elif "Dial(" in line and not line.lstrip().startswith(";"):
                dials.add(context)
    assert dials == set(OWN_PHONES)


def test_both_ends_ask_the_same_policy() -> None:
    claiming = (ROOT / "routing/outreach/claiming.py").read_text(encoding="utf-8")
    outbox = (ROOT / "routing/outreach/sms/outbox.py").read_text(encoding="utf-8")
    assert "permission(" in claiming
    assert "has_opted_out(session, index" in outbox
    assert set(callers_of("OwnDials")) == {"agent_console/desk/talk_requests.py"}
    assert set(callers_of("barred")) >= {"routing/outreach/own_dials.py", "routing/outreach/promises.py"}
    assert set(callers_of("may_contact")) == {"routing/outreach/standing.py"}
