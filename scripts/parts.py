"""The processes of one instance (docs/architecture.md), and how each is started."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from routing.settings import Settings
from scripts.kannel_config import kannel_config

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Part:
    """One supervised process. It has `stop_seconds` to end by itself; parts of a lower `priority` start first."""

    name: str
    command: tuple[str, ...]
    priority: int
    stop_seconds: int
    packages: tuple[str, ...] = ()
    """Our packages, or folders of them, whose change means a restart."""
    whole_group: bool = False
    """Whether the stop signal goes to its children, too: gunicorn and RQ tell their own, in good order."""


_SHARED = ("routing", "db", "scripts")


def parts(settings: Settings) -> tuple[Part, ...]:
    """Give the parts to run with these settings; an outside Redis (`redis_url`) leaves out ours."""
    python = sys.executable
    run = (python, "-m", "scripts.cli", "run")
    redis = Part("redis", ("redis-server", str(redis_config(settings))), 100, 10)
    others: tuple[Part, ...] = (
        Part("asterisk", (python, "-m", "scripts.asterisk_node"), 200, 10),
        Part("ivr", (*run, "ivr"), 300, 5, ("ivr", *_SHARED)),
        Part("router", (*run, "router"), 300, 5, _SHARED),
        Part("worker", (*run, "worker"), 400, 10, _SHARED),
        Part("scheduler", (*run, "scheduler"), 400, 5, _SHARED),
        Part("voice", (_python_with_voice(settings), *run[1:], "voice"), 500, 10, ("ivr/prompts", *_SHARED)),
        Part("console", (*run, "console"), 500, 10, ("agent_console", "ivr/prompts", *_SHARED)),
    )
    others = (*others, *_sms_parts(settings, run))
    return others if settings.redis_url else (redis, *others)


def _sms_parts(settings: Settings, run: tuple[str, ...]) -> tuple[Part, ...]:
    """Give the link to an SMPP carrier, where there is one, and what plays a carrier for `./scripts/up --sms`."""
    found = []
    if settings.sms_simulated:
        found.append(Part("sms_carrier", (*run, "sms_carrier"), 340, 5, _SHARED))
    if settings.sms_simulated == "kannel":
        # From warnings up, for below its log holds whole messages. Asked politely it may take half a minute to end;
        # its spool loses nothing.
        config = str(kannel_config(settings))
        found.append(Part("bearerbox", ("bearerbox", "-v", "2", config), 350, 3, _SHARED))
        found.append(Part("smsbox", ("smsbox", "-v", "2", config), 360, 3, _SHARED))
    if settings.smpp_address:
        found.append(Part("sms", (*run, "sms"), 400, 20, _SHARED))
    return tuple(found)


def _python_with_voice(settings: Settings) -> str:
    """Give the environment into which the offline voice was installed (docs/prompts.md); ours if there is none."""
    installed = settings.var_dir / "voice" / "venv" / "bin" / "python"
    return str(installed) if installed.is_file() else sys.executable


def redis_config(settings: Settings) -> Path:
    """Give the place of our Redis's configuration."""
    return settings.var_dir / "redis" / "redis.conf"


def render_redis_config(settings: Settings) -> str:
    """Write the configuration of our Redis: nothing is evicted, everything is on disk within a second."""
    folder = str(redis_config(settings).parent).replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {settings.redis_port}",
            f'dir "{folder}"',
            "daemonize no",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "",
        )
    )


def ivr_place(settings: Settings) -> Path:
    """Give the place of the socket at which the ivr that takes calls can be asked to hand over."""
    return settings.var_dir / "run" / "ivr.sock"


def log_file(settings: Settings, part: str) -> Path:
    """Give the log of one part."""
    return settings.var_dir / "log" / f"{part}.log"
