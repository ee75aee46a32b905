"""The dialplan's variables that the router sets or reads, and the contexts it sends calls to.

dialplans/README.md tells of each. A test holds these names against the dialplan.
"""

from typing import Final

CALL_ID: Final = "CALL_ID"
IVR_FLOW: Final = "IVR_FLOW"
IVR_REF: Final = "IVR_REF"
TICKET_ID: Final = "TICKET_ID"
CALLER_CLASS: Final = "CALLER_CLASS"
AGENT: Final = "AGENT"
RING_SECONDS: Final = "RING_SECONDS"
RECORD: Final = "RECORD"
ROUTER_BEAT: Final = "ROUTER_BEAT"
DUTY_NUMBERS: Final = "DUTY_NUMBERS"
CALLER: Final = "CALLER"
SPIED: Final = "SPIED"
LEFT: Final = "LEFT"
WAITS_SINCE: Final = "WAITS_SINCE"

CONTEXT_HOLD: Final = "hold"
CONTEXT_CONNECT: Final = "connect"
CONTEXT_CONNECT_OUTSIDE: Final = "connect-outside"
CONTEXT_CONNECT_DUTY: Final = "connect-duty"
CONTEXT_MESSAGE: Final = "message"
CONTEXT_PLACED: Final = "placed"
CONTEXT_FALLBACK: Final = "fallback"

QUEUE_FALLBACK: Final = "fallback"


def inherited(variable: str) -> str:
    """The variable's name when both the channel and every channel that it makes shall carry it."""
    return f"__{variable}"
