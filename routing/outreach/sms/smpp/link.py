"""The link to the carrier: bound for as long as it can be, and bound again, with growing pauses, when it is lost."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from routing.outreach.sms.smpp.pdu import Pdu, Status
from routing.outreach.sms.smpp.session import Broken, NotWritten, Refused, Session, Timers, connected

log = structlog.get_logger(__name__)

_AGAIN_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Pauses before one try after another to bind; the last one for ever. A bind that held starts anew."""
_REFUSED_SECONDS = 30.0
"""After a wrong password: most carriers lock an account that keeps trying."""
_ACCOUNT = {Status.RINVPASWD: "the password", Status.RINVSYSID: "the user", Status.RBINDFAIL: "user or password"}


@dataclass(frozen=True)
class SmppAddress:
    """Where the carrier is, and who we are to it. SMPP knows names of 15 and passwords of 8 characters."""

    host: str
    port: int
    name: str
    password: str = field(repr=False)
    system_type: str = ""
    tls: bool = False


@dataclass(frozen=True)
class LinkState:
    """How the link stands: since when, and why it is away. `wants_a_person`: trying again will not mend it."""

    bound: bool
    since: datetime
    why: str = ""
    wants_a_person: bool = False


class SmppLink:
    """Keeps one transceiver bound from a thread of its own. Threads may share it."""

    def __init__(
        self,
        address: SmppAddress,
        *,
        clock: Callable[[], datetime],
        on_deliver: Callable[[Session, Pdu], None],
        window: int = 10,
        timers: Timers | None = None,
        again: tuple[float, ...] = _AGAIN_SECONDS,
    ) -> None:
        self._address = address
        self._clock = clock
        self._on_deliver = on_deliver
        self._window = window
        self._timers = timers or Timers()
        self._again = again
        self._session: Session | None = None
        self._state = LinkState(False, clock(), "not tried yet")
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="smpp", daemon=True)

    @property
    def state(self) -> LinkState:
        """How it stands now."""
        return self._state

    def start(self) -> None:
        """Begin to bind."""
        self._thread.start()

    def stop(self) -> None:
        """Unbind and end, within a few seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2 * self._timers.answer + self._timers.connect)

    def wait_until_bound(self, seconds: float) -> bool:
        """Wait for a bind, at most so long; tell whether it stands."""
        return self.wait_for(lambda state: state.bound, seconds)

    def wait_for(self, wanted: Callable[[LinkState], bool], seconds: float) -> bool:
        """Wait until the link stands as wanted, at most so long."""
        with self._changed:
            return self._changed.wait_for(lambda: wanted(self._state), seconds)

    def ask(self, make: Callable[[int], bytes], patience: float) -> Pdu:
        """Send one request and wait for its answer (Session.ask). Raises NotWritten also when nothing is bound."""
        session = self._session
        if session is None:
            raise NotWritten(f"not bound to the carrier: {self._state.why}")
        return session.ask(make, patience)

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            pause = self._again[min(failures, len(self._again) - 1)]
            failures += 1
            try:
                session = self._bound()
            except Refused as refused:
                pause = max(pause, min(_REFUSED_SECONDS, self._again[-1]))
                self._away(_about(refused), wants_a_person=refused.status in _ACCOUNT)
            except Broken as broken:
                self._away(str(broken))
            else:
                failures, pause = 0, self._again[0]
                self._hold(session)
            self._stop.wait(pause)

    def _bound(self) -> Session:
        address = self._address
        raw = connected(address.host, address.port, self._timers.connect)
        try:
            plain = ssl.create_default_context().wrap_socket(raw, server_hostname=address.host) if address.tls else raw
        except OSError as error:
            raw.close()
            raise Broken(f"TLS failed: {type(error).__name__}") from None
        session = Session(plain, self._timers, self._window, self._on_deliver)
        try:
            carrier = session.bind(address.name, address.password, address.system_type)
        except (Refused, Broken):
            session.close()
            raise
        log.info("smpp.bound", carrier=carrier[:16])
        return session

    def _hold(self, session: Session) -> None:
        self._session = session
        self._told(LinkState(True, self._clock()))
        try:
            session.serve(self._stop)
        except Broken as broken:
            self._session = None
            session.close()
            self._away(str(broken))
        else:
            self._session = None
            session.end()
            self._away("stopped")

    def _away(self, why: str, *, wants_a_person: bool = False) -> None:
        before = self._state
        since = self._clock() if before.bound else before.since
        if (before.bound, before.why) != (False, why):
            log.warning("smpp.away", why=why)
        self._told(LinkState(False, since, why, wants_a_person))

    def _told(self, state: LinkState) -> None:
        with self._changed:
            self._state = state
            self._changed.notify_all()


def _about(refused: Refused) -> str:
    what = _ACCOUNT.get(Status(refused.status)) if refused.status in _ACCOUNT else None
    told = f"the carrier refuses the bind with {refused}"
    return f"{told}: see ELDERLINE_SMS_USER and ELDERLINE_SMS_PASSWORD for {what}" if what else told
