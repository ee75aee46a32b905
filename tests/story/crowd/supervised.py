"""The same hotline under the real supervisor, which starts again what dies: nobody of ours brings anything back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import pytest

from scripts.install.steps import Steps
from scripts.launch import write_environment
from scripts.parts import parts
from scripts.stop import stop
from scripts.supervise import Supervisor
from tests.story.crowd.house import OURS, House

_BACK_SECONDS = 90.0


class SupervisedHouse(House):
    """Parts of ours are the supervisor's children from now on."""

    supervisor: Supervisor

    def kill(self, *killed: str) -> None:
        """End the parts and all their children at once; the database's server is nobody's child, and is killed too."""
        before = self._pids()
        for part in killed:
            self.away.add(part)
            if part in before:
                with suppress(ProcessLookupError):
                    os.killpg(before[part], signal.SIGKILL)
            else:
                self.database.kill()
        self._before = before

    def start(self, *killed: str) -> None:
        """Bring back the database, and wait until the supervisor has brought back what is ours."""
        if not set(killed) <= set(OURS):
            self.database.resume()

        def back() -> bool:
            now = self._pids()
            return all(now.get(each, 0) not in (0, self._before[each]) for each in killed if each in OURS)

        self.hotline.eventually("the supervisor has started what died", back, _BACK_SECONDS)
        for each in OURS:
            self.hotline.wait_until_working(each, _BACK_SECONDS)
        self.away.difference_update(killed)

    def _pids(self) -> Mapping[str, int]:
        return {each["name"]: each["pid"] for each in self.supervisor._call("supervisor.getAllProcessInfo")}


@contextmanager
def supervised(house: House) -> Iterator[SupervisedHouse]:
    """Hand the parts of a house over to the supervisor while the block lasts; nobody is on the telephone meanwhile."""
    settings = house.hotline.settings
    house.hotline.stop_parts()
    supervisor = Supervisor(settings)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in house.hotline.environment().items():
            patch.setenv(name, value)
        supervisor.environment.parent.mkdir(parents=True, exist_ok=True)
        write_environment(supervisor.environment)
    supervisor.write([part for part in parts(settings) if part.name in OURS], dict.fromkeys(OURS, "1"))
    try:
        supervisor.start()
        for each in OURS:
            house.hotline.wait_until_working(each, _BACK_SECONDS)
        handed = SupervisedHouse(**vars(house))
        handed.supervisor = supervisor
        yield handed
    finally:
        stop(settings, Steps())
        house.hotline.start_together(*OURS)
