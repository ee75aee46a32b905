"""What can go wrong between us and an Asterisk node; no error here knows HTTP or AGI."""


class AmiError(Exception):
    """The base of everything this package raises about the manager interface."""


class AmiTimeout(AmiError):
    """The node did not answer within the action's time limit; whether it acted is not known."""


class AmiRefused(AmiError):
    """The node answered `Response: Error`; `message` is its own sentence, and nothing was done."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(f"{action}: {message}")
        self.action = action
        self.message = message


class AmiDisconnected(AmiError):
    """There is no connection, or it was cut before the answer came; the action is never sent again.

    `sent` tells the two apart: False means that the node never saw the action, True that it may have acted on it.
    """

    def __init__(self, reason: str, *, sent: bool = False) -> None:
        super().__init__(reason)
        self.sent = sent


class AmiLoginFailed(AmiError):
    """The node refused our user or secret."""


class AmiOverloaded(AmiError):
    """Too many actions wait for their answer, or one list is longer than its bound."""
