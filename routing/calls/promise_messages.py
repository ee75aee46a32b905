"""What flows and desk tell the router about promised call-backs; `messages.py` carries them like all others.

A promise travels as the JSON of its ticket (`records.Ticket`), whose `number` is the one personal fact in it: without
it nobody can be dialled. The stream is trimmed and never logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PromiseCall:
    """A caller who waits on `ticket_id` is to be called back instead; the promise keeps the ticket's place.

    The router alone decides: a caller who is being connected at this moment gets no promise.
    """

    ticket_id: str
    promise: str = field(repr=False)


@dataclass(frozen=True)
class DeferPromise:
    """The person of this promise is on the line with us until then (an epoch): do not dial them meanwhile."""

    promise_id: str
    until: float


@dataclass(frozen=True)
class CancelPromise:
    """The call-back is not wanted any more."""

    promise_id: str
    by: str = ""
