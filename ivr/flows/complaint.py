"""A complaint, in the caller's own words."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ivr.flows.base import Next
from ivr.flows.spoken_note import SpokenNote
from routing.calls.messages import Intent

log = structlog.get_logger(__name__)


class Complaint(SpokenNote):
    """Have a complaint recorded, or told to a person by 0; either way a person of ours answers it. Nothing is asked
    before the tone: whoever is here has chosen twice already."""

    KIND, INTENT = "complaint", Intent.COMPLAINT
    LEAVE, THANKS = "complaint.leave", "complaint.thanks"

    def run(self) -> Next:
        self._order_id = self._about()
        return self.take_note([("complaint.sorry", {}), ("services.person", {})])

    def _about(self) -> int | None:
        """The order that the caller was speaking of, or else the one that the elder waits for."""
        elder = self.desk.elder or self.desk.caller.elder
        if self.desk.about_order is not None or elder is None:
            return self.desk.about_order
        try:
            order = self.desk.services.orders.latest_open(elder.id)
        except SQLAlchemyError as error:  # The complaint is worth more than what it is about.
            log.warning("complaint.order_unknown", error=type(error).__name__)
            return None
        return order.id if order else None
