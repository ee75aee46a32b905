"""By which number a person is reached, and how they are addressed in a text."""

from __future__ import annotations

import re
from collections.abc import Callable

from db.models import Elder, ElderPhone

NumberIndex = Callable[[str], bytes]
"""Gives the blind index of an E.164 number: `FieldCipher.index` with the subject of telephone numbers bound."""

_MOBILE = re.compile(r"\+861[3-9]\d{9}")


def number_for_call(elder: Elder, prefer: str | None = None) -> str | None:
    """Choose the number to ring: `prefer` when it is the elder's, else the first that is not a one-key device."""
    phones = _in_order(elder)
    if prefer is not None and any(phone.number == prefer for phone in phones):
        return prefer
    return next((phone.number for phone in phones if phone.kind != "one_key"), None)


def number_for_sms(elder: Elder) -> str | None:
    """Choose the number to write to: a mobile one, else whatever can be rung (some fixed lines read texts aloud)."""
    phones = _in_order(elder)
    mobile = next((phone.number for phone in phones if phone.kind == "mobile" or _MOBILE.fullmatch(phone.number)), None)
    return mobile or number_for_call(elder)


def _in_order(elder: Elder) -> list[ElderPhone]:
    return sorted(elder.phones, key=lambda phone: phone.id)
