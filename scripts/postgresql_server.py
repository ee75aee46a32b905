"""A PostgreSQL to throw away, for tests and benches: its own folder and port, and no care for its data."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
         "max_wal_size=2GB", "shared_buffers=256MB", "listen_addresses=127.0.0.1", "unix_socket_directories=",
         "max_connections=120", "autovacuum=on", "log_min_messages=fatal")  # fmt: skip


class PostgresqlServer:
    """One server. `url(name)` is the SQLAlchemy URL of a database on it."""

    def __init__(self, port: int = 0) -> None:
        """`port` on 127.0.0.1; 0: any that is free now, which another process may take first."""
        self.port = port or _free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="elderline-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 60) -> None:
        """Make the data folder and start. Raises RuntimeError with the log when it is not up in time."""
        subprocess.run([*_as_owner(self.folder), binary("initdb"), "-D", self.folder / "data", "-A", "trust",
                        "-U", "elderline", "--no-sync", "-E", "UTF8", "--locale=C"],
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        self.resume(seconds)

    def resume(self, seconds: float = 60) -> None:
        """Start on the data that is there. Raises RuntimeError as `start`."""
        as_owner, data = _as_owner(self.folder), self.folder / "data"
        options = [part for each in (*_FAST, f"port={self.port}") for part in ("-c", each)]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen([*as_owner, binary("postgres"), "-D", data, *options], stderr=log)
        deadline = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)  # PostgreSQL tells nobody when it is ready; its own tools ask again, too.
            else:
                return
        log_text = (self.folder / "log").read_text(errors="replace")
        self.stop()
        raise RuntimeError(f"PostgreSQL did not start:\n{log_text}")

    def __enter__(self) -> PostgresqlServer:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it and remove its folder."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def halt(self) -> None:
        """End it; its data stay for `resume`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "Fast": connections are cut. TERM would wait for them.
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)

    def kill(self) -> None:
        """End it, with all that work for it, as a crash would; its data stay for `resume`."""
        if self._process is not None:
            head = psutil.Process(self._process.pid)
            for process in (head, *head.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.wait(10)

    def dsn(self, name: str) -> str:
        """libpq's form."""
        return f"host=127.0.0.1 port={self.port} user=elderline dbname={name}"

    def url(self, name: str) -> str:
        """SQLAlchemy's form."""
        return f"postgresql://elderline@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database, a copy of `template` (which nobody may be connected to), and give its URL."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


def binary(name: str) -> Path:
    """Find a program of the newest PostgreSQL installed. Raises FileNotFoundError, which tells what to install."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    if not found:
        raise FileNotFoundError(f"{name} is not installed: apt-get install postgresql")
    return found[-1]


def _as_owner(folder: Path) -> list[str]:
    """Give the words that run a program as `postgres`, the owner of `folder` from now on: initdb refuses root."""
    if os.geteuid() != 0:
        return []
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--pdeathsig=INT"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
