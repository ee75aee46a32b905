"""Settings of SMS: which carrier, how it is spoken to, and how much may be sent when."""

from __future__ import annotations

import hashlib
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from routing import setting_forms as forms

Port = Annotated[int, Field(ge=1, le=65535)]


class SmsSettings(BaseSettings):
    """What the other settings inherit. At most one of `sms_url`, `sms_smpp` and `sms_simulated` is set."""

    sms_url: str = Field("", description="Kannel's sendsms URL; empty: development outbox shown by the API")
    sms_smpp: str = Field("", description="SMPP 3.4 carrier that we bind to ourselves, host:port; empty: none")
    sms_user: str = Field("", description="user of the sendsms URL, or SMPP's system_id (15 characters)")
    sms_password: SecretStr = Field(SecretStr(""), description="its password (SMPP: 8 characters)")
    sms_sender: str = Field("12349", description="number that SMS come from")
    sms_report_url: str = Field("", description="where the gateway brings delivery reports; empty: the console here")
    sms_inbound_secret: SecretStr = Field(SecretStr(""), description="if set, the webhooks want it as X-Elderline-Key")
    sms_system_type: str = Field("", max_length=12, description="SMPP: system_type, where the carrier wants one")
    sms_tls: bool = Field(False, description="SMPP: over TLS, with a certificate that the system trusts")
    sms_window: int = Field(10, ge=1, le=100, description="SMPP: messages under way without an answer")
    sms_rate: float = Field(10, ge=0, description="SMPP: short messages a second at most; 0: no limit")
    sms_plain: Literal["gsm7", "latin1", "ucs2"] = Field(
        "gsm7", description="alphabet of texts that it can hold, the rest is UCS-2; ucs2: all is"
    )
    sms_joined: Literal["parts", "payload"] = Field(
        "parts", description="SMPP: long texts in parts with a header, or as one message_payload"
    )
    sms_hours: str = Field(
        "", description="hours of SMS that are no answers, as 08:00-21:00; empty: all day in development"
    )
    sms_a_number: int = Field(20, ge=0, description="SMS a day to one number, but urgent ones; 0: no limit")
    sms_a_day: int = Field(0, ge=0, description="SMS a day in all, but urgent ones; 0: no limit")
    sms_away_minutes: float = Field(
        5, gt=0, description="/healthz is red when the carrier is away, or a message waits, so long"
    )
    sms_texts: Path | None = Field(None, description="YAML file of SMS texts that replace ours (docs/sms.md)")
    sms_simulated: Literal["", "kannel", "smpp"] = Field(
        "", description="a simulated carrier, through Kannel or directly; set by ./scripts/up --sms"
    )
    sms_carrier_port: Port = Field(2775, description="SMPP port of the simulated carrier, on loopback")
    kannel_port: Port = Field(13013, description="sendsms of the Kannel that `up --sms kannel` starts, on loopback")
    kannel_box_port: Port = Field(13001, description="where its boxes meet")
    kannel_admin_port: Port = Field(13000, description="its administration, on loopback")

    _smpp_form = field_validator("sms_smpp")(forms.host_and_port_or_nothing)
    _sms_hours_form = field_validator("sms_hours")(forms.hours)

    def check_sms(self) -> None:
        """Raises ValueError when two carriers are set, or one that nobody can be bound to."""
        if sum(map(bool, (self.sms_url, self.sms_smpp, self.sms_simulated))) > 1:
            raise ValueError(
                "set one of sms_url, sms_smpp and sms_simulated (./scripts/up --sms): there is one carrier"
            )
        if self.sms_smpp and not self.sms_user:
            raise ValueError("sms_smpp wants sms_user and sms_password: the carrier's system_id and password")
        if self.sms_smpp and (len(self.sms_user) > 15 or len(self.sms_password.get_secret_value()) > 8):
            raise ValueError("SMPP knows a sms_user of 15 and a sms_password of 8 characters at most")

    @property
    def smpp_address(self) -> tuple[str, int] | None:
        """Host and port of the carrier that we bind to, if any."""
        if self.sms_simulated == "smpp":
            return "127.0.0.1", self.sms_carrier_port
        host, _, port = self.sms_smpp.rpartition(":")
        return (host.strip("[]"), int(port)) if self.sms_smpp else None

    @property
    def sms_gateway(self) -> str:
        """URL of the sendsms to use, if any."""
        if self.sms_simulated == "kannel":
            return f"http://127.0.0.1:{self.kannel_port}/cgi-bin/sendsms"
        return self.sms_url

    def sms_account(self, secret: str) -> tuple[str, str]:
        """User and password at the carrier; of a simulated one derived from `secret`, so that only we know it."""
        if self.sms_simulated:
            return "elderline", hashlib.sha256(f"simulated carrier {secret}".encode()).hexdigest()[:8]
        return self.sms_user, self.sms_password.get_secret_value()

    def sms_open(self, *, development: bool) -> tuple[time, time]:
        """Local time of day between which SMS go that are no answers."""
        if development and not self.sms_hours:
            return time(), time()  # From midnight to midnight.
        first, last = (self.sms_hours or "08:00-21:00").split("-")
        return time.fromisoformat(first), time.fromisoformat(last)
