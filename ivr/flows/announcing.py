"""What elders are told before the menu: the announcements of their district that they have not heard."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ivr.dialogue import PromptPart
from ivr.flows.desk import CallDesk
from ivr.flows.recorded import FOLDER
from routing.outreach.announcements import Told

log = structlog.get_logger(__name__)

READ_SECONDS = 0.5
"""A caller waits so long for the database, at the most: without an answer nothing is announced this time."""


class Announcing:
    """Finds what to announce in a call, and remembers that it was heard. It never fails the caller."""

    def __init__(self, desk: CallDesk) -> None:
        self._desk = desk
        self._told: tuple[Told, ...] = ()

    def words(self) -> list[PromptPart]:
        """What belongs between greeting and menu: a key over it is an answer to the menu. Nothing for a relative, and
        nothing of what has no sound."""
        elder, announcements = self._desk.elder, self._desk.services.announcements
        if elder is None or self._desk.speaks_as is not None:
            return []
        found: list[tuple[Told, ...]] = []
        done = self._beside(lambda: found.append(announcements.for_elder(elder.id, elder.district, elder.language)))
        self._told = found[0] if done and found else ()
        said = [_said(each) for each in self._told]
        return [("announcement.intro", {}), *said] if said else []

    def heard(self) -> None:
        """Once the menu after it is answered or waited out, the elder is not told again, whatever key cut it short."""
        elder, announcements = self._desk.elder, self._desk.services.announcements
        if elder is None or not self._told:
            return
        ids = [each.id for each in self._told]
        self._desk.step("announcement.told", ",".join(map(str, ids)))
        self._beside(lambda: announcements.remember(elder.id, ids))

    def _beside(self, work: Callable[[], None]) -> bool:
        """Do something with the database beside the call: after `READ_SECONDS` the caller goes on without it."""

        def quietly() -> None:
            try:
                work()
            except SQLAlchemyError as error:
                log.warning("announcing.database_away", error=type(error).__name__)

        return self._desk.patience.beside(quietly, READ_SECONDS)


def _said(announcement: Told) -> PromptPart:
    if announcement.recording:
        return "announcement.recorded", {"what": f"{FOLDER}/{announcement.recording}"}
    return "announcement.said", {"what": announcement.text}
