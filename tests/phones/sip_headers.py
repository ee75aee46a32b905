"""Headers that a phone writes into its INVITE."""

from __future__ import annotations

from collections.abc import Mapping

import pjsua2 as pj


def with_headers(headers: Mapping[str, str]) -> pj.CallOpParam:
    """What a call is made with, so that these headers go with it."""
    parameter = pj.CallOpParam(True)
    for name, value in headers.items():
        header = pj.SipHeader()
        header.hName, header.hValue = name, value
        parameter.txOption.headers.append(header)
    return parameter
