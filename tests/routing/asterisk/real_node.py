"""A real Asterisk with the manager interface and a dozen modules, in a mount namespace of its own.

It needs the directory of a root file system with Asterisk in ELDERLINE_ASTERISK_ROOT, which it does not change: what
the node writes goes to file systems in memory that vanish with it.
"""

import os
import shlex
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from routing.asterisk.limits import NodeAddress

USER, SECRET = "elderline", "only-for-tests"

_MODULES = """
pbx_config app_dial app_echo app_queue app_senddtmf app_stack app_userevent bridge_simple bridge_holding
func_callerid func_channel func_devstate res_manager_devicestate res_timing_timerfd
""".split()

_EXTENSIONS = """
[answers]
exten => _X.,1,Answer()
 same => n,Echo()
[busy]
exten => _X.,1,Busy(5)
[congested]
exten => _X.,1,Congestion(5)
[rings]
exten => _X.,1,Ringing()
 same => n,Wait(30)
[holding]
exten => s,1,UserEvent(Holding,CallId: ${CALL_ID},Intent: person,Class: frail)
 same => n,Wait(30)
[moved]
exten => s,1,UserEvent(ConnectFailed,CallId: ${CALL_ID},Agent: ${AGENT},DialStatus: NOANSWER)
 same => n,Wait(30)
[presses]
exten => _X.,1,Answer()
 same => n,Wait(0.2)
 same => n,SendDTMF(5)
 same => n,Wait(30)
"""


def _configuration(port: int) -> dict[str, str]:
    return {
        "asterisk.conf": "[directories]\nastetcdir => /etc/asterisk\n[options]\nnocolor = yes\n",
        "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in _MODULES),
        "logger.conf": "[general]\n[logfiles]\nconsole => warning,error\n",
        "extensions.conf": "[general]\n[globals]\n" + _EXTENSIONS,
        "queues.conf": "[general]\n[fallback]\nstrategy = rrmemory\n",
        "manager.conf": f"""
[general]
enabled = yes
bindaddr = 127.0.0.1
port = {port}
[{USER}]
secret = {SECRET}
read = all
write = all
writetimeout = 5000
""",
    } | dict.fromkeys(
        ("cdr.conf", "cel.conf", "features.conf", "ccss.conf", "acl.conf", "udptl.conf", "indications.conf"), ""
    )


class RealNode:
    """`with RealNode(directory) as node:` runs it until the block ends; `directory` is for its configuration."""

    def __init__(self, directory: Path) -> None:
        root = os.environ.get("ELDERLINE_ASTERISK_ROOT")
        if not root:
            raise RuntimeError("ELDERLINE_ASTERISK_ROOT must name a root file system with Asterisk in it")
        self._root = Path(root)
        self._configuration = directory
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def __enter__(self) -> Self:
        for name, text in _configuration(self.port).items():
            (self._configuration / name).write_text(text)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def address(self, name: str = "node1") -> NodeAddress:
        """Where its manager listens."""
        return NodeAddress(name=name, host="127.0.0.1", port=self.port, user=USER, secret=SECRET)

    def start(self) -> None:
        """Start it; `FullyBooted` tells a client when it is ready."""
        root = shlex.quote(str(self._root))
        mounts = [f"mount --bind {shlex.quote(str(self._configuration))} {root}/etc/asterisk"]
        mounts += [f"mount -t tmpfs none {root}{path}" for path in ("/run", "/var/log", "/var/spool", "/tmp")]
        mounts += [f"mkdir -p {root}/run/asterisk {root}/var/log/asterisk {root}/var/spool/asterisk"]
        mounts += [f"mount --bind /dev {root}/dev", f"mount -t proc proc {root}/proc"]
        # The node's own database must be writable, and its sounds, which lie beside it, are not needed here.
        mounts += [f"mount -t tmpfs none {root}/var/lib/asterisk"]
        script = " && ".join([*mounts, f"exec chroot {root} asterisk -f -U root"])
        self._process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """Kill it, as a node dies."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None
