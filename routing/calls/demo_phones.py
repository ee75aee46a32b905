"""The telephones of the invented people, with which newcomers call the hotline from a page (development profile only).

Each has a SIP account of its own, which reaches what the carrier's calls reach and nothing else, and whose caller ID
Asterisk sets: whoever calls from the page is one of these people and cannot pretend to be another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from db.demo import DEMO
from db.encryption import FieldCipher
from routing.settings import Settings

CONTEXT = "demo-phones"
"""Where their calls begin in the dialplan."""
DIALLED = "line-{did}"
"""What is dialled for a number of ours. A bare number would be taken for a call of the carrier's (pjsip.conf.j2)."""
_SUBJECT = "demo-phone"


@dataclass(frozen=True)
class DemoPhone:
    """A telephone on the page: `number` is E.164, `user` and `secret` are its SIP account."""

    code: str
    name: str
    kind: str
    """elder, stranger, worker or company."""
    number: str
    user: str
    secret: str = field(repr=False)


def demo_phones(settings: Settings) -> Sequence[DemoPhone]:
    """Give them all, with the accounts of this installation; none outside the development profile, or without keys.

    A secret is a keyed hash with the installation's own key, so that Asterisk and the page agree on it without its
    being stored.
    """
    field_key, index_key = settings.field_key.get_secret_value(), settings.index_key.get_secret_value()
    if not (settings.development and field_key and index_key):
        return ()
    cipher = FieldCipher(field_key, index_key)
    elders = (DEMO.wang, DEMO.quiet, *DEMO.couple, DEMO.one_key, DEMO.straight)
    people = [
        *((elder.code, elder.name, "elder", elder.number) for elder in elders),
        ("stranger", "", "stranger", DEMO.stranger),
        (DEMO.worker.code, DEMO.worker.name, "worker", DEMO.worker.number),
        (DEMO.company.code, DEMO.company.name, "company", DEMO.company.number),
    ]
    return [
        DemoPhone(code, name, kind, number, f"demo-{code}", cipher.index(_SUBJECT, code).hex())
        for code, name, kind, number in people
    ]
