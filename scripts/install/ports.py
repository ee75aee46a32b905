"""Ports, asked for before anything is started, so that a taken one is named with its setting and its holder."""

from __future__ import annotations

import errno
import socket
from collections.abc import Collection
from dataclasses import dataclass

import psutil

from routing.settings import Settings
from scripts.install.steps import Trouble


@dataclass(frozen=True)
class WantedPort:
    """A port that one of our parts listens on."""

    setting: str
    host: str
    port: int
    kind: socket.SocketKind

    @property
    def variable(self) -> str:
        """The name under which whoever reads the message can change it."""
        return f"ELDERLINE_{self.setting.upper()}"


def wanted_ports(settings: Settings) -> tuple[WantedPort, ...]:
    """Give all listening ports of one instance but those of RTP, of which Asterisk takes any free ones."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    redis = () if settings.redis_url else (WantedPort("redis_port", "127.0.0.1", settings.redis_port, tcp),)
    return (
        *redis,
        *_sms_ports(settings),
        WantedPort("sip_port", settings.bind_address, settings.sip_port, udp),
        WantedPort("http_port", settings.bind_address, settings.http_port, tcp),
        WantedPort("ami_port", "127.0.0.1", settings.ami_port, tcp),
        WantedPort("agi_port", "127.0.0.1", settings.agi_port, tcp),
        WantedPort("web_port", settings.web_host, settings.web_port, tcp),
    )


def _sms_ports(settings: Settings) -> tuple[WantedPort, ...]:
    kannel = ("kannel_port", "kannel_box_port", "kannel_admin_port") if settings.sms_simulated == "kannel" else ()
    names = ("sms_carrier_port", *kannel) if settings.sms_simulated else ()
    return tuple(WantedPort(name, "127.0.0.1", getattr(settings, name), socket.SOCK_STREAM) for name in names)


def need_ports(settings: Settings, ours: Collection[int]) -> None:
    """Raise Trouble for the first port that another than the processes `ours` (by id) holds, or that cannot be had."""
    for wanted in wanted_ports(settings):
        family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
        with socket.socket(family, wanted.kind) as probe:
            if wanted.kind == socket.SOCK_STREAM:
                # Connections of the last run that linger in TIME_WAIT are no reason against listening again.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((wanted.host, wanted.port))
            except OSError as error:
                holder = _holder(wanted)
                if error.errno == errno.EADDRINUSE and holder is not None and holder.pid in ours:
                    continue
                raise Trouble(_sentence(wanted, error, holder)) from error


def _sentence(wanted: WantedPort, error: OSError, holder: psutil.Process | None) -> str:
    kind = "UDP" if wanted.kind == socket.SOCK_DGRAM else "TCP"
    if error.errno == errno.EADDRINUSE:
        by = f" by {holder.name()} (process {holder.pid})" if holder else ""
        return f"{kind} port {wanted.port} is taken{by}: end that, or set {wanted.variable} to a free port"
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"this machine has no address {wanted.host}, on which {wanted.variable}={wanted.port} is to listen"
    return f"{kind} port {wanted.port} of {wanted.host} cannot be had ({error.strerror}): change {wanted.variable}"


def _holder(wanted: WantedPort) -> psutil.Process | None:
    try:
        for each in psutil.net_connections("tcp" if wanted.kind == socket.SOCK_STREAM else "udp"):
            listens = each.status == psutil.CONN_LISTEN or wanted.kind == socket.SOCK_DGRAM
            if each.laddr and each.laddr.port == wanted.port and listens and each.pid:
                return psutil.Process(each.pid)
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return None
    return None
