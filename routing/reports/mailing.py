"""Mail of reports: what a mail says, and the server that takes it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Protocol

from routing.report_settings import ReportSettings
from routing.reports.sheets import FORMS, Say, name_of, shown
from routing.reports.tables import Column, Kind, Report, Value

SMTP_SECONDS: Final = 10.0
"""Each answer of the server is waited for so long."""
ATTACHED: Final = frozenset({"service", "standard", "demand", "ratings"})
"""Reports that name nobody who works here, and so may be sent as they are. Of the others a mail has the link: the page
asks who is there. No report holds personal data of elders."""


class NotMailed(Exception):
    """The server did not take a mail; the text says why, without an address."""


@dataclass(frozen=True)
class Mail:
    """A mail. `key` makes its Message-ID: the same mail, sent again after a crash, is known as the same."""

    key: str
    to: tuple[str, ...] = field(repr=False)
    message: EmailMessage = field(repr=False)


class Mailer(Protocol):
    """Hands mails over."""

    @property
    def ready(self) -> bool:
        """Whether there is a server."""

    def send(self, mail: Mail) -> str:
        """Hand a mail over; give what the server did not like about it, or nothing. Raises NotMailed."""


class SmtpMailer:
    """Speaks SMTP to the server of the settings."""

    def __init__(self, settings: ReportSettings) -> None:
        self._settings = settings

    @property
    def ready(self) -> bool:
        return bool(self._settings.smtp_host and self._settings.smtp_sender)

    def send(self, mail: Mail) -> str:
        known, message = self._settings, mail.message
        message["From"] = known.smtp_sender
        message["To"] = ", ".join(mail.to)
        message["Message-ID"] = f"<{mail.key}@{known.smtp_sender.rpartition('@')[2]}>"
        context = ssl.create_default_context()
        try:
            with self._connect(context) as server:
                if known.smtp_security == "starttls":
                    server.starttls(context=context)
                if known.smtp_user:
                    server.login(known.smtp_user, known.smtp_password.get_secret_value())
                refused = server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise NotMailed(f"the server refused all {len(error.recipients)} recipients") from error
        except smtplib.SMTPResponseException as error:
            raise NotMailed(f"the server said {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotMailed(f"no mail server ({type(error).__name__})") from error
        return f"the server refused {len(refused)} of {len(mail.to)} recipients" if refused else ""

    def _connect(self, context: ssl.SSLContext) -> smtplib.SMTP:
        known = self._settings
        if known.smtp_security == "tls":
            return smtplib.SMTP_SSL(known.smtp_host, known.smtp_port, timeout=SMTP_SECONDS, context=context)
        return smtplib.SMTP(known.smtp_host, known.smtp_port, timeout=SMTP_SECONDS)


def letter(made: Report, form: str, content: bytes, *, to: Sequence[str], key: str, link: str, say: Say) -> Mail:
    """Write the mail of a report: its first figures, the link, and the file if it names nobody."""
    message = EmailMessage()
    title = say("report_name", made.name)
    values = {"report": title, "first": made.first, "last": made.last}
    message["Subject"] = say("report_mail", "subject").format(**values)
    message["Date"] = format_datetime(made.made_at)
    lines = [say("report_mail", "begin").format(**values), ""]
    lines += [f"{say('report_column', code)}: {_shown(made, code, value, say)}" for code, value in made.facts.items()]
    if link:
        lines += ["", say("report_mail", "link"), link]
    message.set_content("\n".join(lines))
    if made.name in ATTACHED:
        main, _, sub = FORMS[form].partition(";")[0].partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name_of(made, form))
    return Mail(key, tuple(to), message)


def _shown(made: Report, code: str, value: Value, say: Say) -> str:
    columns = (column for table in made.tables for column in table.columns if column.code == code)
    return shown(value, next(columns, Column(code, Kind.SHARE)), say)
