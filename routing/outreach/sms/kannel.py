"""An SMS gateway that is spoken to in the form of Kannel's ``sendsms`` (user guide, chapter 6: HTTP interface)."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode, urlsplit

from routing.outreach.sms.carrier import UNWANTED, HandOver, OutgoingSms, Receipt
from routing.outreach.sms.encoding import Alphabet, alphabet_of
from routing.outreach.sms.reports import DeliveryReport, ReportAddress

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 10.0
MOST_ANSWER_BYTES = 1024
_ALL_REPORTS = 31
"""dlr-mask: delivered (1), not delivered (2), waits at the carrier (4), taken (8) or refused (16) by the carrier."""
_REPORTS: Final = {
    1: DeliveryReport.DELIVERED, 2: DeliveryReport.FAILED, 4: DeliveryReport.UNDER_WAY, 8: DeliveryReport.UNDER_WAY,
    16: DeliveryReport.FAILED, 34: DeliveryReport.EXPIRED, 66: DeliveryReport.FAILED,
}  # fmt: skip
"""What ``%d`` says (user guide, chapter 9); later versions tell expired (34) and unknown (66) from plain 2."""


_CODING: Final = {Alphabet.GSM7: "0", Alphabet.LATIN1: "2", Alphabet.UCS2: "2"}
"""Its parameter ``coding``: 7 bit or UCS-2; it has none for Latin-1."""


def report_of(status: str) -> DeliveryReport | None:
    """Read the status of a report; None: no status of Kannel's."""
    return _REPORTS.get(int(status)) if status.isascii() and status.isdigit() and len(status) < 4 else None


class KannelGateway:
    """Hands messages over with HTTP GET.

    What is not answered within `ANSWER_SECONDS` after the request was sent is UNKNOWN. Kannel's answers: 202 accepted
    or queued, 503 temporal failure (the form says: try again later), everything else refused.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str,
        password: str,
        sender: str,
        reports: ReportAddress | None = None,
        as_dialled: Callable[[str], str] = str,
        plain: Alphabet = Alphabet.UCS2,
    ) -> None:
        """`url` is the gateway's sendsms, `reports` where it tells what became of a message (None: it is not asked),
        `as_dialled` turns E.164 into what it wants, and `plain` is the alphabet of texts that it can hold, for which
        Kannel has GSM 7 bit alone. Raises ValueError for no URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("ELDERLINE_SMS_URL must be an http or https URL of a sendsms service")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._path = parts.path or "/"
        self._fixed = {
            "username": user,
            "password": password,
            "from": sender,
            "charset": "UTF-8",
        }
        self._reports = reports
        self._plain = plain
        self._as_dialled = as_dialled

    def hand_over(self, message: OutgoingSms) -> Receipt:
        """Hand one message over."""
        if not message.text:
            return Receipt(HandOver.REFUSED, "empty text")
        connect = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = connect(self._host, self._port, timeout=CONNECT_SECONDS)
        try:
            return self._exchange(connection, message)
        finally:
            connection.close()

    def _exchange(self, connection: http.client.HTTPConnection, message: OutgoingSms) -> Receipt:
        try:
            connection.connect()
        except OSError as error:
            return Receipt(HandOver.NOT_TAKEN, f"no connection: {type(error).__name__}")
        if connection.sock is not None:
            connection.sock.settimeout(ANSWER_SECONDS)
        if not message.wanted():
            return UNWANTED
        try:
            connection.request("GET", f"{self._path}?{urlencode(self._form(message))}")
            answer = connection.getresponse()
            answer.read(MOST_ANSWER_BYTES)
        except (OSError, http.client.HTTPException) as error:
            return Receipt(HandOver.UNKNOWN, f"no answer: {type(error).__name__}")
        return Receipt(_outcome(answer.status), f"HTTP {answer.status}")

    def _form(self, message: OutgoingSms) -> dict[str, str]:
        coding = _CODING[alphabet_of(message.text, self._plain)]
        form = {**self._fixed, "coding": coding, "to": self._as_dialled(message.number), "text": message.text}
        if self._reports is not None:
            form["dlr-mask"] = str(_ALL_REPORTS)
            form["dlr-url"] = self._reports.of(message.reference, "%d")
        return form


def _outcome(status: int) -> HandOver:
    if status in (200, 202):
        return HandOver.ACCEPTED
    if status == 503:
        return HandOver.NOT_TAKEN
    return HandOver.REFUSED if 400 <= status < 500 else HandOver.UNKNOWN
