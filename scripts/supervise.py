"""The supervisor that restarts what dies: its configuration, and our talk with it over its socket."""

from __future__ import annotations

import getpass
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import SupervisorTransport

from routing.settings import Settings
from scripts.install.steps import Trouble
from scripts.launch import PREFIX
from scripts.parts import ROOT, Part, log_file, redis_config

_SOCKET_PATH_BYTES = 107  # unix(7): sun_path holds 108 bytes with the closing zero.
_ANSWER_SECONDS = 15.0
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Changes:
    """What `Supervisor.apply` did, by names of parts."""

    started: tuple[str, ...]
    restarted: tuple[str, ...]
    stopped: tuple[str, ...]
    kept: tuple[str, ...]


class Supervisor:
    """The supervisord of one instance, found by its folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.config = settings.var_dir / "supervisor" / "supervisord.conf"
        self.socket = settings.var_dir / "run" / "supervisor.sock"
        self.pid_file = settings.var_dir / "run" / "supervisord.pid"
        self.environment = settings.var_dir / "run" / "environment.json"
        self._rpc = ServerProxy("http://127.0.0.1", SupervisorTransport(None, None, self._url))

    @property
    def _url(self) -> str:
        return f"unix://{self.socket}"

    def write(self, parts: Iterable[Part], revisions: Mapping[str, str]) -> None:
        """Write the configuration. Raises Trouble if the folder's path is too long for a socket."""
        if len(os.fsencode(self.socket)) > _SOCKET_PATH_BYTES:
            raise Trouble(f"the path {self.socket} is too long for a socket: set ELDERLINE_VAR_DIR to a shorter one")
        for folder in (self.config.parent, self.socket.parent, log_file(self._settings, "x").parent):
            folder.mkdir(parents=True, exist_ok=True)
        sections = [
            ("unix_http_server", {"file": str(self.socket), "chmod": "0700"}),
            (
                "rpcinterface:supervisor",
                {"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
            ),
            ("supervisorctl", {"serverurl": self._url}),
            (
                "supervisord",
                {
                    "pidfile": str(self.pid_file),
                    "logfile": str(log_file(self._settings, "supervisord")),
                    "logfile_maxbytes": "5MB",
                    "directory": str(ROOT),
                    "user": getpass.getuser(),
                },
            ),
            *((f"program:{part.name}", self._program(part, revisions[part.name])) for part in parts),
        ]
        text = "\n".join(
            f"[{name}]\n" + "".join(f"{key}={value.replace('%', '%%')}\n" for key, value in values.items())
            for name, values in sections
        )
        draft = self.config.with_suffix(".new")
        draft.write_text(text)
        draft.replace(self.config)

    def _program(self, part: Part, revision: str) -> dict[str, str]:
        launch = (sys.executable, "-m", "scripts.launch", str(self.environment), *part.command)
        return {
            "command": shlex.join(launch),
            "directory": str(ROOT),
            "environment": f'ELDERLINE_REVISION="{revision}"',  # A change here is what makes the part restart.
            "priority": str(part.priority),
            "autorestart": "true",
            # Never given up: each failed start waits one second longer than the one before.
            "startretries": "100000",
            "startsecs": "1",
            "stopwaitsecs": str(part.stop_seconds),
            "stopasgroup": str(part.whole_group).lower(),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": str(log_file(self._settings, part.name)),
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": "5",
        }

    def process(self) -> psutil.Process | None:
        """Give the running supervisord of this instance, or None. A stale pid file, or another's pid, is none."""
        try:
            process = psutil.Process(int(self.pid_file.read_text()))
            return process if str(self.config) in process.cmdline() else None
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
            return None

    def start(self) -> None:
        """Start supervisord, which starts all parts, and wait until it answers. Raises Trouble after 15 s."""
        self.socket.unlink(missing_ok=True)
        log = log_file(self._settings, "supervisord")
        command = (sys.executable, "-m", "supervisor.supervisord", "-c", str(self.config))
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        with log.open("ab") as output:
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                timeout=_ANSWER_SECONDS, check=False,
            )  # fmt: skip
        if done.returncode:
            raise Trouble(f"the supervisor did not start; its last words are in {log}")
        deadline = time.monotonic() + _ANSWER_SECONDS
        while not self.answers():
            if time.monotonic() > deadline:
                raise Trouble(f"the supervisor did not answer within {_ANSWER_SECONDS:.0f} s; see {log}")
            time.sleep(_POLL_SECONDS)

    def answers(self) -> bool:
        """Tell whether supervisord answers on its socket."""
        try:
            self._call("supervisor.getState")
        except (OSError, HTTPException, Fault):
            return False
        return True

    def apply(self) -> Changes:
        """Make a running supervisord follow the configuration: only what differs restarts; what had ended starts."""
        before = self.states()
        added, changed, removed = self._call("supervisor.reloadConfig")[0]
        for name in (*removed, *changed):
            self._call("supervisor.stopProcessGroup", name)
            self._call("supervisor.removeProcessGroup", name)
        for name in (*changed, *added):
            self._call("supervisor.addProcessGroup", name)
        revived = [name for name in before if name not in (*removed, *changed) and self._revive(name, before[name])]
        same = sorted(set(before) - {*removed, *changed, *revived})
        return Changes((*added, *revived), tuple(changed), tuple(removed), tuple(same))

    def _revive(self, name: str, state: str) -> bool:
        if state not in {"STOPPED", "EXITED", "FATAL"}:
            return False
        self._call("supervisor.startProcess", name, False)
        return True

    def states(self) -> dict[str, str]:
        """Give each part's state in supervisord's words (RUNNING, BACKOFF, ...)."""
        return {info["name"]: info["statename"] for info in self._call("supervisor.getAllProcessInfo")}

    def stop_all(self, last: str = "redis", between: Callable[[], None] = lambda: None) -> None:
        """Stop every part at once, and `last` after the others and after `between`, so that they can still write."""
        for wave in (set(self.states()) - {last}, {last}):
            for name, state in self.states().items():
                if name in wave and state in {"RUNNING", "STARTING", "BACKOFF"}:
                    self._call("supervisor.stopProcess", name, False)
            while "STOPPING" in self.states().values():
                time.sleep(_POLL_SECONDS)  # Bounded: supervisord kills what is not gone after its stop_seconds.
            if last not in wave:
                between()
        self._call("supervisor.shutdown")

    def process_of(self, name: str) -> int:
        """Give the id of the process of a part that runs; 0 while it does not."""
        return int(self._call("supervisor.getProcessInfo", name)["pid"])

    def _call(self, method: str, *arguments: Any) -> Any:
        return getattr(self._rpc, method)(*arguments)

    def children(self) -> list[psutil.Process]:
        """Give the processes that this supervisord started, also those that outlived it."""
        head = self.process()
        ours = {each.pid: each for each in head.children(recursive=True)} if head else {}
        for process in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if self._bears_our_mark(process):
                    ours[process.pid] = process
        return list(ours.values())

    def _bears_our_mark(self, process: psutil.Process) -> bool:
        """Know a child by the variable that supervisord gives it; Redis writes its title over its environment."""
        if process.environ().get("SUPERVISOR_SERVER_URL") == self._url:
            return True
        return process.name() == "redis-server" and process.cwd() == str(redis_config(self._settings).parent)
