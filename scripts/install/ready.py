"""Wait until ``/healthz`` says that every part is well, and say which is not, with its own last words."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil

from ivr.handover import process_at
from routing.settings import Settings
from scripts.health import check
from scripts.install.steps import Steps, Trouble
from scripts.parts import ivr_place, log_file
from scripts.restarts import Restarts
from scripts.supervise import Supervisor

_HEALTHY_SECONDS = 120.0
"""Two quiet cores need five seconds; a machine that is busy with other things, many times that."""
_HOPELESS_DEATHS = 5
"""So often in a row nothing dies for the want of what another part is about to bring."""
_POLL_SECONDS = 0.3
_LAST_LINES = 12
_SAY_SECONDS = 10.0


def console_url(settings: Settings) -> str:
    """Give the address of the web console, as someone on this machine reaches it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.web_host, settings.web_host)
    return f"http://{host}:{settings.web_port}"


def wait_until_healthy(
    settings: Settings, supervisor: Supervisor, steps: Steps, seconds: float = _HEALTHY_SECONDS
) -> None:
    """Return once ``/healthz`` answers 200. Raises Trouble after `seconds`, naming the parts that are not well, or at
    once for a part that dies whenever it is started."""
    restarts = Restarts(settings.var_dir / "run")
    deadline = time.monotonic() + seconds
    say_at = time.monotonic() + _SAY_SECONDS
    while ill := {**(unwell(settings) or {}), **_not_running(supervisor), **_not_taken_over(settings, supervisor)}:
        logs = settings.var_dir / "log"
        if hopeless := [name for name in supervisor.states() if restarts.deaths(name) >= _HOPELESS_DEATHS]:
            print(last_words(settings, supervisor, hopeless), flush=True)
            often = f"{_HOPELESS_DEATHS} times in a row soon after the start"
            raise Trouble(f"{' and '.join(hopeless)} ended {often}; the logs are in {logs}")
        if time.monotonic() > deadline:
            print(last_words(settings, supervisor, ill), flush=True)
            parts = "; ".join(f"{name}: {detail}" for name, detail in ill.items())
            raise Trouble(f"not every part is well after {seconds:.0f} s ({parts}); the logs are in {logs}")
        if time.monotonic() > say_at:
            steps.say(f"  not yet: {', '.join(ill)}")
            say_at += _SAY_SECONDS
        time.sleep(_POLL_SECONDS)


def unwell(settings: Settings) -> dict[str, str] | None:
    """Give the parts that are not well with the reason, or None when ``/healthz`` answers 200."""
    try:
        with urlopen(console_url(settings) + "/healthz", timeout=15) as answer:  # noqa: S310  # Our own address.
            if answer.status == 200:
                return None
            said = answer.read()
    except HTTPError as error:
        said = error.read()
    except OSError as error:
        others = {name: part["detail"] for name, part in check(settings).items() if not part["ok"]}
        why = Restarts(settings.var_dir / "run").waiting("console")
        return {"console": why or f"does not answer ({getattr(error, 'reason', error)})", **others}
    return _parts(said) or {"console": "its health page is not what it should be"}


def _not_running(supervisor: Supervisor) -> dict[str, str]:
    """Give the parts that the supervisor has not seen running for a second: a heartbeat may be one of before."""
    return {name: f"is {state.lower()}" for name, state in supervisor.states().items() if state != "RUNNING"}


def _parts(said: bytes) -> dict[str, str]:
    try:
        answer = json.loads(said)
        return {
            name: str(part.get("detail", ""))
            for name, part in answer.get("parts", answer).items()
            if isinstance(part, dict) and not part.get("ok", True)
        }
    except (ValueError, AttributeError):
        return {}


def last_words(settings: Settings, supervisor: Supervisor, ill: Iterable[str]) -> str:
    """Give the last lines of the logs of `ill` parts, with what the supervisor thinks of them."""
    states = supervisor.states() if supervisor.answers() else {}
    pieces = []
    for name in ill:
        path = log_file(settings, name)
        if path.is_file():
            lines = path.read_text(errors="replace").splitlines()[-_LAST_LINES:]
            pieces.append(f"--- {name} ({states.get(name, 'not supervised')}), end of {path}")
            pieces.extend(f"    {line}" for line in lines)
    return "\n".join(pieces)


def _not_taken_over(settings: Settings, supervisor: Supervisor) -> dict[str, str]:
    """Say so while a restarted ivr still leaves the calls to the one before: new code does not answer them yet."""
    if supervisor.states().get("ivr") != "RUNNING":
        return {}
    answers = process_at(ivr_place(settings))
    with suppress(psutil.NoSuchProcess):
        if answers is not None and psutil.Process(answers).ppid() == supervisor.process_of("ivr"):
            return {}
    return {"ivr": "has not taken the calls over from the one before"}
