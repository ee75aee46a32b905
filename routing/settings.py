"""Frozen settings, read from the environment (``ELDERLINE_*``) and from ``.env`` files, and checked at the start."""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from routing import setting_forms as forms
from routing.desk_settings import DeskSettings
from routing.report_settings import ReportSettings
from routing.sms_settings import Port, SmsSettings

Seconds = Annotated[float, Field(ge=0)]


class Settings(SmsSettings, ReportSettings, DeskSettings):
    """All that can be set. Times are in seconds, money in fen, sizes in bytes; nothing changes after the start."""

    model_config = SettingsConfigDict(env_prefix="ELDERLINE_", frozen=True, extra="ignore", hide_input_in_errors=True)

    profile: Literal["development", "production"] = Field("development", description="development shows demo logins")
    var_dir: Path = Field(Path("var"), description="folder of all that is made at run time")
    cache_dir: Path = Field(Path("/var/cache/elderline"), description="folder of the Asterisk root file system")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level that is logged")
    timezone: str = Field("Asia/Shanghai", description="zone of opening hours, call hours and spoken times")
    language: Literal["zh-CN", "en"] = Field("zh-CN", description="first language of voice and pages")
    country: str = Field("CN", description="ISO 3166 country that plain phone numbers belong to")
    area_code: str = Field("0931", description="area code of local fixed-line numbers (Lanzhou)")

    # Stores
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite at var/elderline.db")
    redis_port: Port = Field(6390, description="port of the Redis that `up` starts on loopback")
    redis_url: str = Field("", description="Redis to use instead of the one that `up` starts")
    field_key: SecretStr = Field(SecretStr(""), description="base64 of 32 bytes: AES-GCM key of personal fields")
    index_key: SecretStr = Field(SecretStr(""), description="base64 of 32 bytes: key of the blind indexes")
    session_key: SecretStr = Field(SecretStr(""), description="key that signs web sessions")

    # Asterisk
    bind_address: str = Field("127.0.0.1", description="address for SIP and RTP")
    sip_port: Port = Field(5060, description="SIP over UDP: carrier and agents' phones")
    http_port: Port = Field(8088, description="Asterisk's HTTP: SIP over WebSocket at /ws")
    browser_phone_url: str = Field(
        "", description="where browsers' phones reach Asterisk, as wss://desk.example.org/ws; empty: directly"
    )
    rtp_first: Port = Field(10000, description="first RTP port")
    rtp_last: Port = Field(11999, description="last RTP port")
    ami_port: Port = Field(5038, description="Asterisk manager interface, on loopback")
    ami_secret: SecretStr = Field(SecretStr(""), description="secret of the manager user `elderline`")
    asterisk_root: Path | None = Field(None, description="root file system with Asterisk; unset: found by `up`")
    node: str = Field("a", description="name of the Asterisk node that `up` starts")
    agi_port: Port = Field(4573, description="FastAGI server of the voice flows, on loopback")
    carrier_address: str = Field("127.0.0.1:5090", description="where calls to the carrier are sent, host:port")
    did_hotline: str = Field("12349", description="number of the hotline")
    did_sos: str = Field("12340", description="number that one-key phones dial")
    did_visits: str = Field("12348", description="number that care workers dial from the elder's phone")
    did_companies: str = Field("12347", description="number that service companies dial")
    record_calls: bool = Field(True, description="record calls between callers and agents")
    call_folders: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="folders of nodes' call files, as a=/path,b=/path; empty: the folder of our own node"
    )
    call_file_bytes: int = Field(20_000_000, ge=10_000, description="a call file that has grown so far is put aside")
    call_files_kept: int = Field(20, ge=1, description="call files that were put aside and are kept")
    call_file_days: int = Field(30, ge=1, description="call files that were put aside go after so many days")
    max_calls: int = Field(250, ge=1, description="calls in flows at once on one ivr process; more go to the fallback")
    drain_seconds: float = Field(
        600.0, gt=0, description="calls in flows go on for so long when ivr is restarted; then they go to the fallback"
    )

    # Web
    web_host: str = Field("127.0.0.1", description="address of the web console")
    web_port: Port = Field(8000, description="port of the web console")
    session_minutes: int = Field(720, ge=1, description="web sessions end after so many minutes without a request")

    session_hours: int = Field(24, ge=1, le=24 * 31, description="and after so many hours, whatever is asked for")

    # Routing
    extension_first: int = Field(1001, description="first agent extension")
    extension_count: int = Field(20, ge=1, le=500, description="agent accounts in Asterisk's configuration")
    ready_on_register: bool = Field(True, description="an agent's SIP phone that registers makes them ready")
    ring_seconds: Seconds = Field(20, description="an agent's phone rings so long before the call goes on")
    guest_ring_seconds: Seconds = Field(45, description="120 or a relative rings so long for a conference")
    emergency_numbers: Annotated[tuple[Annotated[str, Field(pattern="^[0-9]{2,15}$")], ...], NoDecode] = Field(
        ("120", "110", "119"), description="whom an agent may add to any talk by one key, in order, with commas"
    )
    board_longest_warn_seconds: float = Field(15, gt=0, description="the large screen warns of a wait so long")
    board_longest_alarm_seconds: float = Field(60, gt=0, description="and alarms of one so long")
    board_waiting_warn: int = Field(5, ge=1, description="the large screen warns when so many callers wait")
    board_waiting_alarm: int = Field(15, ge=1, description="and alarms when so many do")
    board_service_warn_percent: float = Field(95, ge=0, le=100, description="it warns when fewer were answered in 15 s")
    board_service_alarm_percent: float = Field(85, ge=0, le=100, description="and alarms when fewer were")
    sos_alarm_minutes: float = Field(5, gt=0, description="an open SOS alarms after so long without a person on it")
    wrap_up_seconds: Seconds = Field(20, description="time for notes after a call")
    page_back_seconds: Seconds = Field(
        12, description="an agent's page that is left in a talk, as by a reload, may take it up again for so long"
    )
    rest_seconds: Seconds = Field(30, description="rest after a missed call; the second miss in a row pauses")
    skill_relax_seconds: Seconds = Field(60, description="a required skill becomes a preference after this wait")
    sos_widen_seconds: Seconds = Field(5, description="an SOS without an idle agent then rings busy-with-notes agents")
    sos_outside_seconds: Seconds = Field(20, description="an SOS without an answer then goes to the outside number")
    sos_outside_number: str = Field("", description="outside number for SOS, dialled over the carrier; empty: none")
    duty_numbers: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="duty phones, in order, with commas, while the database has no rota of them"
    )
    message_after_seconds: Seconds = Field(60, description="nobody logged in by day: a message is taken then")
    heartbeat_seconds: Seconds = Field(15, description="no router heartbeat for so long moves callers to the fallback")
    announce_first_seconds: Seconds = Field(5, description="a caller in hold hears their place after so long")
    announce_every_seconds: Annotated[float, Field(ge=20)] = Field(45, description="and again so long after the last")
    callback_offer_seconds: Seconds = Field(
        15, description="whoever waits so long, or will by the estimate, is offered a call-back"
    )
    promise_attempts: int = Field(3, ge=1, description="calls of a promised call-back before a person takes over")
    promise_retry_seconds: Seconds | None = Field(
        None, description="time between these calls; unset: 10 in development, 600 otherwise"
    )

    # Orders and outreach
    offer_seconds: Seconds = Field(600, description="time a company has to accept an offer")
    offer_rounds: int = Field(3, ge=1, description="offers before a supervisor decides")
    overdue_minutes: str = Field(
        "", description="minutes an order may stand in a state, as offered=20,unassigned=30; the rest as usual"
    )
    overdue_climb_minutes: float = Field(
        15, ge=1, description="time before an overdue order climbs: desk, supervisor, duty phones"
    )
    visit_late_minutes: float = Field(
        15, gt=0, description="a visit that has not begun so long after its time alerts desk and elder"
    )
    visit_count_minutes: int = Field(
        15, ge=1, le=60, description="worked time is counted to the nearest so many minutes (docs/visits.md)"
    )
    plan_ahead_days: int = Field(3, ge=1, le=30, description="planned orders are made so many days ahead")
    plan_offer_hours: float = Field(5, gt=0, le=48, description="a planned order is offered so long before it is due")
    plan_batch_hour: int = Field(1, ge=0, le=6, description="hour of the night in which planned orders are assigned")
    callback_delay_seconds: Seconds | None = Field(
        None, description="check-out to call-back; unset: 10 in development, 1800 otherwise"
    )
    callback_attempts: int = Field(3, ge=1, description="calls without answer before an SMS asks instead")
    callback_retry_seconds: Seconds | None = Field(
        None, description="time between attempts; unset: 10 in development, 7200 otherwise"
    )
    callback_leaves_message: bool = Field(
        True, description="who presses nothing in a call-back, perhaps a machine, is told once who called"
    )
    wellbeing_every_seconds: Annotated[float, Field(ge=1, le=1200)] = Field(
        1200, description="time between two tries of a daily call; three must fit into an hour"
    )
    wellbeing_look_in_seconds: Seconds = Field(
        900, description="a relative who goes and looks in is rung again so long after"
    )
    call_hours: str = Field("", description="hours of automatic calls, as 08:00-21:00; empty: all day in development")
    outbound_lines: int = Field(10, ge=1, description="lines that automatic calls may take at once, at the most")
    trunk_lines: int = Field(60, ge=1, description="lines of the trunk, in and out")
    outbound_share: float = Field(0.3, gt=0, le=1, description="share of them that automatic calls may take")
    abandoned_limit: float = Field(0.03, gt=0, le=1, description="answered automatic calls that may find no person")
    abandoned_after_seconds: Seconds = Field(
        20, description="whoever asked for a person in an automatic call and found none in this time counts so"
    )
    call_fen_a_minute: int = Field(10, ge=0, description="what the carrier charges for a minute begun, in fen")
    sms_fen_a_part: int = Field(5, ge=0, description="what the carrier charges for a part of an SMS, in fen")
    campaign_reserve: float = Field(
        0.25, ge=0, lt=1, description="share of the agents who are in whom group messages leave to inbound callers"
    )
    campaign_quiet_seconds: Seconds = Field(
        120, description="so long after anybody waited group messages stand still, but for orange and red warnings"
    )
    outbound_ring_seconds: Seconds = Field(30, description="ring of an automatic call")

    _split = field_validator("duty_numbers", "call_folders", "emergency_numbers", mode="before")(forms.words)
    _folders = field_validator("call_folders")(forms.folders)
    _hours = field_validator("call_hours")(forms.hours)
    _overdue = field_validator("overdue_minutes")(forms.overdue_minutes)
    _address = field_validator("bind_address")(forms.address)
    _host_and_port = field_validator("carrier_address")(forms.host_and_port)
    _websocket = field_validator("browser_phone_url")(forms.websocket)
    _zone = field_validator("timezone")(forms.zone)

    @model_validator(mode="after")
    def _ports_differ(self) -> Settings:
        tcp = [self.redis_port, self.http_port, self.ami_port, self.agi_port, self.web_port]
        if len(set(tcp)) != len(tcp):
            raise ValueError("redis_port, http_port, ami_port, agi_port and web_port must all differ")
        if self.outbound_ring_seconds < 20 and not self.development:
            raise ValueError("outbound_ring_seconds must be 20 at least: elders need their time to reach the telephone")
        if self.sms_simulated:
            tcp += [self.sms_carrier_port, self.kannel_port, self.kannel_box_port, self.kannel_admin_port]
            if len(set(tcp)) != len(tcp):
                raise ValueError("sms_carrier_port and the ports of Kannel must differ from each other and all others")
        self.check_sms()
        if self.rtp_last - self.rtp_first < 3:
            raise ValueError("rtp_last must lie above rtp_first, with room for at least two calls")
        return self

    @property
    def development(self) -> bool:
        return self.profile == "development"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the database in use."""
        return self.database_url or f"sqlite:///{(self.var_dir / 'elderline.db').resolve()}"

    @property
    def redis(self) -> str:
        """URL of the Redis in use."""
        return self.redis_url or f"redis://127.0.0.1:{self.redis_port}/0"

    @property
    def own_prompts(self) -> Path:
        """Folder of the sounds that were made on this machine (docs/prompts.md)."""
        return self.var_dir / "prompts"

    @property
    def browser_phones(self) -> str:
        """Address of the WebSocket over which browsers' phones register."""
        host = f"[{self.bind_address}]" if ":" in self.bind_address else self.bind_address
        return self.browser_phone_url or f"ws://{host}:{self.http_port}/ws"

    @property
    def sms_reports(self) -> str:
        """URL of the web hook for delivery reports, as the gateway reaches it."""
        here = "127.0.0.1" if self.web_host in ("0.0.0.0", "::", "") else self.web_host  # These listen on all.
        here = f"[{here}]" if ":" in here else here
        return self.sms_report_url or f"http://{here}:{self.web_port}/sms/report"

    @property
    def call_files(self) -> dict[str, Path]:
        """The folder of each node's call files."""
        given = (each.partition("=") for each in self.call_folders)
        own = self.var_dir / "asterisk" / "log" / "cel-custom"
        return {name: Path(folder) for name, _, folder in given} or {self.node: own}

    @property
    def callback_delay(self) -> float:
        """Seconds from check-out to the call-back."""
        if self.callback_delay_seconds is not None:
            return self.callback_delay_seconds
        return 10.0 if self.development else 1800.0

    @property
    def callback_retry(self) -> float:
        """Seconds between two attempts of one call-back."""
        if self.callback_retry_seconds is not None:
            return self.callback_retry_seconds
        return 10.0 if self.development else 7200.0

    @property
    def promise_retry(self) -> float:
        """Seconds between two calls of one promised call-back."""
        if self.promise_retry_seconds is not None:
            return self.promise_retry_seconds
        return 10.0 if self.development else 600.0

    @property
    def calling_hours(self) -> tuple[time, time]:
        """Local time of day between which automatic calls may begin (FTC and Ofcom: 8:00 to 21:00)."""
        hours = self.call_hours or ("00:00-23:59" if self.development else "08:00-21:00")
        first, last = hours.split("-")
        return time.fromisoformat(first), time.fromisoformat(last)


def load_settings(root: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings of the checkout at `root` (default: the working folder).

    Later sources win: defaults, ``var/secrets.env`` (made by ``./scripts/up``), ``.env``, the environment, `overrides`.
    Relative folders are taken from `root`. Raises pydantic's ValidationError, which names each bad setting.
    """
    base = (root or Path.cwd()).resolve()
    var = Path(overrides.get("var_dir") or _early("ELDERLINE_VAR_DIR", base) or "var")
    var = var if var.is_absolute() else base / var
    files = tuple(path for path in (var / "secrets.env", base / ".env") if path.is_file())
    overrides["var_dir"] = var
    return Settings(_env_file=files or None, _env_file_encoding="utf-8", **overrides)  # type: ignore[call-arg]  # pydantic-settings takes these at run time


def _early(name: str, base: Path) -> str | None:
    """Find one setting before the others: the folder that tells where the secrets lie."""
    if name in os.environ:
        return os.environ[name]
    return dotenv_values(base / ".env").get(name) if (base / ".env").is_file() else None
