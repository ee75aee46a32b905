"""Cases that are owed for calls which Asterisk served alone: an SOS, or a message that a person must hear."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

import structlog

from routing.calls import keys
from routing.calls.errands import Errands
from routing.calls.floor import Floor

log = structlog.get_logger(__name__)

_RETRY_SECONDS = 15.0


@dataclass(frozen=True)
class OwedCase:
    """A case to be opened, once per `key`: `kind` is sos or message, `at` an epoch in seconds."""

    key: str
    kind: str
    call_id: str
    at: float


OpenCase = Callable[[OwedCase], None]
"""Opens the case; may block, and is called again until it does not raise."""


class OwedCases:
    """Keeps what is owed in Redis until it is paid."""

    def __init__(self, floor: Floor, errands: Errands, open_case: OpenCase) -> None:
        self._floor = floor
        self._errands = errands
        self._open_case = open_case
        self._owed: dict[str, OwedCase] = {}
        self._retry_at: dict[str, float] = {}

    def restore(self, stored: Iterable[bytes | str]) -> None:
        """Take up what an earlier router left in Redis."""
        for text in stored:
            try:
                case = OwedCase(**json.loads(text))
            except (TypeError, ValueError) as error:
                log.warning("owed_cases.unreadable", error=type(error).__name__)
            else:
                self._owed[case.key] = case
                self._retry_at[case.key] = 0.0

    def owe(self, kind: str, call_id: str, at: float | None = None) -> None:
        """Have a case opened for this call, once; `at` is when it was (an epoch), if that is not now."""
        case = OwedCase(f"{kind}-{call_id}", kind, call_id, self._floor.clock() if at is None else at)
        if case.key in self._owed:
            return
        self._owed[case.key] = case
        self._retry_at[case.key] = 0.0
        self._floor.ledger.keep(keys.OWED_CASES, case.key, json.dumps(asdict(case)))
        self._floor.changed = True

    def step(self) -> None:
        """Open what is owed and not under way."""
        now = self._floor.clock()
        for key, case in self._owed.items():
            if self._retry_at[key] <= now:
                self._retry_at[key] = now + _RETRY_SECONDS
                self._errands.send(self._pay(case))

    def next_change(self) -> float | None:
        """Tell when `step` has something to do."""
        return min(self._retry_at.values(), default=None)

    async def _pay(self, case: OwedCase) -> None:
        try:
            await asyncio.to_thread(self._open_case, case)
        except Exception as error:  # noqa: BLE001  # Whatever is broken, the case waits here.
            log.warning("owed_cases.not_opened", kind=case.kind, call_id=case.call_id, error=type(error).__name__)
            return
        self._owed.pop(case.key, None)
        self._retry_at.pop(case.key, None)
        self._floor.ledger.keep(keys.OWED_CASES, case.key, None)
