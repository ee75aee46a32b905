"""Delivery reports: what a gateway may say of a message that it took, and where it says so."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode, urlsplit


class DeliveryReport(StrEnum):
    """What became of a message after the gateway took it."""

    UNDER_WAY = "under way"
    """The network has it; the phone is off, or busy, or has not answered yet."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """The network will not deliver it: refused, no such number, or deleted."""
    EXPIRED = "expired"
    """The phone could not be reached for as long as the network keeps a message."""


_RANK: Final = {"queued": 0, "sending": 0, "sent": 1, "failed": 2, "expired": 2, "delivered": 3}
_STATE: Final = {
    DeliveryReport.UNDER_WAY: "sent",
    DeliveryReport.DELIVERED: "delivered",
    DeliveryReport.FAILED: "failed",
    DeliveryReport.EXPIRED: "expired",
}


def state_after(state: str, report: DeliveryReport) -> str:
    """Give the state of an outgoing message after a report, which only ever goes forward.

    Reports overtake each other and are repeated: what was delivered stays so, and what failed is not under way again.
    Delivered is believed also of a message that we had given up, for only the phone can have said so.
    """
    told = _STATE[report]
    return told if _RANK[told] > _RANK[state] else state


def whole(parts: Sequence[DeliveryReport], total: int) -> DeliveryReport:
    """Give what the reports on the parts of one message say of it: it is delivered when all its parts are, and failed
    or expired with the first part that is."""
    for lost in (DeliveryReport.FAILED, DeliveryReport.EXPIRED):
        if lost in parts:
            return lost
    delivered = len(parts) >= total and set(parts) == {DeliveryReport.DELIVERED}
    return DeliveryReport.DELIVERED if delivered else DeliveryReport.UNDER_WAY


class ReportAddress:
    """Where the gateway brings reports: a URL for each message, with our id and a proof that we gave it out.

    Nothing in it is personal. `sign` makes a keyed hash; without it anybody could call a message delivered.
    """

    def __init__(self, url: str, sign: Callable[[str], bytes]) -> None:
        """`url` is that of our web hook, without a query. Raises ValueError for anything else."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or "%" in url:
            raise ValueError("ELDERLINE_SMS_REPORT_URL must be an http or https URL without a query")
        self._url = url
        self._sign = sign

    def of(self, reference: str, status: str) -> str:
        """Give the URL for one message; `status` is the gateway's own word for where it puts what it reports."""
        return f"{self._url}?{urlencode({'id': reference, 'key': self._key(reference)})}&status={status}"

    def gave(self, reference: str, key: str) -> bool:
        """Tell whether the URL for this message is ours."""
        return hmac.compare_digest(key.encode(), self._key(reference).encode())

    def _key(self, reference: str) -> str:
        return self._sign(reference).hex()
