"""What `./scripts/down` does: stop one instance, all of it and nothing else, within a bound."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from http.client import HTTPException
from xmlrpc.client import Fault

import psutil
from pydantic import ValidationError

from routing.settings import Settings, load_settings
from scripts.commands.settings import sentence
from scripts.install.steps import Steps, Trouble, exit_with
from scripts.parts import ROOT
from scripts.supervise import Supervisor

_END_SECONDS = 20.0
_KILL_SECONDS = 5.0
_LEAVE_SECONDS = 8.0
"""An ivr that is told to end at once gives its calls four seconds, and its threads two."""


def stop(settings: Settings, steps: Steps) -> bool:
    """Stop supervisord and every process that it started; tell whether there was anything to stop.

    Parts get their own time to end (parts.py), then 20 s in all, and then no choice. Raises Trouble if one survives.
    """
    supervisor = Supervisor(settings)
    head = supervisor.process()
    everyone = supervisor.children()
    if head is None and not everyone:
        return False
    if head is not None:
        calls = sum(_calls(settings, process) for process in everyone)
        steps.say("Stopping all parts" + (f"; {calls} calls in flows end with them" if calls else ""))
        # What it does not watch over has no other way to learn of it: what an older one left, and what `up` began.
        _signal([process for process in everyone if process not in head.children(recursive=True)])
        everyone += [head]
        try:
            supervisor.stop_all(between=lambda: _end_ivr(supervisor))
        except (OSError, HTTPException, Fault) as error:
            steps.say(f"  the supervisor does not answer ({error}); ending it by signal")
            _signal([head])
    else:
        steps.say(f"The supervisor is gone; ending the {len(everyone)} processes that it left behind")
        _signal(everyone)
    _end_ivr(supervisor)
    _, left = psutil.wait_procs(everyone, timeout=_END_SECONDS)
    for process in left:
        steps.say(f"  process {process.pid} does not end by itself: killing it")
        _signal([process], kill=True)
    _, left = psutil.wait_procs(left, timeout=_KILL_SECONDS)
    if left:
        raise Trouble("these processes do not end: " + ", ".join(str(process.pid) for process in left))
    for path in (supervisor.pid_file, supervisor.socket):
        path.unlink(missing_ok=True)
    return True


def _end_ivr(supervisor: Supervisor) -> None:
    """End what answers calls: after a stop it would stay with its last ones, and wait for a successor."""
    left = [process for process in supervisor.children() if _answers_calls(process)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
    psutil.wait_procs(left, timeout=_LEAVE_SECONDS)


def _answers_calls(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return process.cmdline()[-2:] == ["run", "ivr"]
    return False


def _calls(settings: Settings, process: psutil.Process) -> int:
    """How many calls an ivr has under way, leaving or not: each is a connection to its port."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return sum(
            each.status == psutil.CONN_ESTABLISHED and each.laddr.port == settings.agi_port
            for each in (process.net_connections("tcp") if _answers_calls(process) else ())
        )
    return 0


def _signal(processes: list[psutil.Process], kill: bool = False) -> None:
    for process in processes:
        try:
            process.kill() if kill else process.terminate()
        except psutil.NoSuchProcess:
            continue


def main() -> int:
    """Run `./scripts/down`; the exit status is 0 also when nothing ran."""
    steps = Steps()
    try:
        stopped = stop(load_settings(ROOT), steps)
    except ValidationError as error:
        return exit_with(sentence(error), "down")
    except psutil.AccessDenied:
        return exit_with("these processes belong to another user: run it as root, with sudo ./scripts/down", "down")
    except Trouble as error:
        return exit_with(str(error), "down")
    steps.say("Elderline is stopped." if stopped else "Nothing runs here; nothing to stop.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
