"""Run one Asterisk in the foreground: ``python -m scripts.asterisk_node``.

It runs as the user ``asterisk``, in a mount namespace of its own, so that several instances share one installation and
nothing stays mounted when it ends. The instance's folder is seen as /run/elderline, whatever its path outside. The
host's name resolves to loopback inside, because Asterisk otherwise asks the root name servers for its own address in
each call's SDP and blocks the call for seconds.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

from routing.settings import load_settings
from scripts.asterisk_config import SOUNDS, VIEW
from scripts.asterisk_root import find_root

START = r"""
set -eu
root=$1; instance=$2; sounds=$3; own=$4; view=$5
here=${root%/}
mount --bind "$instance" "$here$view"
mount --bind "$sounds" "$here$view/prompts"
mount --bind "$own" "$here$view/prompts/own"
[ -e "$here/etc/hosts" ] || : > "$here/etc/hosts"
mount --bind "$instance/hosts" "$here/etc/hosts"
if [ "$root" != / ]; then
    mount -t proc proc "$here/proc"
    mount --rbind /dev "$here/dev"
fi
exec chroot "$root" /usr/sbin/asterisk -f -U asterisk -G asterisk -C "$view/etc/asterisk.conf"
"""


def command(root: Path, instance: Path, own: Path, sounds: Path = SOUNDS) -> list[str]:
    """Give the command that becomes Asterisk: the started process's id is Asterisk's own.

    `own` holds the sounds that were made on this machine (docs/prompts.md), seen within `sounds` as ``own``.
    `instance` was filled by scripts.asterisk_config.render. It is given to the user ``asterisk`` of `root`.
    Raises KeyError when `root` has no such user.
    """
    uid, gid = _asterisk_user(root)
    (root / VIEW.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for folder in (own, sounds / "own"):
        folder.mkdir(parents=True, exist_ok=True)
    (instance / "hosts").write_text(
        f"127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.0.1 {socket.gethostname()}\n", encoding="utf-8"
    )
    for path in (instance, *instance.glob("*"), *(instance / "etc").glob("*"), *_owned(instance)):
        os.chown(path, uid, gid, follow_symlinks=False)
    arguments = [str(root), str(instance.resolve()), str(sounds.resolve()), str(own.resolve()), VIEW]
    return ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", START, "asterisk-node", *arguments]


def _owned(instance: Path) -> list[Path]:
    """List what Asterisk must own, without walking through years of recordings."""
    return [path for name in ("lib", "log", "run", "spool") for path in (instance / name).rglob("*")]


def _asterisk_user(root: Path) -> tuple[int, int]:
    for line in (root / "etc/passwd").read_text(encoding="utf-8").splitlines():
        name, _, uid, gid, *_ = line.split(":")
        if name == "asterisk":
            return int(uid), int(gid)
    raise KeyError(f"{root} has no user named asterisk")


def main() -> None:
    """Become the Asterisk of this checkout's settings."""
    settings = load_settings()
    for tool in ("unshare", "mount", "chroot"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is missing: install util-linux and coreutils")
    start = command(find_root(settings), settings.var_dir / "asterisk", settings.var_dir / "prompts")
    os.execvp(start[0], start)  # noqa: S606  # The arguments are our own.


if __name__ == "__main__":
    main()
