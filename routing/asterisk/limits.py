"""Where a node is, and every bound that the client keeps. Times are in seconds."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """One Asterisk node's manager interface, which listens on loopback or on a private network."""

    name: str
    host: str
    port: int
    user: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AmiLimits:
    """The bounds of one client; the defaults suit a node on the same machine or the same rack."""

    action_seconds: float = 5.0
    connect_seconds: float = 5.0
    ping_every_seconds: float = 5.0
    pong_within_seconds: float = 3.0
    # In a burst the pong stands behind thousands of events: while packets come it is waited for so many times as long.
    pong_waits: int = 4
    # Asterisk boots in about a second, so the first attempts come soon and the later ones stay under the
    # 15 s after which the dialplan gives callers up to its own queue.
    reconnect_first_seconds: float = 0.2
    reconnect_most_seconds: float = 5.0
    # A wrong secret does not mend itself; each attempt is also a line in the node's security log.
    login_retry_seconds: float = 30.0
    # A connection that lived this long was a good one: the next attempt starts again at the first delay.
    settled_after_seconds: float = 10.0
    pending_actions: int = 1000
    list_items: int = 20_000
    line_bytes: int = 65_536
    packet_bytes: int = 4_194_304
