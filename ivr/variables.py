"""The channel variables that the conversations and the dialplans share: each name is written once, here.

dialplans/README.md is the contract; tests/ivr/test_variables.py holds this file against dialplans/. What callers enter
never gets into them: values are our own words (IVR_NEXT, CALLER_CLASS), identifiers or numbers.
"""

from typing import Final

CALL_ID: Final = "CALL_ID"
"""The Linkedid of the first leg: the name of the call everywhere. AGI() hands it to us as its first argument."""

IVR_NEXT: Final = "IVR_NEXT"
"""What the dialplan does next: hold, sos or bye. Nothing, or anything else, means that the conversation failed or was
turned away: the dialplan's own fallback takes over."""

IVR_FLOW: Final = "IVR_FLOW"
"""On placed calls, the conversation to run: the script name of the agi:// address."""

IVR_REF: Final = "IVR_REF"
"""On placed calls, an opaque reference to what the call is about. AGI() hands it to us as its third argument."""

TICKET_ID: Final = "TICKET_ID"
"""The ticket of a caller who goes to hold. Empty when it could not be opened: the router then makes one."""

CALLER_CLASS: Final = "CALLER_CLASS"
"""sos, frail, elder or other: chooses what a caller in hold hears, and the class of a ticket that the router makes."""

DUTY_ANSWER: Final = "DUTY_ANSWER"
"""On a duty phone: 1 when its owner takes the call, 0 when not. Nothing means that the conversation failed."""

IVR_DELIVERY: Final = "IVR_DELIVERY"
"""How a caller who goes to hold was spoken to, for the conversations after it: a language or -, then slow, loud."""

LEFT_WORD: Final = "LEFT_WORD"
"""1: the caller is to be called back, whatever the length of what was recorded."""
