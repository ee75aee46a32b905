"""A small SMS gateway in Kannel's form, which answers as a test tells it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Gateway:
    """What it got, and what it says: a status, or nothing at all (`silent`)."""

    status: int = 202
    silent: bool = False
    says: bytes = b"0: Accepted for delivery"
    raw: bytes = b""
    """Written as it is, instead of an answer in HTTP."""
    before_answer: Callable[[], None] = lambda: None
    got: list[dict[str, str]] = field(default_factory=list)
    asked: Queue[str] = field(default_factory=Queue)
    port: int = 0
    gone: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"


@contextmanager
def run_gateway() -> Iterator[Gateway]:
    """Serve on a free port of loopback."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            gateway.asked.put(self.path)
            gateway.got.append({name: values[0] for name, values in parse_qs(parts.query).items()})
            gateway.before_answer()
            if gateway.silent:
                gateway.gone.wait(20)
                return
            if gateway.raw:
                self.wfile.write(gateway.raw)
                return
            self.send_response(gateway.status)
            self.end_headers()
            self.wfile.write(gateway.says)

        def log_message(self, *_words: Any) -> None:
            """Say nothing: the texts are personal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.gone.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
