"""Settings of reports: what they leave out, how long files are kept, and the server that mails them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from routing import setting_forms as forms


class ReportSettings(BaseSettings):
    """What the other settings inherit."""

    test_numbers: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="numbers from which the line is tried, with commas: their calls count in no report"
    )
    report_keep_days: int = Field(400, ge=1, le=3660, description="how long reports made by schedule are kept")
    smtp_host: str = Field("", description="mail server for reports by schedule; empty: they are only kept")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="how the server is spoken to")
    smtp_user: str = Field("", description="user at the mail server; empty: none is asked for")
    smtp_password: SecretStr = Field(SecretStr(""), description="its password")
    smtp_sender: str = Field("", description="address that mail comes from, as elderline@example.org")
    console_url: str = Field("", description="where people reach the console, for links in mail; empty: no links")

    _numbers = field_validator("test_numbers", mode="before")(forms.words)
