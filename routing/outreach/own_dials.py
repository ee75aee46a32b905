"""The dials that people of ours make themselves, in a talk: a relative, a company. The policy is asked for these, too.

An automatic call that is not allowed is not made. A person may know better, as that a number on the list belongs to
somebody else by now: they are told why not, and may dial all the same with a reason, which is written down.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from db.models import AuditEntry
from db.session import UnitOfWork
from routing.errors import Conflict
from routing.outreach.consent import Purpose, Why
from routing.outreach.reach import NumberIndex
from routing.outreach.standing import barred

LONGEST_REASON: Final = 200
_SAID: Final = {
    Why.NEVER_CALL: "the list of whom never to call has this number or this person",
    Why.GONE: "this person is not registered any more",
}


class Barred(Conflict):
    """This number is not to be called; whoever knows better says why they dial it all the same."""

    code = "not_to_be_called"


class OwnDials:
    """Asks the policy before a person of ours dials, and keeps why it was done in spite of it."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], number_index: NumberIndex
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._number_index = number_index

    def ask(
        self,
        number: str,
        *,
        by: str,
        subject: str,
        elder_id: int | None = None,
        business: bool = False,
        reason: str = "",
    ) -> None:
        """Raise Barred if `number` (E.164) must not be called, unless a reason is given, which goes to the audit.

        `elder_id` is whose telephone it is, if it is an elder's own; `subject` is what the audit names. Hours do not
        count: a person who speaks with somebody knows what time it is.
        """
        now = self._clock()
        with self._reading() as session:
            why = barred(
                session, Purpose.BUSINESS if business else Purpose.SERVICE, number_index=self._number_index(number),
                elder_id=elder_id, now=now,
            )  # fmt: skip
        if why is Why.ALLOWED:
            return
        reason = " ".join(reason.split())[:LONGEST_REASON]
        if not reason:
            said = _SAID.get(why, f"not allowed: {why}")
            raise Barred(f"{said}: do not call, or give the reason for which you call all the same")
        with self._unit_of_work() as session:
            session.add(
                AuditEntry(
                    at=now, actor=by[:60], action="dial.in_spite", subject=subject[:60], detail=f"{why}: {reason}"
                )
            )
