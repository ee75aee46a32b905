"""A worker, a router or a scheduler as the hotline runs it, that is killed in the very step that a test names.

``python -m tests.routing.outreach.dying PART FOLDER``. FOLDER/die holds the step in which the process sends itself
SIGKILL, once; FOLDER/ahead holds by how many seconds its clock is ahead of the machine's.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.demo import DEMO
from routing.calls import outbound
from routing.calls.switchboard import Switchboard
from routing.orders import visits
from routing.orders.visits import Visits
from routing.outreach import jobs
from routing.outreach.callbacks import Callbacks
from routing.outreach.campaigns.running import Runner
from routing.outreach.jobs import Jobs
from routing.outreach.medicine import doses
from routing.outreach.medicine.doses import Doses
from routing.outreach.wellbeing import checks
from routing.outreach.wellbeing.checks import WellBeing
from routing.settings import load_settings
from scripts.wiring import router, scheduler, services, worker
from scripts.wiring.stores import open_stores
from tests.routing.town import Town


class Fate:
    """When the process dies, and what its clock says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / "ahead").read_text() or "0"))

    def at(self, step: str) -> None:
        """Die here, if it is this step."""
        order = self.folder / "die"
        if order.is_file() and order.read_text() == step:
            order.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, before: str = "", after: str = "") -> None:
        """Make a function a step: `before` it, or `after` it has done its work."""
        whole: Callable[..., Any] = getattr(owner, name)

        def stepped(*given: Any, **named: Any) -> Any:
            self.at(before)
            result = whole(*given, **named)
            if after and result not in ((), 0):  # Else nothing was claimed, owed or followed.
                self.at(after)
            return result

        stepped.__name__ = name  # RQ finds a job by the name of its function.
        stepped.__module__ = whole.__module__
        setattr(owner, name, stepped)

    def around_waiting(self, owner: Any, name: str, after: str) -> None:
        """The same of a coroutine."""
        whole: Callable[..., Any] = getattr(owner, name)

        async def stepped(*given: Any, **named: Any) -> Any:
            result = await whole(*given, **named)
            self.at(after)
            return result

        setattr(owner, name, stepped)


def in_outreach(fate: Fate) -> None:
    """The steps of the worker that are a group message's own, a daily call's, and a reminder's."""
    fate.around(jobs, "sweep_campaigns", before="message: job taken")
    fate.around(Runner, "_owe", after="message: owed, not committed")
    fate.around(Runner, "sweep", after="message: owed")
    fate.around(Runner, "_after", after="message: followed, not committed")
    fate.around(Runner, "_followed", after="message: followed")
    fate.around(jobs, "sweep_well_being", before="daily: job taken")
    fate.around(WellBeing, "_call", after="daily: owed, not committed")
    fate.around(WellBeing, "_begin", after="daily: owed")
    fate.around(checks, "after_call", after="daily: followed, not committed")
    fate.around(WellBeing, "_follow", after="daily: followed")
    fate.around(jobs, "sweep_medicine", before="medicine: job taken")
    fate.around(Doses, "_call", after="medicine: owed, not committed")
    fate.around(Doses, "_begin", after="medicine: owed")
    fate.around(doses, "after_call", after="medicine: followed, not committed")
    fate.around(Doses, "_follow", after="medicine: followed")


def main(part: str, folder: str, worker_id: str = "") -> None:
    """Run a part as its own process does, with the steps in it. `visit`: the worker checks out, as a flow has it."""
    fate, settings = Fate(Path(folder)), load_settings()
    if part == "visit":
        fate.around(visits, "owe_callback", after="owed, not committed")
        fate.around(Visits, "check_out", after="owed")
        stores = open_stores(settings)
        town = Town(stores.engine, stores.cipher)
        town.clock.forward(hours=1)
        town.visits.check_out(int(worker_id), DEMO.wang.number, "out")
    elif part == "worker":
        fate.around(jobs, "sweep_callbacks", before="job taken")
        fate.around(Callbacks, "claim_due", after="claimed")
        fate.around(services, "send", after="published")
        fate.around(jobs, "settle_callback", before="settle job taken", after="settle job done")
        in_outreach(fate)
        worker.run(settings, fate.now)
    elif part == "scheduler":
        fate.around(Jobs, "put", before="tick", after="job queued")
        scheduler.run(settings)
    else:
        fate.around(outbound.Outbound, "ask", before="router received")
        fate.around_waiting(outbound, "claim", after="router recorded")
        fate.around_waiting(Switchboard, "place", after="originated")
        fate.around(outbound.Outbound, "dialled", before="answered")
        fate.around(router, "settle", before="router settles", after="router settled")
        router.run(settings, fate.now)


if __name__ == "__main__":
    main(*sys.argv[1:])
