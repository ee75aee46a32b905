"""Kannel's configuration for `./scripts/up --sms kannel`: its two boxes between us and the simulated carrier."""

from __future__ import annotations

import os
from pathlib import Path

from routing.settings import Settings

_TEXT = """\
group = core
admin-port = {admin}
admin-password = {password}
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
dlr-storage = internal
store-type = spool
store-location = "{spool}"

group = smsc
smsc = smpp
smsc-id = carrier
host = 127.0.0.1
port = {carrier}
transceiver-mode = true
smsc-username = "{user}"
smsc-password = "{password}"
system-type = ""
reconnect-delay = 2
enquire-link-interval = 15

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = "{sender}"
mo-recode = true
http-request-retry = 60
http-queue-delay = 5

group = sendsms-user
username = "{user}"
password = "{password}"
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://{web}/sms/inbound?from=%p&to=%P&text=%b&ts=%T&id=%I"
{header}"""


def kannel_config(settings: Settings) -> Path:
    """Give the place of the configuration."""
    return settings.var_dir / "kannel" / "kannel.conf"


def render_kannel_config(settings: Settings) -> str:
    """Write it. Kannel quotes with double quotes, and knows no way to quote one within."""
    user, password = settings.sms_account(settings.index_key.get_secret_value())
    secret = settings.sms_inbound_secret.get_secret_value()
    return _TEXT.format(
        admin=settings.kannel_admin_port, box=settings.kannel_box_port, sendsms=settings.kannel_port,
        carrier=settings.sms_carrier_port, user=user, password=password, sender=settings.sms_sender,
        spool=kannel_config(settings).parent / "spool", web=settings.sms_reports.split("/")[2],
        header=f'get-headers = "X-Elderline-Key: {secret}"\n' if secret else "",
    )  # fmt: skip


def write_kannel_config(settings: Settings) -> None:
    """Write the file, for its owner's eyes only: it holds a password."""
    path = kannel_config(settings)
    (path.parent / "spool").mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(render_kannel_config(settings))
