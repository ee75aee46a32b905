"""Render Asterisk's configuration from the templates in dialplans/."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from routing.calls.demo_phones import demo_phones
from routing.calls.hours_now import DUTY_SECONDS
from routing.numbers import as_dialled
from routing.settings import Settings
from scripts.asterisk_modules import MODULES
from scripts.asterisk_root import find_root, module_dir

TEMPLATES = Path(__file__).resolve().parent.parent / "dialplans"
SOUNDS = Path(__file__).resolve().parent.parent / "ivr" / "prompts" / "sounds"
VIEW = "/run/elderline"
"""The instance's folder as Asterisk sees it, mounted privately by scripts.asterisk_node."""
FOLDERS = ("log", "log/cdr-csv", "log/cel-custom", "etc", "lib/keys", "spool", "run", "recordings", "prompts")
PRIVATE = ("log/cdr-csv", "log/cel-custom")
"""Folders of files with callers' numbers in them: nobody but Asterisk's user and root looks into them."""
SOS_HEARTBEAT_SECONDS = 10
"""An SOS is not held by a router that has missed two heartbeats (one is due every five seconds)."""
DEFAULTS_WILL_DO = ("ccss", "pjproject", "queuerules", "stasis", "udptl")
"""Files that Asterisk complains about when they are missing, though its defaults are right."""


@dataclass(frozen=True)
class AgentAccount:
    """A SIP account: the extension is the user's name too."""

    extension: str
    secret: str


def render(
    settings: Settings, target: Path, accounts: Sequence[AgentAccount], duty_numbers: Sequence[str] | None = None
) -> list[str]:
    """Write the configuration of one node under `target` (``<var>/asterisk``); give the names of changed files.

    `duty_numbers`, as the carrier dials them, are rung when Asterisk is alone; without them, those of the settings.

    Secrets end in files of mode 0600. Raises NoAsteriskError when no Asterisk is installed yet, and ValueError for an
    account that could not stand in a configuration file.
    """
    for account in accounts:
        if not (account.extension.isdigit() and account.secret.isalnum()):
            raise ValueError(
                f"the SIP account of agent {account.extension} must be digits, its secret letters and digits"
            )
    for folder in FOLDERS:
        (target / folder).mkdir(parents=True, exist_ok=True)
        if folder in PRIVATE:
            (target / folder).chmod(0o700)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False  # noqa: S701  # Configuration files, not HTML.
    )  # fmt: skip
    values = _values(settings, accounts)
    if duty_numbers is not None:
        values["duty_numbers"] = tuple(duty_numbers)
    changed = []
    for name in DEFAULTS_WILL_DO:
        (target / "etc" / f"{name}.conf").write_text("; Asterisk's defaults are right.\n", encoding="utf-8")
    for template in sorted(TEMPLATES.glob("*.conf.j2")):
        text = environment.get_template(template.name).render(values)
        path = target / "etc" / template.name.removesuffix(".j2")
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
            changed.append(path.name)
    return changed


def _dids(settings: Settings) -> tuple[str, ...]:
    return (settings.did_hotline, settings.did_sos, settings.did_visits, settings.did_companies)


def _literally(number: str) -> str:
    """Write a number so that a regular expression means it: +86 too, and without backslashes, which the file eats."""
    return "".join(letter if letter.isalnum() else f"[{letter}]" for letter in number)


def _addresses(host: str) -> list[str]:
    """Give the carrier's IPv4 addresses, for an access list, which takes no names. None while the name is not known."""
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        return []
    return sorted({str(address[0]) for *_, address in found})


def _values(settings: Settings, accounts: Sequence[AgentAccount]) -> dict[str, object]:
    root = find_root(settings)
    folder = root / module_dir(root).lstrip("/")
    host = settings.carrier_address.rsplit(":", 1)[0]
    return {
        **settings.model_dump(),
        "ami_secret": settings.ami_secret.get_secret_value(),
        "agi": f"agi://127.0.0.1:{settings.agi_port}",
        "prompts": f"{VIEW}/prompts/{settings.language}",
        "module_dir": module_dir(root),
        # A system's package may lack one of them (a codec, say); Asterisk would only warn, and we want a quiet log.
        "modules": [name for name in MODULES if (folder / f"{name}.so").is_file()],
        "heartbeat": int(settings.heartbeat_seconds),
        "sos_heartbeat": min(int(settings.heartbeat_seconds), SOS_HEARTBEAT_SECONDS),
        "sos_outside_seconds": int(settings.sos_outside_seconds),
        "duty_seconds": round(DUTY_SECONDS),
        "wrap_up_seconds": int(settings.wrap_up_seconds),
        "carrier_host": host,
        "carrier_addresses": _addresses(host),
        "did_pattern": "|".join(_literally(number) for number in _dids(settings)),
        # Since 20.8 and 21.3; Ubuntu's 20.6 would not start with an option that it does not know.
        "takes_request_uri": b"match_request_uri" in (folder / "res_pjsip_endpoint_identifier_ip.so").read_bytes(),
        "agents": "X" * len(str(settings.extension_first)),
        "accounts": accounts,
        "demo_phones": [
            {"user": each.user, "secret": each.secret, "number": as_dialled(each.number, settings.country)}
            for each in demo_phones(settings)
        ],
        "dids": _dids(settings),
    }
