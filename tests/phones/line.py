"""The one PJSIP endpoint of a process, on a thread of its own. Phones post their operations to it.

PJSIP allows one endpoint in a process and wants its library called from registered threads; here a single thread owns
it: operations are posted as closures, and events are handled between them.
"""

from __future__ import annotations

import gc
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

import pjsua2 as pj

T = TypeVar("T")


class Line:
    """SIP over UDP on one port of loopback, without a sound card.

    The wheel of PJSIP is built for four calls at once and eight phones that are plugged in, in one process.
    """

    def __init__(
        self, port: int, rtp_first: int = 40000, address: str = "127.0.0.1", log_level: int = 0, work_ms: int = 5
    ) -> None:
        """Open `port` at once; raises RuntimeError in the words of PJSIP when it is taken.

        What is posted waits `work_ms` at the most; a dozen lines on one machine take less of it when that is longer."""
        self.address = address
        self.port = port
        self.rtp_first = rtp_first
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self.closing: list[Callable[[], None]] = []
        """What phones let go of on this thread before the endpoint is destroyed."""
        self._log_level = log_level
        self._work_ms = work_ms
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="pjsip", daemon=True)
        self._thread.start()
        opened.result(30)

    def do(self, operation: Callable[[], T], seconds: float = 30) -> T:
        """Run `operation` on PJSIP's thread and give its result; what it raises is raised here."""
        if threading.current_thread() is self._thread:
            return operation()
        done: Future[T] = Future()

        def work() -> None:
            try:
                done.set_result(operation())
            except Exception as error:  # noqa: BLE001  # Whatever PJSIP says belongs to whoever asked.
                done.set_exception(_plain(error))

        self._work.put(work)
        return done.result(seconds)

    def close(self) -> None:
        """End all calls and the endpoint."""
        self._stop.set()
        self._thread.join(10)

    def _run(self, opened: Future[None]) -> None:
        try:
            endpoint = self._open()
        except Exception as error:  # noqa: BLE001
            opened.set_exception(_plain(error))
            return
        opened.set_result(None)
        while not self._stop.is_set():
            endpoint.libHandleEvents(self._work_ms)
            while True:
                try:
                    self._work.get_nowait()()
                except queue.Empty:
                    break
        endpoint.hangupAllCalls()
        for _ in range(20):
            endpoint.libHandleEvents(10)
        # Its clock calls into what is about to go, on a thread of its own.
        endpoint.audDevManager().setNoDev()
        for let_go in self.closing:
            let_go()
        gc.collect()
        endpoint.libDestroy()

    def _open(self) -> Any:
        endpoint = pj.Endpoint()
        endpoint.libCreate()
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = 100
        config.logConfig.level = self._log_level
        config.logConfig.consoleLevel = self._log_level
        config.medConfig.clockRate = 8000
        config.medConfig.sndClockRate = 8000
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        config.medConfig.maxMediaPorts = 250
        endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.port = self.port
        transport.boundAddress = self.address
        endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        endpoint.libStart()
        endpoint.audDevManager().setNullDev()
        endpoint.codecSetPriority("PCMA/8000", 254)
        endpoint.codecSetPriority("PCMU/8000", 253)
        return endpoint


def _plain(error: Exception) -> Exception:
    return RuntimeError(error.info()) if isinstance(error, pj.Error) else error
