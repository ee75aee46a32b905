"""The carrier of a development machine: takes every message and sends none. The API shows the outbox instead."""

from __future__ import annotations

import structlog

from routing.outreach.sms.carrier import UNWANTED, HandOver, OutgoingSms, Receipt

log = structlog.get_logger(__name__)


class DevelopmentOutbox:
    """Takes everything. What was "sent" stands in the table `sms_messages`, which the API shows."""

    def hand_over(self, message: OutgoingSms) -> Receipt:
        """Take the message. Refuses what a carrier would refuse: an empty text."""
        if not message.text:
            return Receipt(HandOver.REFUSED, "empty text")
        if not message.wanted():
            return UNWANTED
        log.info("sms.development_outbox", reference=message.reference)
        return Receipt(HandOver.ACCEPTED, "development outbox")
