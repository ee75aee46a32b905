"""Keys as real telephones send them, too: by SIP INFO, held for seconds, and the four that no telephone has."""

from __future__ import annotations

import pjsua2 as pj

from tests.phones.phone import Phone


def press_by_info(phone: Phone, keys: str) -> None:
    """Press keys in SIP INFO (application/dtmf-relay), one after the other."""
    _send(phone, keys, pj.PJSUA_DTMF_METHOD_SIP_INFO, 160)


def hold_down(phone: Phone, key: str, seconds: float) -> None:
    """Press one key and let it go after so many seconds (RFC 4733)."""
    _send(phone, key, pj.PJSUA_DTMF_METHOD_RFC2833, round(seconds * 1000))


def _send(phone: Phone, keys: str, method: int, milliseconds: int) -> None:
    def send() -> None:
        assert phone._call is not None, f"{phone.number} presses {keys} without a call"
        parameter = pj.CallSendDtmfParam()
        parameter.method, parameter.duration, parameter.digits = method, milliseconds, keys
        phone._call.sendDtmf(parameter)

    phone.line.do(send)
    phone.happened("pressed", keys)
