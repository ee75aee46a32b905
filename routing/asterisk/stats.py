"""What a client counts about itself; whoever exports metrics reads the snapshot."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class AmiStats:
    """Counts since the client was made."""

    reconnects: int = 0
    """Logins after the first."""
    timeouts: int = 0
    """Actions that were not answered in time, pings among them."""
    refused: int = 0
    """Actions that the node answered with an error."""
    callback_errors: int = 0
    """Exceptions that subscribers raised."""
    discarded: int = 0
    """Lines and packets over their bound."""


@dataclass(slots=True)
class Tally:
    """The same counts while they grow; they are only touched on the client's event loop."""

    reconnects: int = 0
    timeouts: int = 0
    refused: int = 0
    callback_errors: int = 0
    discarded: int = 0

    def snapshot(self) -> AmiStats:
        """The counts as they stand."""
        return AmiStats(**asdict(self))
